/** Phrases that are kept: they find what the dictionary baseline finds, say nothing of training's words, and are refused where they are damaged. */
import { expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import { entityDictionary, findPhrases, knownPhrasesSchema, learnPhrases, type KnownPhrases } from './index.js';

const entity = (text: string, part: string, label: string) => {
  const start = text.indexOf(part);
  return { start, end: start + part.length, label };
};
const texts: [string, string, string][] = [
  ['The U.S. Army left Rome.', 'U.S. Army', 'ORG'],
  ['He lives in Paris now.', 'Paris', 'LOC'],
  ['We saw Polish art.', 'Polish', 'MISC'],
  ['They polish shoes, and polish them again.', 'shoes', 'THING'],
];
const train = texts.map(([text, part, label]) => ({ text, entities: [entity(text, part, label)] }));
const inputs = ['The U.S. Army in PARIS', 'Polish shoes that they polish', 'nothing'].map((text) => ({ text }));

test('finds what the dictionary finds, as it is written or in any case', () => {
  const known = learnPhrases(train);
  const found = inputs.map((input) => findPhrases(known, input));
  expect(found).toEqual(entityDictionary().fit(train)(inputs));
  expect(found.map((spans) => spans.map(({ label }) => label))).toEqual([['ORG', 'LOC'], ['MISC', 'THING'], []]);
});

test('splits texts as those of users are split, whatever words the data has', () => {
  const words = [
    [0, 3],
    [4, 8],
    [9, 13],
    [14, 18],
    [19, 24],
    [24, 25],
  ] as [number, number][];
  const known = learnPhrases([{ ...train[0]!, words }]);
  expect(findPhrases(known, { text: 'The U.S. Army' })).toEqual([entity('The U.S. Army', 'U.S. Army', 'ORG')]);
});

test('keeps no words of training, none that bear nothing, and no whole clauses', () => {
  const clause = 'one two three four five six seven eight nine ten eleven';
  const known = learnPhrases([...train, { text: clause, entities: [entity(clause, clause, 'CAUSE')] }]);
  expect(JSON.stringify(known)).not.toMatch(/paris|army|shoes/i);
  expect(findPhrases(known, { text: clause })).toEqual([]);
  const often = { text: 'may may may', entities: [{ start: 0, end: 3, label: 'DATE' }] };
  expect(learnPhrases([often])).toEqual({ labels: [''], hashes: '', bears: '' });
});

test('goes through JSON, and is refused where it is damaged', () => {
  const known = learnPhrases(train);
  const read = knownPhrasesSchema.parse(JSON.parse(JSON.stringify(known)));
  expect(findPhrases(read, inputs[0]!)).toEqual(findPhrases(known, inputs[0]!));
  const damaged = (part: Partial<KnownPhrases>) => () => findPhrases({ ...known, ...part }, inputs[0]!);
  for (const part of [{ labels: [''] }, { hashes: known.hashes.slice(12) }, { bears: known.bears.slice(4) }])
    expect(damaged(part)).toThrow(FieldcraftError);
});
