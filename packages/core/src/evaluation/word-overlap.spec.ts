/** Frequent words that two texts share, and those that tell them apart. */
import { describe, expect, test } from '@jest/globals';
import { plainWords } from './plain-words.js';
import { mostFrequentWords, overlapOfWords, tellingWords } from './word-overlap.js';

const words = (text: string) => text.split(' ');

describe('overlap of frequent words', () => {
  test('counted by hand', () => {
    // Frequent twice and more: court, lease, rent and court, lease, cell, gene; three of each side are compared.
    const a = words('court court court lease lease rent rent once');
    const b = words('court court lease lease cell cell gene gene alone');
    // By the alphabet among equals: court, lease, rent against cell, court, gene.
    expect(overlapOfWords(a, b)).toEqual({ share: 1 / 3, compared: 3 });
    expect(overlapOfWords(a, b, { most: 1 })).toEqual({ share: 0, compared: 1 });
    expect(overlapOfWords(a, b, { leaveOut: new Set(['cell', 'gene']) })).toEqual({ share: 1, compared: 2 });
    expect(overlapOfWords(a, a)).toEqual({ share: 1, compared: 3 });
    expect(overlapOfWords(a, words('only once each'))).toEqual({ share: 0, compared: 0 });
  });

  test('words in order of their counts', () => {
    expect(mostFrequentWords(words('b a c a b a'))).toEqual([
      { word: 'a', count: 3 },
      { word: 'b', count: 2 },
      { word: 'c', count: 1 },
    ]);
  });
});

test('words that tell are those that are more frequent than chance, not the rarest', () => {
  const a = [...Array<string>(30).fill('lease'), ...Array<string>(100).fill('the'), 'hapax'];
  const b = [...Array<string>(30).fill('gene'), ...Array<string>(100).fill('the'), 'lease'];
  expect(tellingWords(a, b, { most: 5 })).toEqual(['lease', 'hapax']);
  expect(tellingWords(a, b, { most: 1 })).toEqual(['lease']);
  expect(tellingWords(a, b, { most: 5, leaveOut: new Set(['lease']) })).toEqual(['hapax']);
});

test('plain words are the same whether clitics were cut off or not', () => {
  const cut = "The lessor 's agent did n't pay $ 1,200 , and they 're late .";
  const whole = "The lessor's agent didn't pay $1,200, and they're late.";
  expect(plainWords(cut)).toEqual(['the', 'lessor', 'agent', 'did', 'pay', 'and', 'they', 'late']);
  expect(plainWords(whole)).toEqual(plainWords(cut));
  expect(plainWords('Größe, Œuvre; x 12')).toEqual(['größe', 'œuvre']);
});
