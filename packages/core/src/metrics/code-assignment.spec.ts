/** Scores of codes by hand: the ranking of CodiEsp, seen and unseen codes apart, true codes that nobody ranked. */
import { describe, expect, test } from '@jest/globals';
import { averagePrecisionOf, codeMetrics, codeRows, codeStatistics } from './code-assignment.js';
import { sumStatistics } from './statistics.js';
import { fitOffset } from './temperature.js';
import { tuneThreshold } from './thresholds.js';

const set = { codes: ['A', 'B', 'C', 'X', 'Y'], seen: new Set(['A', 'B', 'C']) };
const documents = [
  { gold: ['A', 'X'], assigned: ['A', 'B'], ranking: ['A', 'B', 'X', 'C'], unseen: ['X', 'Y'] },
  { gold: ['B', 'Y'], assigned: ['B'], ranking: ['C', 'B'], unseen: ['X', 'Y'] },
  { gold: [], assigned: ['C'], ranking: ['C'], unseen: ['X'] },
];
const metrics = codeMetrics(set)(sumStatistics(codeStatistics(documents, set)));

describe('average precision', () => {
  test('is the mean over the true codes of the precision down to each', () => {
    expect(averagePrecisionOf(['A', 'B', 'X'], new Set(['A', 'X']))).toBeCloseTo((1 + 2 / 3) / 2, 12);
    expect(averagePrecisionOf(['A'], new Set(['A', 'X']))).toBe(0.5);
    expect(averagePrecisionOf(['A'], new Set())).toBe(0);
  });

  test('its mean leaves out documents without codes, as trec_eval does', () => {
    expect(metrics.documentMap).toBeCloseTo(((1 + 2 / 3) / 2 + 1 / 2 / 2) / 2, 12);
  });
});

test('micro scores pool all decisions; macro F1 is over the codes that documents truly bear', () => {
  expect([metrics.microPrecision, metrics.microRecall]).toEqual([2 / 4, 2 / 4]);
  expect(metrics.microF1).toBeCloseTo(0.5, 12);
  // A 1, B 2/3, X and Y 0; C is nobody's.
  expect(metrics.macroF1).toBeCloseTo((1 + 2 / 3) / 4, 12);
  expect(metrics.precisionAt5).toBeCloseTo((2 / 5 + 1 / 5) / 2, 12);
});

test('seen and unseen codes apart', () => {
  expect(metrics.seenF1).toBeCloseTo((2 * 2) / (4 + 2), 12);
  expect([metrics.unseenF1, metrics.unseenRecall]).toEqual([0, 0]);
  // Among A, B, C the first document ranks A first, the second B second.
  expect(metrics.seenMap).toBeCloseTo((1 + 1 / 2) / 2, 12);
  expect(metrics.unseenMap).toBeCloseTo((1 + 1 / 2) / 2, 12);
});

test('a row for each code that is true or assigned somewhere', () => {
  expect(codeRows(documents, set).map(({ label, support, predicted }) => [label, support, predicted])).toEqual([
    ['A', 1, 1],
    ['B', 1, 2],
    ['C', 0, 1],
    ['X', 1, 0],
    ['Y', 1, 0],
  ]);
});

test('a threshold knows of true codes that are not among the decisions', () => {
  const scores = [0.9, 0.8, 0.3, 0.2];
  const applies = [true, false, true, false];
  // Down to 0.3: 2 of 3 right. With 8 more true ones somewhere else F1 is highest there too; with none, also.
  expect(tuneThreshold(scores, applies, 2)).toBeCloseTo(0.25, 12);
  // One true code alone: all after the first is wrong.
  expect(tuneThreshold([0.9, 0.3], [true, false], 1)).toBe(0.5);
  expect(tuneThreshold([], [], 3)).toBe(0.5);
});

test('an offset makes probabilities sum to the truths there are, and half of one more', () => {
  const logits = [-3, 0.5, 2, -1, -4];
  const offset = fitOffset(logits, 1);
  const sum = logits.reduce((total, logit) => total + 1 / (1 + Math.exp(-logit - offset)), 0);
  expect(sum).toBeCloseTo(1.5, 9);
  expect(fitOffset([], 0)).toBe(0);
});
