/** Windows cover a text, and every token is taken from where it has most context. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseWindows, planWindows } from './windows.js';

test('windows overlap by the stride and end with the text', () => {
  expect(planWindows(10, { maxLength: 4, stride: 1 })).toEqual([
    { start: 0, end: 4 },
    { start: 3, end: 7 },
    { start: 6, end: 10 },
  ]);
  expect(planWindows(4, { maxLength: 4, stride: 3 })).toEqual([{ start: 0, end: 4 }]);
  expect(planWindows(0, { maxLength: 4, stride: 0 })).toEqual([{ start: 0, end: 0 }]);
  expect(() => planWindows(9, { maxLength: 4, stride: 4 })).toThrow('stride');
});

test('the better context wins; the ends of the text are no cuts; ties go to the earlier window', () => {
  const windows = [
    { start: 0, end: 6 },
    { start: 3, end: 9 },
  ];
  // Token 3 has 2 tokens to the cut of the first window and none in the second; token 4 has 1 in either; token 5 none and 2.
  expect(Array.from(chooseWindows(9, windows))).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1]);
  expect(() => chooseWindows(9, windows.slice(0, 1))).toThrow('no window');
});

test('any text: each token is in its window, and no other window gives it more context', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer({ min: 1, max: 40 }), fc.nat(39), (tokens, maxLength, wish) => {
      const windows = planWindows(tokens, { maxLength, stride: Math.min(wish, maxLength - 1) });
      const chosen = chooseWindows(tokens, windows);
      for (const [token, window] of chosen.entries()) {
        const context = windows.map(({ start, end }) =>
          token < start || token >= end
            ? -1
            : Math.min(start === 0 ? Infinity : token - start, end === tokens ? Infinity : end - 1 - token),
        );
        expect(context[window]).toBe(Math.max(...context));
      }
    }),
  );
});
