/** Products in INT8 against the same whole numbers added up here, and tables whose rows are the very numbers that are stored. */
import { expect, test } from '@jest/globals';
import { dequantiseRows, quantiseRows, random } from '../foundation/index.js';
import { createGraph, gatherRows, gemm, input, mul, output, type Value } from '../graph/index.js';
import { openOnnxModel } from '../runtime/index.js';
import {
  encodeOnnx,
  lowerGraph,
  quantisableWeights,
  quantiseOnnx,
  scaleName,
  transposeInt8,
  type BakedTensor,
} from './index.js';

const [rows, inputs, outputs] = [5, 70, 9];
const rng = random(3, 'quantise');
const normals = (count: number, spread: number) => Float32Array.from({ length: count }, () => spread * rng.normal());
const weight = normals(outputs * inputs, 0.3);
const bias = normals(outputs, 1);
const table = normals(11 * 4, 2);

const onnx = (build: (weight: Value, x: Value) => Value) => {
  const graph = createGraph('products');
  output('y', build(input(graph, 'w', [outputs, inputs]), input(graph, 'x', ['rows', inputs])));
  return lowerGraph(graph, { precision: 'float32', provider: 'cpu' });
};
const product = (w: Value, x: Value) => gemm(x, w, { c: input(x.graph, 'b', [outputs]), transposeB: true });

/** Round half to even, as IEEE 754 rounds. */
function roundEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/** What `DynamicQuantizeLinear` of ONNX makes of a tensor: unsigned numbers with one scale, around a zero point that stands for 0 exactly. */
function quantiseTensor(x: Float32Array) {
  const [least, most] = [Math.min(0, ...x), Math.max(0, ...x)];
  const scale = Math.fround(Math.fround(most - least) / 255);
  const zero = roundEven(Math.min(255, Math.max(0, Math.fround(-least / scale))));
  const numbers = Array.from(x, (value) => Math.min(255, Math.max(0, roundEven(Math.fround(value / scale)) + zero)));
  return { scale, zero, numbers };
}

test.each([
  ['of both signs', (x: number) => x],
  ['positive', Math.abs],
  ['of one large number', (x: number, i: number) => (i === 3 ? 60 : x)],
])('a product in INT8 is the sum of products of whole numbers, times the scales: inputs %s', async (_, change) => {
  const x = normals(rows * inputs, 1.5).map((value, i) => change(value, i));
  // 7 bits, so that no CPU's kernel overflows.
  const { data, scales } = quantiseRows(weight, outputs, { largest: 63 });
  const weights = new Map<string, BakedTensor>([
    ['w', { shape: [inputs, outputs], data: transposeInt8(data, outputs) }],
    [scaleName('w'), { shape: [outputs], data: scales }],
    ['b', { shape: [outputs], data: bias }],
  ]);
  const program = await openOnnxModel(encodeOnnx(quantiseOnnx(onnx(product), new Set(['w'])), { weights }));
  const y = (await program.run({ x: { data: x, shape: [rows, inputs] } }, { y: null }))['y']!;
  await program.release();
  expect(y.shape).toEqual([rows, outputs]);
  const { scale, zero, numbers } = quantiseTensor(x);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < outputs; column++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += (numbers[row * inputs + i]! - zero) * data[column * inputs + i]!;
      const unit = scale * scales[column]!;
      const got = (Number(y.data[row * outputs + column]) - bias[column]!) / unit;
      expect(Math.abs(got - sum)).toBeLessThan(0.01);
    }
  }
});

test('rows of a table are the stored numbers times their row’s scale', async () => {
  const graph = createGraph('rows');
  output('y', gatherRows(input(graph, 'table', [11, 4]), input(graph, 'ids', ['n'], 'int64')));
  const lowered = lowerGraph(graph, { precision: 'float32', provider: 'cpu' });
  expect([...quantisableWeights(lowered)]).toEqual([['table', 'table']]);
  const stored = quantiseRows(table, 11);
  const weights = new Map<string, BakedTensor>([
    ['table', { shape: [11, 4], data: stored.data }],
    [scaleName('table'), { shape: [11, 1], data: stored.scales }],
  ]);
  const program = await openOnnxModel(encodeOnnx(quantiseOnnx(lowered, new Set(['table'])), { weights }));
  const ids = BigInt64Array.of(10n, 0n, 3n, 3n);
  const { data } = (await program.run({ ids: { data: ids, shape: [4] } }, { y: null }))['y']!;
  await program.release();
  const meant = dequantiseRows(stored);
  expect([...data]).toEqual([...ids].flatMap((id) => [...meant.subarray(Number(id) * 4, Number(id) * 4 + 4)]));
});

test('each row’s largest number is 127, zeros stay zeros, and no value is off by more than half a step', () => {
  const values = table.map((value, i) => (i < 4 ? 0 : value));
  const { data, scales } = quantiseRows(values, 11);
  expect([...data.subarray(0, 4), scales[0]]).toEqual([0, 0, 0, 0, 1]);
  for (let row = 1; row < 11; row++)
    expect(Math.max(...[...data.subarray(row * 4, row * 4 + 4)].map(Math.abs))).toBe(127);
  dequantiseRows({ data, scales }).forEach((value, i) =>
    expect(Math.abs(value - values[i]!)).toBeLessThan(0.5001 * scales[Math.floor(i / 4)]!),
  );
});

test('weights that something else reads, or that are scaled on the way, stay as they are', () => {
  expect([...quantisableWeights(onnx(product))]).toEqual([['w', 'product']]);
  expect(quantisableWeights(onnx((w, x) => mul(product(w, x), gemm(x, mul(w, w), { transposeB: true })))).size).toBe(0);
  expect(quantisableWeights(onnx((w, x) => gemm(x, w, { transposeB: true, alpha: 0.5 }))).size).toBe(0);
  expect(quantisableWeights(onnx((w, x) => gemm(w, x, { transposeB: true }))).size).toBe(0);
});
