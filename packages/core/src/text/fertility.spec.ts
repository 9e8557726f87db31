/** Fertility against figures counted by hand, and on a tokenizer of ours. */
import { expect, test } from '@jest/globals';
import { measureFertility, measureWords } from './fertility.js';
import { trainWordPiece } from './train-vocabulary.js';

const unkId = 1;

/** The encoding of tokens at places [start, end) of a text; `0` for both is a special token. */
const encoding = (places: readonly (readonly [number, number])[], ids = places.map((_, i) => 10 + i)) => ({
  ids: Int32Array.from(ids),
  starts: Int32Array.from(places, ([start]) => start),
  ends: Int32Array.from(places, ([, end]) => end),
  specialMask: Uint8Array.from(places, ([, end]) => (end === 0 ? 1 : 0)),
});

test('tokens a word, whole words, unknown ones, and those in three pieces', () => {
  // [CLS] The less ##ee , in 1999 , pa ##y ##s [UNK] [SEP]: the year is no word, the comma neither.
  const text = 'The lessee, in 1999, pays ☃a';
  const places = [
    ...([
      [0, 0],
      [0, 3],
      [4, 8],
      [8, 10],
      [10, 11],
      [12, 14],
      [15, 19],
      [19, 20],
    ] as const),
    ...([
      [21, 23],
      [23, 24],
      [24, 25],
      [27, 28],
      [0, 0],
    ] as const),
  ];
  const ids = places.map((_, i) => (i === 11 ? unkId : 10 + i));
  expect(measureWords([text], [encoding(places, ids)], { unkId })).toEqual({
    words: 5,
    fertility: 8 / 5,
    whole: 2 / 5,
    unknown: 1 / 5,
    shattered: [{ word: 'pays', pieces: 3, count: 1 }],
  });
});

test('words that cost the most tokens come first', () => {
  const three = encoding([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  const five = encoding([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 5],
  ]);
  const { shattered } = measureWords(['abc', 'ABC', 'abc', 'vwxyz'], [three, three, three, five], { unkId });
  expect(shattered).toEqual([
    { word: 'abc', pieces: 3, count: 3 },
    { word: 'vwxyz', pieces: 5, count: 1 },
  ]);
});

test('of a tokenizer that was made from the text every frequent word is whole, of another text hardly one', async () => {
  const own = 'the court held that the lease was void. the court held that the rent was due.';
  const tokenizer = trainWordPiece([own, own], { vocabularySize: 200 });
  const foreign = 'Myocardial infarction; nephrotoxicity!';
  const encodings = await tokenizer.encodeMany([own, foreign]);
  const [mine, theirs] = [own, foreign].map((text, i) => measureWords([text], encodings.slice(i, i + 1), tokenizer));
  expect(mine).toMatchObject({ words: 16, fertility: 1, whole: 1, unknown: 0 });
  expect(theirs?.words).toBe(3);
  expect(theirs?.whole).toBe(0);
  // Of both together: 16 words in 16 tokens, 3 in many.
  const tokens = 16 + 3 * (theirs?.fertility ?? 0);
  expect(await measureFertility([own, foreign], tokenizer)).toBeCloseTo(tokens / 19, 12);
  expect(await measureFertility([], tokenizer)).toBe(0);
});

test('nothing to measure', () => {
  expect(measureWords(['12 !'], [encoding([[0, 2]])], { unkId })).toMatchObject({
    words: 0,
    fertility: 0,
    whole: 0,
  });
});
