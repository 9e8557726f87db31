/** Which columns get factors: those that one scale for all would serve badly, and none that was silent more than a little. */
import { expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { smoothingOf } from './smoothing.js';

const [columns, outputs] = [64, 16];
const rng = random(7, 'smoothing');
const matrix = Float32Array.from({ length: columns * outputs }, () => rng.normal());
const rowsOf = (sizes: readonly number[]) => ({
  largest: Float32Array.from(sizes, (size) => 3 * size),
  squares: Float32Array.from(sizes, (size) => size ** 2),
});
const even = Array.from({ length: columns }, () => 1);
const withLarge = even.map((size, i) => (i === 9 ? 50 : size));
const factorsOf = (sizes: readonly number[], weights = matrix, bits: 7 | 8 = 8) =>
  smoothingOf(new Map([['w', { rows: rowsOf(sizes), matrices: [weights] }]]), bits).get('w');

test('a column that is much larger than the others is divided by more, and even columns by nothing', () => {
  expect(factorsOf(even)).toBeUndefined();
  const factors = factorsOf(withLarge)!;
  expect(factors).toHaveLength(columns);
  const [largest, second] = [...factors].sort((a, b) => b - a) as [number, number];
  expect(factors.indexOf(largest)).toBe(9);
  expect(largest).toBeGreaterThan(3 * second);
});

test('weights of fewer bits take less of it', () => {
  expect(Math.max(...factorsOf(withLarge, matrix, 7)!)).toBeLessThan(Math.max(...factorsOf(withLarge)!));
});

test('columns of zeros have no say, and of rows or weights that are 0 throughout nothing is left to even out', () => {
  const silent = factorsOf(withLarge.map((size, i) => (i === 3 ? 0 : size)))!;
  expect(silent[3]).toBe(1);
  expect(factorsOf(even.map(() => 0))).toBeUndefined();
  expect(factorsOf(withLarge, new Float32Array(columns * outputs))).toBeUndefined();
});

test('a column that was nearly silent is not made the largest of all', () => {
  const factors = factorsOf(withLarge.map((size, i) => (i === 3 ? 1e-6 : size)))!;
  expect(factors[3]).toBe(Math.min(...factors));
  expect(factors[3]).toBeCloseTo(1 / 8, 3);
});
