import { expect, test } from '@jest/globals';
import { markTokensOf } from './marked-tokens.js';
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
