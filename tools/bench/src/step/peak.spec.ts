import { expect, test } from '@jest/globals';
import { productSpeed } from './peak.js';
import type { CountedProduct } from './products.js';

const product = (op: 'gemm' | 'matmul', n: number, count: number): CountedProduct => ({
  op,
  batch: op === 'gemm' ? [] : [2],
  n,
  k: 1000,
  m: 500,
  transposeA: false,
  transposeB: false,
  rowsFirstA: false,
  rowsFirstB: false,
  count,
});

test('the peak is what the bare Gemms do, by what they take', () => {
  const speed = productSpeed([
    { product: product('gemm', 1000, 3), milliseconds: 10 }, // 1 GFLOP at 100 GFLOP/s, three times
    { product: product('gemm', 2000, 1), milliseconds: 10 }, // 2 GFLOP at 200 GFLOP/s
    { product: product('matmul', 500, 2), milliseconds: 20 }, // 1 GFLOP at 50 GFLOP/s, twice
  ]);
  expect(speed.flops).toBe(7e9);
  expect(speed.gemmPeak).toBeCloseTo(5000 / (3 * 10 + 10), 9);
  expect(speed.attentionPeak).toBeCloseTo(50, 9);
  expect(speed.milliseconds).toBe(3 * 10 + 10 + 2 * 20);
});

test('a product so short that no time is left of it does not make the peak', () => {
  const speed = productSpeed([
    { product: product('gemm', 1000, 1), milliseconds: 10 },
    { product: product('gemm', 2, 1), milliseconds: 1e-6 },
  ]);
  expect(speed.gemmPeak).toBeLessThan(101);
});
