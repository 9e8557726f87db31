import { expect, test } from '@jest/globals';
import { labelMatrix, labelRankingAveragePrecision, multiLabelReport } from './index.js';

const labels = ['x', 'y', 'z'];

test('masked cells count nowhere: the same scores as without them', () => {
  const gold = [1, 0, 1, 0, 1, 0, 1, 1, 0];
  const predicted = [1, 1, 0, 0, 1, 1, 0, 1, 0];
  const scores = [0.9, 0.6, 0.4, 0.1, 0.8, 0.7, 0.3, 0.9, 0.2];
  const masked = [0, 1, 0, 0, 0, 1, 1, 1, 1];
  const report = multiLabelReport({ gold, predicted, labels, masked, scores });
  // What is left: x is 1, 0 and predicted 1, 0; y is 1 and predicted 1; z is 1 and predicted 0.
  expect(report.perLabel.map((row) => [row.known, row.support, row.predicted, row.f1])).toEqual([
    [2, 1, 1, 1],
    [1, 1, 1, 1],
    [1, 1, 0, 0],
  ]);
  expect(report.micro).toEqual({ precision: 1, recall: 2 / 3, f1: 0.8 });
  expect(report.macro.f1).toBeCloseTo(2 / 3, 12);
  expect(report.hammingLoss).toBe(1 / 4);
  // The third example is unknown altogether: two are left, one of them wholly right.
  expect(report.subsetAccuracy).toBe(1 / 2);
  expect(report.samplesF1).toBeCloseTo((2 / 3 + 1) / 2, 12);
  expect(report.meanAveragePrecision).toBe(1);
});

test('an example without true or predicted labels scores 0 in the samples mean, as in scikit-learn', () => {
  const report = multiLabelReport({ gold: [0, 0, 0], predicted: [0, 0, 0], labels });
  expect([report.samplesF1, report.micro.f1, report.macro.f1, report.subsetAccuracy]).toEqual([0, 0, 0, 1]);
  expect(labelRankingAveragePrecision({ gold: [0, 0, 0], scores: [0.1, 0.2, 0.3] }, 3)).toBe(1);
});

test('examples become matrices, and a label outside the set is refused', () => {
  const { gold, masked } = labelMatrix([{ labels: ['z'], masked: ['x'] }, { labels: [] }], labels);
  expect([...gold]).toEqual([0, 0, 1, 0, 0, 0]);
  expect([...masked]).toEqual([1, 0, 0, 0, 0, 0]);
  expect(() => labelMatrix([{ labels: ['w'] }], labels)).toThrow(/not in the label set/);
  expect(() => multiLabelReport({ gold: [0, 1], predicted: [0, 1], labels })).toThrow(/do not belong together/);
});
