/** What may be lost in INT8: equal shares as they are counted, and what chance explains. */
import { expect, test } from '@jest/globals';
import { chanceOf, isWithin, lossOf, tooMuch, type DevAnswers } from './int8-gate.js';

const asked = { points: 0.5, equal: 0.99, moved: 0.15, smaller: 2 };

test('equal predictions are counted by example, or by what was found', () => {
  const of = (score: number, answers?: string[][]): DevAnswers => ({
    ...{ task: 't', mainMetric: 'm', score, ...(answers && { answers }) },
  });
  expect(lossOf(of(0.8, [['a'], ['b']]), of(0.79, [['a'], ['c']]))).toMatchObject({
    equal: 0.5,
    compared: 2,
    fp32: 0.8,
  });
  expect(lossOf(of(0.8, [['1', '2'], []]), of(0.8, [['2'], ['3', '4']]))).toMatchObject({ equal: 0.25, compared: 4 });
  expect(lossOf(of(0.8, [[], []]), of(0.8, [[], []]))).toMatchObject({ equal: 1, compared: 0 });
  expect(lossOf(of(0.8), of(0.81))).toEqual(expect.not.objectContaining({ equal: 1 }));
});

test('one example alone may always differ, and of few as many as chance explains', () => {
  const loss = { task: 't', mainMetric: 'm', fp32: 0.9, int8: 0.85, pointsLost: 5, compared: 20 };
  expect(isWithin({ ...loss, equal: 0.95 }, asked)).toBe(true);
  expect(isWithin({ ...loss, equal: 0.9 }, asked)).toBe(false);
  expect(isWithin({ ...loss, equal: 0.992, compared: 1000 }, asked)).toBe(false);
  expect(isWithin({ ...loss, equal: 0.992, compared: 1000, pointsLost: 0.5 }, asked)).toBe(true);
  expect(isWithin({ ...loss, equal: 1 - 8 / 657, compared: 657, pointsLost: 0 }, asked)).toBe(true);
  expect(isWithin({ ...loss, equal: 1 - 14 / 657, compared: 657, pointsLost: 0 }, asked)).toBe(false);
  // Logits excuse predictions that differ, and points where the score says nothing.
  expect(isWithin({ ...loss, equal: 0.9, pointsLost: 0.5, moved: 0.1 }, asked)).toBe(true);
  expect(isWithin({ ...loss, equal: 0.9, moved: 0.1 }, asked)).toBe(false);
  expect(isWithin({ ...loss, fp32: 0.05, equal: 0.9, moved: 0.1 }, asked)).toBe(true);
  expect(isWithin({ ...loss, equal: 0.992, compared: 1000, pointsLost: 0.5, moved: 0.2 }, asked)).toBe(true);
});

test('the tail of the binomial distribution, beside sums of its terms', () => {
  expect(chanceOf(0, 10, 0.01)).toBe(1);
  expect(chanceOf(1, 10, 0.01)).toBeCloseTo(1 - 0.99 ** 10, 12);
  expect(chanceOf(2, 10, 0.5)).toBeCloseTo(1 - 11 / 1024, 12);
  expect(chanceOf(10, 10, 0.5)).toBeCloseTo(1 / 1024, 12);
  // Of many the normal distribution: as likely above its mean as below.
  expect(chanceOf(1000, 100_000, 0.01)).toBeCloseTo(0.5, 1);
  expect(chanceOf(1100, 100_000, 0.01)).toBeLessThan(0.002);
  expect(chanceOf(1, 5, 0)).toBe(0);
  expect(chanceOf(5, 5, 1)).toBe(1);
});

test('tasks that are each within chance are not, together, below the limit', () => {
  const loss = { mainMetric: 'm', fp32: 0.9, int8: 0.9, pointsLost: 0, compared: 500 };
  const of = (shares: readonly number[]) => shares.map((equal, i) => ({ ...loss, task: String(i), equal }));
  expect(tooMuch(of([0.984, 1, 1]), asked)).toEqual([]);
  expect(tooMuch(of([0.984, 0.986, 0.995]), asked).map(({ task }) => task)).toEqual(['0', '1']);
  expect(tooMuch(of([0.95, 1, 1]), asked).map(({ task }) => task)).toEqual(['0']);
  // One that may always differ does not refuse a bundle by its mean either.
  expect(tooMuch([{ ...loss, task: 'small', equal: 1 - 1 / 76, compared: 76 }], asked)).toEqual([]);
  // What is judged by its logits is no part of the mean.
  expect(tooMuch([...of([0.99]), { ...loss, task: 'weak', equal: 0.2, moved: 0.01 }], asked)).toEqual([]);
});
