import { expect, test } from '@jest/globals';
import {
  classificationMetrics,
  classificationReport,
  classificationStatistics,
  macroAuroc,
  sumStatistics,
} from './index.js';

const labels = ['a', 'b', 'c', 'd', 'e', 'f'];

// Reference values: scikit-learn 1.9, zero_division=0.
test('a class that occurs nowhere counts in no mean', () => {
  const report = classificationReport([3, 1, 3, 2, 2, 3, 1, 1], [3, 5, 3, 3, 3, 5, 2, 2], labels);
  expect(report.accuracy).toBeCloseTo(0.25, 12);
  expect(report.macro.f1).toBeCloseTo(0.14285714285714285, 12);
  expect(report.weighted.f1).toBeCloseTo(0.21428571428571427, 12);
  expect(report.macro.precision).toBeCloseTo(0.125, 12);
  expect(report.balancedAccuracy).toBeCloseTo(0.2222222222222222, 12);
  expect(report.mcc).toBe(0);
  expect(report.perClass.map((row) => row.support)).toEqual([0, 3, 2, 3, 0, 0]);
  expect(report.perClass.map((row) => row.predicted)).toEqual([0, 0, 2, 4, 0, 2]);
  expect(report.confusion[3]).toEqual([0, 0, 0, 2, 0, 1]);
});

test('a constant prediction has no correlation, and a single class no kappa', () => {
  const constant = classificationReport([0, 1, 1, 0], [1, 1, 1, 1], ['no', 'yes']);
  expect([constant.mcc, constant.kappa]).toEqual([0, 0]);
  const single = classificationReport([0, 0], [0, 0], ['no', 'yes']);
  expect([single.accuracy, single.macro.f1, single.mcc, single.kappa]).toEqual([1, 1, 0, 0]);
});

test('no example scores 0 everywhere, never NaN', () => {
  const { perClass, confusion, macro, micro, weighted, ...scores } = classificationReport([], [], ['a']);
  expect(Object.values(scores)).toEqual([0, 0, 0, 0, 0]);
  for (const mean of [macro, micro, weighted]) expect(mean).toEqual({ precision: 0, recall: 0, f1: 0 });
  expect([perClass.length, confusion]).toEqual([1, [[0]]]);
});

test('metrics of sums equal the report', () => {
  const gold = [4, 2, 0, 1, 1, 5, 3];
  const predicted = [4, 1, 0, 1, 2, 5, 5];
  const report = classificationReport(gold, predicted, labels);
  expect(classificationMetrics(6)(sumStatistics(classificationStatistics(gold, predicted, 6)))).toEqual({
    accuracy: report.accuracy,
    macroF1: report.macro.f1,
    microF1: report.micro.f1,
    weightedF1: report.weighted.f1,
    mcc: report.mcc,
    balancedAccuracy: report.balancedAccuracy,
  });
});

test('ties in scores count half in the ROC area', () => {
  expect(macroAuroc([0.5, 0.5, 0.5, 0.5], [0, 1], 2)).toBe(0.5);
  expect(macroAuroc([0.9, 0.1, 0.2, 0.8], [0, 1], 2)).toBe(1);
});

test('inputs that do not belong together are refused', () => {
  expect(() => classificationReport([0, 1], [0], ['a', 'b'])).toThrow(/do not belong together/);
  expect(() => classificationReport([0, 2], [0, 0], ['a', 'b'])).toThrow(/outside the label list/);
  expect(() => classificationReport([0, 1], [0, -1], ['a', 'b'])).toThrow(/predicted\[1\]/);
});
