/** Decontamination: what overlaps goes, by which rule, and what does not stays. */
import { describe, expect, test } from '@jest/globals';
import type { Corpus } from './corpus.js';
import { decontaminate } from './decontaminate.js';
import { evaluationTexts } from './evaluation-texts.js';
import { createHashTable } from './word-grams.js';

const corpusOf = (...documents: string[][]): Corpus => ({
  name: 'texts',
  title: 'Texts',
  field: 'legal',
  licence: { name: 'CC0-1.0', commercial: true },
  origin: 'files',
  card: undefined,
  documents: documents.map((paragraphs, i) => ({ id: `${i}`, paragraphs })),
});

/** `count` distinct words. */
const words = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `w${from + i}`).join(' ');

const paragraphsOf = (corpus: Corpus) => corpus.documents.map(({ paragraphs }) => paragraphs);
/** Text that shares nothing, long enough that its document survives. */
const own = words(1000, 80);

describe('a paragraph', () => {
  test.each([
    [
      'that holds 13 words in a row of a text',
      `${words(500, 3)} ${words(5, 13)} ${words(600, 3)}`,
      words(0, 30),
      'sharedRun',
    ],
    ['that holds 12 of them', `${words(500, 3)} ${words(5, 12)} ${words(600, 3)}`, words(0, 30), undefined],
    [
      'that differs in letter case and punctuation',
      `Yes: ${words(5, 13).toUpperCase().replaceAll(' ', ', ')}!`,
      words(0, 30),
      'sharedRun',
    ],
    [
      'that holds all of a text of eight words',
      `${words(500, 6)} ${words(0, 8)} ${words(600, 6)}`,
      words(0, 8),
      'sharedRun',
    ],
    ['that holds a text of seven words', `${words(500, 6)} ${words(0, 7)} ${words(600, 6)}`, words(0, 7), undefined],
    ['that is a text of four words', 'No assignment without consent.', 'no assignment, without consent', 'same'],
    ['that is a text of three', 'Results and discussion.', 'results and discussion', undefined],
    ['that is a text with every eleventh word changed', alter(words(0, 60), 11), words(0, 60), undefined],
    ['that is a text with every twenty-sixth word changed', alter(words(0, 60), 26), words(0, 60), 'sharedRun'],
    // No 13 words to share, but 8 of 11 five-grams; then 8 of 12.
    ['that is a text of 15 words without the last three', words(0, 12), words(0, 15), 'nearDuplicate'],
    ['that is a text of 16 words without the last four', words(0, 12), words(0, 16), undefined],
    ['with words that no text has', words(500, 40), words(0, 40), undefined],
    ['that holds the words in another order', words(0, 26).split(' ').reverse().join(' '), words(0, 26), undefined],
  ])('%s', (_, paragraph, text, rule) => {
    const { corpus, removed } = decontaminate(corpusOf([own, paragraph]), [text]);
    expect(paragraphsOf(corpus)).toEqual([rule === undefined ? [own, paragraph] : [own]]);
    const none = { paragraphs: 0, characters: 0 };
    const found = { paragraphs: 1, characters: paragraph.length };
    expect(removed).toEqual({
      ...{ same: none, sharedRun: none, nearDuplicate: none, remainder: none, documents: 0, cutDocuments: 0 },
      ...(rule === undefined ? {} : { [rule]: found, cutDocuments: 1 }),
    });
  });
});

/** Every `step`th word replaced. */
function alter(text: string, step: number): string {
  return text
    .split(' ')
    .map((word, i) => (i % step === step - 1 ? `x${i}` : word))
    .join(' ');
}

test('a document that loses more than half of its characters goes whole', () => {
  const text = words(0, 40);
  const { corpus, removed } = decontaminate(corpusOf([text, words(100, 20)], [text, words(200, 60)], ['Other.']), [
    text,
  ]);
  expect(paragraphsOf(corpus)).toEqual([[words(200, 60)], ['Other.']]);
  expect(removed).toMatchObject({
    same: { paragraphs: 2 },
    remainder: { paragraphs: 1, characters: words(100, 20).length },
    documents: 1,
    cutDocuments: 1,
  });
});

test('nothing to compare with leaves a corpus as it is', () => {
  const corpus = corpusOf([own], ['Short.']);
  expect(decontaminate(corpus, []).corpus.documents).toEqual(corpus.documents);
});

test('a table of hashes holds what was put in, however much', () => {
  const table = createHashTable();
  const numbers = Array.from({ length: 20_000 }, (_, i) => i);
  expect(numbers.every((i) => table.add(i * 7919, i % 13, i) === -1)).toBe(true);
  expect(table.size).toBe(20_000);
  expect(numbers.every((i) => table.get(i * 7919, i % 13) === i)).toBe(true);
  expect(table.add(7919, 1, 5)).toBe(1);
  expect(table.get(7919, 2)).toBe(-1);
  table.set(7919, 1, 6);
  expect([table.get(7919, 1), table.size]).toEqual([6, 20_000]);
});

test('evaluation texts are those of dev and test: both of a pair, passages and choices, documents of sentences', () => {
  const splits = {
    train: [{ id: '0', text: 'learnt', label: 'a' }],
    dev: [{ id: '1', text: 'premise', second: 'hypothesis', label: 'a' }],
    test: [
      { id: '2', text: 'question', context: 'passage', choices: ['one', 'other'], answer: 0 },
      { id: '3', text: 'first', before: [], after: ['second'], label: 'a' },
      { id: '4', text: 'second', before: ['first'], after: [], label: 'a' },
    ],
  };
  const tested = ['premise', 'hypothesis', 'question', 'passage', 'one', 'other', 'first', 'first second', 'second'];
  expect(evaluationTexts({ splits })).toEqual(tested);
  expect(evaluationTexts({ splits, folds: [] })).toEqual([...tested, 'learnt']);
});
