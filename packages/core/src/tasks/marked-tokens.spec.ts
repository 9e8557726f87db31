import { expect, test } from '@jest/globals';
import { markNotes, markTokensOf } from './marked-tokens.js';
import { tokenizer } from './spec-support.js';
import { newHeadSettings } from './task-types.js';

test('marks are found again by the numbers of their tokens, and not at all where the vocabulary lacks one', async () => {
  const idOf = async (sign: string) => (await tokenizer.encode(`a ${sign} b`, { addSpecialTokens: false })).ids[1];
  const { markTokens } = await markTokensOf([['(', ')'], ['.']], tokenizer);
  expect(markTokens).toEqual([[await idOf('('), await idOf(')')], [await idOf('.')]]);
  expect(await markTokensOf([['('], ['(', '))']], tokenizer)).toEqual({});
  expect(await markTokensOf([['('], ['\u2060']], tokenizer)).toEqual({});
});

test('what a new head reads is among its settings; other kinds have theirs as they are', async () => {
  const marks = [['(', ')']];
  const { markTokens } = await markTokensOf(marks, tokenizer);
  expect(await newHeadSettings('classification', { marks }, tokenizer)).toEqual({ marks, markTokens });
  expect(await newHeadSettings('sequential-classification', { neighbours: 1 }, tokenizer)).toEqual({
    ...{ neighbours: 1, ownTokens: true },
  });
  expect(await newHeadSettings('classification', undefined, tokenizer)).toBeUndefined();
  // The vocabulary of these specs lacks the signs around pairs.
  expect(await newHeadSettings('relation-extraction', { entitiesFrom: 'x' }, tokenizer)).toEqual({ entitiesFrom: 'x' });
});

test('a note says which marks are not found, and in how many training texts', () => {
  const marks = [['<', '>'], ['#']];
  const texts = [
    [1, 7, 2],
    [1, 5, 7, 2],
    [9, 9],
  ];
  const features = texts.map((ids, example) => ({ example, ids: Int32Array.from(ids) }));
  const of = (settings: Parameters<typeof markNotes>[0], some = features) =>
    markNotes(settings, { examples: some.length, features: some });
  expect(of({})).toEqual([]);
  expect(of({ marks })).toEqual([
    'the signs < > # are not each one token of the vocabulary: heads do not look at them',
  ]);
  expect(of({ marks, markTokens: [[1, 2], [7]] })).toEqual(['1 of 3 training texts lack some of the signs < > #']);
  expect(of({ marks, markTokens: [[1, 2], [7]] }, features.slice(0, 2))).toEqual([]);
  expect(of({ marks, markTokens: [[1, 2], [8]] })).toEqual(['3 of 3 training texts lack some of the signs < > #']);
});
