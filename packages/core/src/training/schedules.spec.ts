/** Learning-rate schedules beside Hugging Face's and beside values computed by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scheduleFactor, type ScheduleName } from './index.js';

const mirror = process.env['FIELDCRAFT_MIRROR'];
const mirrored = mirror ? test : test.skip;

mirrored(
  `every schedule equals Hugging Face's at every step${mirror ? '' : ' (skipped: FIELDCRAFT_MIRROR is not set)'}`,
  () => {
    const { warmup, total, multipliers } = JSON.parse(
      readFileSync(join(mirror as string, 'fixtures/reference/optimizers/schedules.json'), 'utf8'),
    ) as { warmup: number; total: number; multipliers: Record<string, number[]> };
    expect(Object.keys(multipliers).sort()).toEqual(['constant', 'cosine', 'linear', 'polynomial']);
    // Written with power 2 and Hugging Face's default end of 1e-7.
    const shape = { warmup, total, power: 2, end: 1e-7 };
    for (const [name, expected] of Object.entries(multipliers)) {
      const worst = expected.map((value, step) => Math.abs(scheduleFactor(name as ScheduleName, step, shape) - value));
      expect([name, Math.max(...worst) < 1e-12]).toEqual([name, true]);
    }
  },
);

test('rises from 0 to the peak at the last step of the warm-up, then falls as named', () => {
  const at = (name: ScheduleName, step: number) => scheduleFactor(name, step, { warmup: 4, total: 12 });
  expect([0, 1, 2, 3, 4].map((step) => at('linear', step))).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect([4, 6, 8, 10, 12].map((step) => at('linear', step))).toEqual([1, 0.75, 0.5, 0.25, 0]);
  expect([4, 6, 8, 10, 12].map((step) => at('polynomial', step))).toEqual([1, 0.75, 0.5, 0.25, 0]);
  expect([4, 8, 12].map((step) => at('constant', step))).toEqual([1, 1, 1]);
  expect([4, 6, 8, 12].map((step) => at('cosine', step).toFixed(6))).toEqual([
    '1.000000',
    '0.853553',
    '0.500000',
    '0.000000',
  ]);
  expect(scheduleFactor('polynomial', 8, { warmup: 4, total: 12, power: 2, end: 0.2 })).toBeCloseTo(
    0.2 + 0.8 * 0.25,
    12,
  );
});

test('has no warm-up where none is asked for, and ends at its end however far one goes', () => {
  expect(scheduleFactor('linear', 0, { warmup: 0, total: 10 })).toBe(1);
  expect(scheduleFactor('linear', 15, { warmup: 0, total: 10 })).toBe(0);
  expect(scheduleFactor('cosine', 15, { warmup: 10, total: 10 })).toBeCloseTo(0, 12);
  expect(scheduleFactor('linear', 1, { warmup: 1, total: 1 })).toBe(1);
});
