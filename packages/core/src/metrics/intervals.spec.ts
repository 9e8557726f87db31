import { expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import {
  approximateRandomisation,
  bootstrapIntervals,
  bootstrapSums,
  classificationMetrics,
  classificationStatistics,
  meanAndDeviation,
  pairedBootstrap,
} from './index.js';

const rng = random(7, 'spec');
const gold = Int32Array.from({ length: 400 }, () => rng.integer(3));
/** Right with probability `rate`. */
const guess = (rate: number) => gold.map((truth) => (rng.uniform() < rate ? truth : (truth + 1) % 3));
const good = classificationStatistics(gold, guess(0.9), 3);
const poor = classificationStatistics(gold, guess(0.7), 3);
const alike = classificationStatistics(gold, guess(0.9), 3);
const accuracy = (sums: Float64Array) => classificationMetrics(3)(sums).accuracy;

test('the interval of an accuracy is the binomial one', () => {
  const { accuracy: interval } = bootstrapSums(poor, classificationMetrics(3), { seed: 1, resamples: 2000 });
  const half = 1.96 * Math.sqrt((interval.value * (1 - interval.value)) / 400);
  expect(Math.abs(interval.low - (interval.value - half))).toBeLessThan(0.01);
  expect(Math.abs(interval.high - (interval.value + half))).toBeLessThan(0.01);
});

test('the same seed gives the same interval, another seed another', () => {
  const draw = (seed: number) => bootstrapSums(poor, classificationMetrics(3), { seed, resamples: 100 }).accuracy;
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('sums and direct evaluation draw the same resamples', () => {
  const values = Float64Array.from({ length: 50 }, () => rng.uniform());
  const mean = (indices: readonly number[]) => indices.reduce((sum, i) => sum + values[i]!, 0) / indices.length;
  const statistics = {
    width: 2,
    rowStart: Int32Array.from({ length: 51 }, (_, i) => 2 * i),
    column: Int32Array.from({ length: 100 }, (_, j) => j % 2),
    value: Float64Array.from({ length: 100 }, (_, j) => (j % 2 ? 1 : values[j / 2]!)),
  };
  const direct = bootstrapIntervals((indices) => ({ mean: mean(indices) }), { examples: 50, seed: 3 });
  const summed = bootstrapSums(statistics, (sums) => ({ mean: sums[0]! / sums[1]! }), { seed: 3 });
  expect(summed.mean.low).toBeCloseTo(direct.mean.low, 12);
  expect(summed.mean.high).toBeCloseTo(direct.mean.high, 12);
});

test('documents drawn whole give the wider interval that dependent examples deserve', () => {
  // Each document is all right or all wrong: 20 documents are 20 observations, not 400.
  const predicted = gold.map((truth, i) => (Math.floor(i / 20) % 4 === 0 ? (truth + 1) % 3 : truth));
  const statistics = classificationStatistics(gold, predicted, 3);
  const groups = Array.from(gold, (_, i) => `document ${Math.floor(i / 20)}`);
  const width = (by?: string[]) => {
    const { low, high } = bootstrapSums(statistics, classificationMetrics(3), { seed: 1, groups: by }).accuracy;
    return high - low;
  };
  expect(width(groups) / width()).toBeGreaterThan(3);
  expect(() => width(['one'])).toThrow(/do not belong together/);
});

test('a real difference is significant and a chance one is not, in both tests', () => {
  for (const compare of [approximateRandomisation, pairedBootstrap]) {
    const real = compare({ a: good, b: poor, metric: accuracy, seed: 1 });
    const chance = compare({ a: good, b: alike, metric: accuracy, seed: 1 });
    expect(real.difference).toBeGreaterThan(0.1);
    expect(real.pValue).toBeLessThan(0.01);
    expect(chance.pValue).toBeGreaterThan(0.1);
  }
  const same = approximateRandomisation({ a: good, b: good, metric: accuracy, seed: 1 });
  expect(same).toEqual({ difference: 0, pValue: 1 });
  const { low, high, difference } = pairedBootstrap({ a: good, b: poor, metric: accuracy, seed: 1 });
  expect(low).toBeLessThan(difference);
  expect(high).toBeGreaterThan(difference);
});

test('mean and deviation over seeds', () => {
  expect(meanAndDeviation([1, 2, 3, 4])).toEqual({ mean: 2.5, deviation: Math.sqrt(5 / 3) });
  expect(meanAndDeviation([0.8])).toEqual({ mean: 0.8, deviation: null });
});
