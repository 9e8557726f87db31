/** Tags that are chosen together: counts by hand, the best of all sequences, and what no transitions leave as it is. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { argmaxRows } from '../metrics/index.js';
import { countTransitions, likeliestTags, type TagTransitions } from './tag-transitions.js';

test('log odds are those of counts, each pair with a part of one more', () => {
  // O B I, O O: from O there are 4 pairs (the beginnings too), from B one, from I none; O stands there 3 times and one, B and I once and one.
  const odds = countTransitions([Int32Array.of(0, 1, 2), Int32Array.of(0, 0)], 3);
  const [o, b, i] = [4 / 8, 2 / 8, 2 / 8];
  const expected = [
    ...[(3 + o) / 5 / o, (1 + b) / 5 / b, (0 + i) / 5 / i],
    ...[(0 + o) / 2 / o, (0 + b) / 2 / b, (1 + i) / 2 / i],
    ...[1, 1, 1],
  ].map(Math.log);
  expect(odds).toHaveLength(9);
  odds.forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 3));
});

const width = 3;
const words = fc.array(
  fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: width, maxLength: width }),
  {
    minLength: 1,
    maxLength: 5,
  },
);
const transitions: fc.Arbitrary<TagTransitions> = fc.record({
  weight: fc.constantFrom(0.5, 1),
  logOdds: fc.array(fc.double({ min: -9, max: 3, noNaN: true }), { minLength: width ** 2, maxLength: width ** 2 }),
});

function scoreOf(tags: ArrayLike<number>, rows: readonly (readonly number[])[], known: TagTransitions): number {
  let sum = 0;
  for (let w = 0; w < rows.length; w++) {
    const before = w === 0 ? 0 : tags[w - 1]!;
    sum += Math.log(rows[w]![tags[w]!]!) + known.weight * known.logOdds[before * width + tags[w]!]!;
  }
  return sum;
}

test('the tags are the best of all there are', () => {
  fc.assert(
    fc.property(words, transitions, (rows, known) => {
      const chosen = likeliestTags(rows.flat(), width, known);
      let best = -Infinity;
      for (let n = 0; n < width ** rows.length; n++) {
        const tags = rows.map((_, w) => Math.floor(n / width ** w) % width);
        best = Math.max(best, scoreOf(tags, rows, known));
      }
      expect(scoreOf(chosen, rows, known)).toBeCloseTo(best, 9);
      expect(likeliestTags(rows.flat(), width, undefined)).toEqual(argmaxRows(rows.flat(), width));
    }),
  );
});

test('a text without words has no tags', () => {
  expect(likeliestTags([], width, { weight: 1, logOdds: new Array<number>(9).fill(0) })).toHaveLength(0);
});
