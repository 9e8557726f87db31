import { describe, expect, test } from '@jest/globals';
import { differencesInData, formatComparison } from './comparison.js';
import type { TrainerResult } from './result.js';

const result = (seconds: number, tokens: number, peakBytes: number, score: number | null): TrainerResult => ({
  sizes: [8, 2, 4],
  trainTokens: 100,
  steps: 3,
  seconds,
  tokens,
  firstStepSeconds: 2,
  peakBytes,
  score,
  versions: {},
});
const mebibyte = 2 ** 20;

describe('formatComparison', () => {
  test('prints means over seeds and ours divided by theirs', () => {
    const lines = formatComparison(
      [
        { title: 'ours', results: [result(10, 3000, 500 * mebibyte, 0.84), result(10, 3000, 700 * mebibyte, 0.86)] },
        {
          title: 'theirs',
          results: [result(20, 2000, 2000 * mebibyte, 0.83), result(20, 2000, 2000 * mebibyte, 0.85)],
        },
      ],
      'macro F1',
    );
    expect(lines[1]).toMatch(/^ours +10\.0 ± 0\.0 +300 ± 0 +600 ± 141 +2\.0 ± 0\.0 +85\.00 ± 1\.41$/);
    expect(lines[2]).toMatch(/84\.00 ± 1\.41 +3\.00 x +0\.30 x +\+1\.00$/);
  });

  test('leaves scores out where there are none', () => {
    const lines = formatComparison(
      [
        { title: 'ours', results: [result(10, 3000, mebibyte, null)] },
        { title: 'theirs', results: [result(10, 1500, mebibyte, null)] },
      ],
      'macro F1',
    );
    expect(lines[2]).toMatch(/ - +2\.00 x +1\.00 x +-$/);
  });
});

test('runs on different data are not comparable', () => {
  const ours = result(1, 1, 1, null);
  expect(differencesInData(ours, ours)).toEqual([]);
  expect(differencesInData(ours, { ...ours, sizes: [8, 2, 5], steps: 4 })).toEqual([
    'examples (train, dev, test): ours 8,2,4, theirs 8,2,5',
    'updates: ours 3, theirs 4',
  ]);
});
