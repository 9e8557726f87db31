/** What of a prediction must be the same in INT8, and runs that nothing can be compared on. */
import { expect, test } from '@jest/globals';
import { answerOf } from './quantise-run.js';

const entity = { start: 2, end: 5, label: 'date', text: 'May', confidence: 0.9 };

test('answers leave out how sure a prediction is', () => {
  expect(answerOf({ label: 'a', probabilities: [0.9, 0.1] })).toEqual(['a']);
  expect(answerOf({ labels: ['b', 'a'], probabilities: [0.9, 0.8] })).toEqual(['a\nb']);
  expect(answerOf({ choice: 2, probabilities: [0, 0, 1] })).toEqual(['2']);
  expect(answerOf({ value: 3.2 })).toBeUndefined();
  expect(answerOf({ value: 3.2, cosine: 0.4 })).toBeUndefined();
  expect(answerOf({ candidates: [], noAnswer: 1 })).toEqual(['none']);
  expect(answerOf({ answer: { start: 1, end: 3, text: 'x' }, candidates: [], noAnswer: 0 })).toEqual(['1', '2']);
  expect(answerOf({ nearest: [{ document: 'd', score: 1 }] })).toEqual(['d']);
  expect(answerOf({ codes: [{ code: 'E11', probability: 0.7 }], ranking: [], unseen: [] })).toEqual(['E11']);
});

test('what is found in a text counts one by one', () => {
  expect(answerOf({ entities: [entity] })).toEqual(['2-5 date']);
  expect(answerOf({ entities: [] })).toEqual([]);
  expect(answerOf({ entities: [entity], intents: ['book'], intentProbabilities: [1] })).toEqual(['2-5 date', 'book']);
  const relations = [{ head: 0, tail: 1, label: 'causes', confidence: 1 }];
  expect(answerOf({ relations })).toEqual(['0-1 causes']);
  expect(answerOf({ relations, entities: [entity] })).toEqual(['2-5 date', '0-1 causes']);
});
