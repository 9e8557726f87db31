import { expect, test } from '@jest/globals';
import { markTokensOf } from './marked-tokens.js';
import { tokenizer } from './spec-support.js';

test('marks are found again by the numbers of their tokens, and not at all where the vocabulary lacks one', async () => {
  const idOf = async (sign: string) => (await tokenizer.encode(`a ${sign} b`, { addSpecialTokens: false })).ids[1];
  const { markTokens } = await markTokensOf([['(', ')'], ['.']], tokenizer);
  expect(markTokens).toEqual([[await idOf('('), await idOf(')')], [await idOf('.')]]);
  expect(await markTokensOf([['('], ['(', '))']], tokenizer)).toEqual({});
  expect(await markTokensOf([['('], ['\u2060']], tokenizer)).toEqual({});
});
