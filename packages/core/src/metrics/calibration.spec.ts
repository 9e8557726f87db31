import { expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import {
  argmaxRows,
  binaryCalibrationReport,
  calibrationReport,
  fitBinaryTemperature,
  fitTemperature,
  reliabilityBins,
  sigmoidEach,
  softmaxRows,
} from './index.js';

test('bins are open below and closed above', () => {
  const bins = reliabilityBins([0, 0.25, 0.250001, 0.5, 1], [0, 1, 1, 0, 1], 4);
  expect(bins.map((bin) => bin.count)).toEqual([2, 2, 0, 1]);
  expect(bins[0]).toEqual({ low: 0, high: 0.25, count: 2, confidence: 0.125, accuracy: 0.5 });
  for (let k = 1; k <= 15; k++) expect(reliabilityBins([k / 15], [1], 15)[k - 1]!.count).toBe(1);
});

test('binary calibration leaves masked cells out', () => {
  const report = binaryCalibrationReport({
    probabilities: [0.9, 0.2, 0.6],
    gold: [1, 0, 0],
    masked: [0, 0, 1],
    bins: 10,
  });
  expect(report.brier).toBeCloseTo((0.01 + 0.04) / 2, 12);
  expect(report.ece).toBeCloseTo((0.1 + 0.2) / 2, 12);
  expect(report.mce).toBeCloseTo(0.2, 12);
  expect(report.nll).toBeCloseTo(-(Math.log(0.9) + Math.log(0.8)) / 2, 12);
});

test('the fitted temperature is the one that made the logits too sure, and lowers the likelihood loss', () => {
  const rng = random(5, 'spec');
  const classes = 4;
  const honest = Float64Array.from({ length: 4000 * classes }, () => 1.5 * rng.normal());
  const probabilities = softmaxRows(honest, classes);
  const gold = Int32Array.from({ length: 4000 }, (_, i) => {
    let left = rng.uniform();
    let c = 0;
    while (c < classes - 1 && (left -= probabilities[i * classes + c]!) > 0) c++;
    return c;
  });
  const logits = honest.map((logit) => 3 * logit);
  const temperature = fitTemperature(logits, gold, classes);
  expect(Math.abs(temperature - 3)).toBeLessThan(0.2);
  const nll = (t: number) => calibrationReport({ probabilities: softmaxRows(logits, classes, t), gold, classes }).nll;
  for (const other of [temperature * 1.01, temperature / 1.01]) expect(nll(temperature)).toBeLessThan(nll(other));
  expect(argmaxRows(softmaxRows(logits, classes, temperature), classes)).toEqual(argmaxRows(logits, classes));
});

test('the same for yes-or-no logits', () => {
  const rng = random(6, 'spec');
  const honest = Float64Array.from({ length: 6000 }, () => 2 * rng.normal());
  const gold = Uint8Array.from(sigmoidEach(honest), (p) => (rng.uniform() < p ? 1 : 0));
  const logits = honest.map((logit) => logit / 2);
  expect(Math.abs(fitBinaryTemperature(logits, gold) - 0.5)).toBeLessThan(0.05);
  expect(fitBinaryTemperature(logits, gold, new Uint8Array(6000).fill(1))).toBe(1);
});

test('a temperature stays within bounds where every decision is right, and is 1 where logits say nothing', () => {
  expect(fitTemperature([5, 0, 0, 5], [0, 1], 2)).toBe(0.05);
  expect(fitTemperature([5, 0, 0, 5], [1, 0], 2)).toBe(20);
  expect(fitTemperature([1, 1, 1, 1], [0, 1], 2)).toBe(1);
});
