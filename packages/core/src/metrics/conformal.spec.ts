/** Conformal sets hold the truth as often as they promise, and are no larger than they must be. */
import { expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { apsSet, apsThreshold, conformalQuantile, lacSet, lacThreshold, type ConformalCase } from './conformal.js';

test('the quantile counts one case more than there are', () => {
  const scores = [0.5, 0.1, 0.4, 0.2, 0.3, 0.6, 0.7, 0.9, 0.8];
  expect(conformalQuantile(scores, 0.5)).toBe(0.5);
  expect(conformalQuantile(scores, 0.9)).toBe(0.9);
  expect(conformalQuantile(scores, 0.95)).toBe(Infinity);
});

test('sets by hand', () => {
  const probabilities = [0.1, 0.6, 0.3];
  expect(lacSet(probabilities, 0.3)).toEqual([1, 2]);
  expect(lacSet(probabilities, 0.7)).toEqual([]);
  expect(apsSet(probabilities, 0.55)).toEqual([1]);
  expect(apsSet(probabilities, 0.65)).toEqual([1, 2]);
  expect(apsSet(probabilities, 2)).toEqual([1, 2, 0]);
});

test.each([0.8, 0.9, 0.95])('of new cases, at least %p of the truths are in the sets', (coverage) => {
  const rng = random(3, 'conformal');
  const cases = Array.from({ length: 6000 }, (): ConformalCase => {
    const powers = Array.from({ length: 5 }, () => Math.exp(3 * rng.uniform()));
    const sum = powers.reduce((a, b) => a + b);
    const probabilities = powers.map((power) => power / sum);
    let left = rng.uniform();
    const truth = probabilities.findIndex((p) => (left -= p) < 0);
    return { probabilities, truth: Math.max(0, truth) };
  });
  const [known, fresh] = [cases.slice(0, 2000), cases.slice(2000)];
  const reached = (setOf: (probabilities: readonly number[]) => number[]) =>
    fresh.filter(({ probabilities, truth }) => setOf(probabilities).includes(truth)).length / fresh.length;
  const [lac, aps] = [lacThreshold(known, coverage), apsThreshold(known, coverage)];
  expect(Math.abs(reached((p) => lacSet(p, lac)) - coverage)).toBeLessThan(0.025);
  expect(reached((p) => apsSet(p, aps))).toBeGreaterThan(coverage - 0.025);
});
