import { expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { applyThresholds, multiLabelReport, tuneThresholds } from './index.js';

test('the tuned threshold has the best F1 of all, and 0.5 is kept where it is as good', () => {
  const rng = random(1, 'spec');
  const gold = Array.from({ length: 600 }, () => (rng.uniform() < 0.3 ? 1 : 0));
  const scores = gold.map((truth) => Math.min(1, Math.max(0, 0.25 + 0.2 * truth + 0.12 * rng.normal())));
  const labels = ['a', 'b', 'c'];
  const { perLabel } = tuneThresholds({ scores, gold, labels: 3, shrinkage: 0 });
  const f1 = (thresholds: number[]) =>
    multiLabelReport({ gold, predicted: applyThresholds(scores, thresholds), labels }).perLabel.map((row) => row.f1);
  const best = f1(perLabel);
  for (let t = 0; t <= 1; t += 0.005) {
    f1([t, t, t]).forEach((value, l) => expect(value).toBeLessThanOrEqual(best[l]! + 1e-12));
  }
  expect(tuneThresholds({ scores: [0.9, 0.8, 0.2], gold: [1, 1, 0], labels: 1 }).perLabel).toEqual([0.5]);
});

test('the fewer positives a label has, the nearer its threshold is to the global one', () => {
  const scores = [0.9, 0.3, 0.8, 0.2, 0.1, 0.25];
  const gold = [1, 0, 1, 1, 0, 0];
  const tune = (shrinkage: number) => tuneThresholds({ scores, gold, labels: 2, shrinkage });
  const [own, half, none] = [tune(0), tune(1), tune(Infinity)];
  for (const threshold of none.perLabel) expect(threshold).toBeCloseTo(none.global, 12);
  const logOdds = (p: number) => Math.log(p / (1 - p));
  // One positive against a shrinkage of 1 counts a half.
  const middle = (logOdds(own.perLabel[1]!) + logOdds(own.global)) / 2;
  expect(own.perLabel[1]).toBeLessThan(own.global);
  expect(logOdds(half.perLabel[1]!)).toBeCloseTo(middle, 9);
});

test('masked cells teach nothing, and without positives the threshold is 0.5', () => {
  const seen = tuneThresholds({
    scores: [0.9, 0.1, 0.05],
    gold: [1, 0, 1],
    masked: [0, 0, 1],
    labels: 1,
  });
  expect(seen.perLabel).toEqual([0.5]);
  expect(tuneThresholds({ scores: [0.2, 0.3], gold: [0, 0], labels: 1 }).perLabel).toEqual([0.5]);
  expect([...applyThresholds([0.5, 0.5], [0.5, 0.6])]).toEqual([1, 0]);
});

test('masked cells may count as negatives, at a weight', () => {
  const options = {
    scores: [0.9, 0.8, 0.6, 0.3, 0.7],
    gold: [1, 1, 1, 0, 0],
    masked: [0, 0, 0, 0, 1],
    labels: 1,
  };
  expect(tuneThresholds(options).perLabel).toEqual([0.5]);
  // Above 0.75, 2 of 3 are found and nothing is false: F1 is 0.8. Above 0.5 it is 6 / (6 + w).
  expect(tuneThresholds({ ...options, maskedWeight: 1 }).perLabel).toEqual([0.5]);
  const twice = { scores: [...options.scores, 0.7], gold: [...options.gold, 0], masked: [...options.masked, 1] };
  expect(tuneThresholds({ ...options, ...twice, maskedWeight: 0.5 }).perLabel).toEqual([0.5]);
  expect(tuneThresholds({ ...options, ...twice, maskedWeight: 1 }).perLabel[0]).toBeCloseTo(0.75, 12);
});
