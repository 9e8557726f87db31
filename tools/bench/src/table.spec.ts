import { expect, test } from '@jest/globals';
import { formatMean, formatTable, meanAndDeviation, median } from './table.js';

test('the first column stands left, the others right, and ragged rows are filled up', () => {
  expect(
    formatTable(
      ['trainer', 's'],
      [
        ['ours', '9.5'],
        ['theirs', '12.25', '2 x'],
      ],
    ),
  ).toEqual(['trainer      s', 'ours       9.5', 'theirs   12.25  2 x']);
});

test('a mean has its deviation beside it where there are several values', () => {
  expect(formatMean([84.25], 1)).toBe('84.3');
  expect(formatMean([1, 2, 3], 2)).toBe('2.00 ± 1.00');
  expect(meanAndDeviation([5])).toEqual({ mean: 5, deviation: 0 });
});

test('the median of an even count lies between the two in the middle', () => {
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 100])).toBe(3.5);
});
