/** Confident learning against a joint worked out by hand. */
import { expect, test } from '@jest/globals';
import { confidentLearning } from './confident-learning.js';

/** Two classes by the probability of the first. */
const twoClasses = (first: readonly number[]) => first.flatMap((p) => [p, 1 - p]);

function expectClose(got: ArrayLike<number>, expected: readonly number[]): void {
  expect(got.length).toBe(expected.length);
  expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 12));
}

test('thresholds, counts, calibration', () => {
  // Mean probability of its own class: 0.5875 of the first, 0.6 of the second. The fourth example reaches neither.
  const probabilities = twoClasses([0.9, 0.8, 0.1, 0.55, 0.2, 0.3, 0.7]);
  const { joint, noise, suspects } = confidentLearning(probabilities, [0, 0, 0, 0, 1, 1, 1], 2);
  expectClose(joint, [8 / 21, 4 / 21, 3 / 21, 6 / 21]);
  expect(noise).toBeCloseTo(1 / 3, 12);
  expect(suspects.map(({ example, given, likelier }) => ({ example, given, likelier }))).toEqual([
    { example: 2, given: 0, likelier: 1 },
    { example: 6, given: 1, likelier: 0 },
  ]);
  expectClose(
    suspects.map(({ margin }) => margin),
    [-0.8, -0.4],
  );
});

test('of two classes that an example reaches, the more probable one counts', () => {
  // The thresholds are 0.4, 0.4 and 0.3: the last example reaches all but the first.
  const probabilities = [0.4, 0.3, 0.3, 0.2, 0.4, 0.4, 0.2, 0.45, 0.35, 0.25, 0.5, 0.25];
  const { suspects } = confidentLearning(probabilities, [0, 1, 2, 2], 3);
  expect(suspects.map(({ example, likelier }) => [example, likelier])).toEqual([
    [3, 1],
    [2, 1],
  ]);
});

test('a class without confident examples, and one without examples, are left as they are', () => {
  const probabilities = [0.1, 0.9, 0, 0.3, 0.7, 0];
  const { joint, noise } = confidentLearning(probabilities, [1, 1], 3);
  expectClose(joint, [0, 0, 0, 0, 1, 0, 0, 0, 0]);
  expect(noise).toBe(0);
  expect(confidentLearning([], [], 2)).toEqual({ joint: new Float64Array(4), noise: 0, suspects: [] });
});
