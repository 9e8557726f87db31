import { expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import {
  approximateRandomisation,
  bootstrapIntervals,
  bootstrapSums,
  classificationMetrics,
  classificationStatistics,
  holm,
  meanAndDeviation,
  pairedBootstrap,
  sumStatistics,
  wilsonInterval,
} from './index.js';

const rng = random(7, 'spec');
const gold = Int32Array.from({ length: 400 }, () => rng.integer(3));
/** Right with probability `rate`. */
const guess = (rate: number) => gold.map((truth) => (rng.uniform() < rate ? truth : (truth + 1) % 3));
const poor = classificationStatistics(gold, guess(0.7), 3);

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

const [goodGuess, poorGuess, alikeGuess] = [guess(0.9), guess(0.7), guess(0.9)];

/** Accuracy of `a` (the first 400 indices) and `b` (the next 400) on any sets of them. */
const compared = (a: Int32Array, b: Int32Array) => {
  const statistics = classificationStatistics([...gold, ...gold], [...a, ...b], 3);
  return {
    examples: 400,
    seed: 1,
    score: (sets: Iterable<readonly number[]>) =>
      Array.from(sets, (set) => classificationMetrics(3)(sumStatistics(statistics, set)).accuracy),
  };
};

test('a real difference is significant and a chance one is not, in both tests', () => {
  for (const compare of [approximateRandomisation, pairedBootstrap]) {
    const real = compare(compared(goodGuess, poorGuess));
    const chance = compare(compared(goodGuess, alikeGuess));
    expect(real.difference).toBeGreaterThan(0.1);
    expect(real.pValue).toBeLessThan(0.01);
    expect(chance.pValue).toBeGreaterThan(0.1);
  }
  expect(approximateRandomisation(compared(goodGuess, goodGuess))).toEqual({ difference: 0, pValue: 1 });
  const { low, high, difference } = pairedBootstrap(compared(goodGuess, poorGuess));
  expect(low).toBeLessThan(difference);
  expect(high).toBeGreaterThan(difference);
});

test('the same difference within few documents shows less than among many examples', () => {
  const groups = Array.from(gold, (_, i) => `document ${i % 4}`);
  const options = compared(goodGuess, poorGuess);
  // Of four documents swapped whole, 1 way in 8 gives the difference found.
  expect(approximateRandomisation({ ...options, groups }).pValue).toBeGreaterThan(0.1);
  expect(approximateRandomisation(options).pValue).toBe(1 / 1001);
});

test('Holm: the smallest p counts for all, none is below a smaller one', () => {
  expect(holm([0.04, 0.01, 0.03])).toEqual([0.06, 0.03, 0.06]);
  expect(holm([0.8, 0.6])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});

test('given sets are scored in their order', () => {
  const samples = [[0], [1, 1], [2, 3]];
  const options = { seed: 1, samples };
  const { accuracy: interval } = bootstrapSums(
    classificationStatistics([0, 1, 1, 1], [0, 0, 1, 0], 2),
    classificationMetrics(2),
    options,
  );
  expect(Array.from(interval.values ?? [])).toEqual([1, 0, 0.5]);
  expect(interval.value).toBe(0.5);
});

test('mean and deviation over seeds', () => {
  expect(meanAndDeviation([1, 2, 3, 4])).toEqual({ mean: 2.5, deviation: Math.sqrt(5 / 3) });
  expect(meanAndDeviation([0.8])).toEqual({ mean: 0.8, deviation: null });
});

test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('the interval of %d of %d is the one that Newcombe (1998, table I) gives', (hits, n, low, high) => {
  const interval = wilsonInterval(hits, n);
  expect(interval.map((bound) => bound.toFixed(4))).toEqual([low.toFixed(4), high.toFixed(4)]);
  // Of the others it is the mirror image.
  const [below, above] = wilsonInterval(n - hits, n);
  expect([1 - above, 1 - below].map((bound) => bound.toFixed(4))).toEqual(interval.map((bound) => bound.toFixed(4)));
});
