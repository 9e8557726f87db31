/** The layout of a batch: position first, padded to the longest. */
import { expect, test } from '@jest/globals';
import { feedSequences, paddingBias, rowOf } from './index.js';

test('rows are ordered by position, then by sequence', () => {
  const fed = feedSequences([{ ids: [2, 7, 3], typeIds: [0, 0, 1] }, { ids: Int32Array.of(2, 3) }], { padId: 9 });
  expect([fed.batch, fed.length, fed.tokens]).toEqual([2, 3, 6]);
  expect([...fed.input_ids].map(Number)).toEqual([2, 2, 7, 3, 3, 9]);
  expect([...fed.token_type_ids].map(Number)).toEqual([0, 0, 0, 0, 1, 0]);
  expect([...fed.position_ids].map(Number)).toEqual([0, 0, 1, 1, 2, 2]);
  // [batch, 1, 1, length]
  expect([...fed.attention_bias]).toEqual([0, 0, 0, 0, 0, paddingBias]);
  expect(fed.input_ids[rowOf(1, 0, 2)]).toBe(7n);
});

test('refuses no sequence, an empty one, and segments that are not one a token', () => {
  expect(() => feedSequences([], { padId: 0 })).toThrow(/no sequences/);
  expect(() => feedSequences([{ ids: [1] }, { ids: [] }], { padId: 0 })).toThrow(/sequence 1/);
  expect(() => feedSequences([{ ids: [1], typeIds: [] }], { padId: 0 })).toThrow(/1 tokens, 0 segments/);
});
