/** Words made of tokens: shared tokens, dropped characters, gaps. */
import { expect, test } from '@jest/globals';
import { entitiesOf, tagsOf, tagWords, wordsOf } from './word-tags.js';

const tokens = (spans: [number, number][], wordIds = spans.map((_, i) => i)) => ({
  starts: Int32Array.from(spans, ([start]) => start),
  ends: Int32Array.from(spans, ([, end]) => end),
  wordIds: Int32Array.from(wordIds),
});

test('words that share a token are one', () => {
  // Words "ab", "cd", "ef"; tokens "abc", "d", "ef".
  const words = wordsOf(
    tokens([
      [0, 3],
      [3, 4],
      [4, 6],
    ]),
    [
      [0, 2],
      [2, 4],
      [4, 6],
    ],
  );
  expect(words).toEqual({ starts: [0, 4], ends: [4, 6], wordOf: Int32Array.of(0, 0, 1) });
});

test('words without tokens are none, and tokens without words have none', () => {
  // Words "ab", a dropped character, "cd"; a token of a gap at 7.
  const words = wordsOf(
    tokens([
      [0, 2],
      [4, 6],
      [7, 8],
    ]),
    [
      [0, 2],
      [3, 4],
      [4, 6],
    ],
  );
  expect(words).toEqual({ starts: [0, 4], ends: [2, 6], wordOf: Int32Array.of(0, 1, -1) });
  const names = tagsOf(['X']);
  const tags = tagWords(words, [{ start: 0, end: 6, label: 'X' }], () => 0);
  expect(Array.from(tags, (tag) => names[tag])).toEqual(['B-X', 'I-X']);
  // The dropped character lies inside.
  expect(entitiesOf(words, tags, names)).toEqual([{ start: 0, end: 6, label: 'X', firstWord: 0, endWord: 2 }]);
});

test('the words of the tokenizer are its tokens put together; empty tokens are none', () => {
  const words = wordsOf(
    tokens(
      [
        [0, 2],
        [2, 2],
        [2, 5],
        [6, 7],
      ],
      [0, 0, 0, 1],
    ),
  );
  expect(words).toEqual({ starts: [0, 6], ends: [5, 7], wordOf: Int32Array.of(0, -1, 0, 1) });
});

test('a word belongs to the entity that it shares most with', () => {
  const words = { starts: [0, 5], ends: [4, 9] };
  const entities = [
    { start: 0, end: 1, label: 'X' },
    { start: 1, end: 7, label: 'Y' },
  ];
  expect(Array.from(tagWords(words, entities, ({ label }) => (label === 'X' ? 0 : 1)))).toEqual([3, 4]);
});
