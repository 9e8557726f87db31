/** Evenness and ratio against figures worked out by hand. */
import { expect, test } from '@jest/globals';
import { balanceOf } from './label-balance.js';

test('counts of labels', () => {
  expect(balanceOf({ a: 8, b: 4, c: 4, unused: 0 })).toEqual({
    classes: 3,
    rarest: { label: 'b', count: 4 },
    commonest: { label: 'a', count: 8 },
    median: 4,
    ratio: 2,
    // 1.5 bits of the log2(3) = 1.585 that equal shares have.
    evenness: expect.closeTo(1.5 / Math.log2(3), 12),
  });
  expect(balanceOf({ a: 5, b: 5 })).toMatchObject({ ratio: 1, evenness: expect.closeTo(1, 12) });
  expect(balanceOf({ only: 5 })).toMatchObject({ classes: 1, ratio: 1, evenness: 0, median: 5 });
  expect(balanceOf({ unused: 0 })).toBeUndefined();
});
