/** Offsets survive the way from UTF-16 units to code points and back. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codeUnitTable, unitsToCodePoints } from './code-points.js';

test('a text without surrogates needs no table', () => {
  expect(codeUnitTable('naïve 東京')).toBeUndefined();
  expect(Array.from(unitsToCodePoints('naïve', [0, 3, 5, 9]))).toEqual([0, 3, 5, 5]);
});

test('a pair counts once, a lone surrogate too', () => {
  const text = 'a😀\ud83d\ude00b\ud83d\udc00';
  expect(Array.from(codeUnitTable(text) ?? [])).toEqual([0, 1, 3, 5, 6, 8]);
  expect(Array.from(codeUnitTable('\udc00\ud800x\ud800') ?? [])).toEqual([0, 1, 2, 3, 4]);
});

test('any text: every code-point boundary returns, as the string iterator counts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, lone) => {
      const source = lone ? `\udc01${text}\ud801` : text;
      const points = Array.from(source);
      const boundaries = points.map((_, i) => points.slice(0, i).join('').length).concat(source.length);
      expect(Array.from(codeUnitTable(source) ?? boundaries.keys())).toEqual(boundaries);
      expect(Array.from(unitsToCodePoints(source, boundaries))).toEqual([...boundaries.keys()]);
    }),
  );
});
