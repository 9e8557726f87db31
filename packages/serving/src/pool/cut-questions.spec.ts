/** Requests cut into what each worker computes. */
import { expect, test } from '@jest/globals';
import { cutInputs } from './cut-questions.js';
import { estimateTokens } from './queue.js';

const text = (words: number) => 'word '.repeat(words);
const inputs = [1, 2, 3, 4, 5, 6].map((i) => text(10 * i));
const total = inputs.reduce((sum, input) => sum + estimateTokens(input), 0);
const sizes = (workers: number, budget = 10_000) => cutInputs(inputs, { budget, workers }).map((part) => part.tokens);

test('nothing is lost, and the order stays', () => {
  for (const workers of [1, 2, 4])
    expect(cutInputs(inputs, { budget: 90, workers }).flatMap((p) => p.inputs)).toEqual(inputs);
});

test('one worker computes all in one piece, more a share each, and none more than the budget', () => {
  expect(sizes(1)).toEqual([total]);
  expect(sizes(2).length).toBeGreaterThanOrEqual(2);
  for (const size of sizes(2)) expect(size).toBeLessThanOrEqual(Math.ceil(total / 2));
  for (const size of sizes(1, 90)) expect(size).toBeLessThanOrEqual(90);
});

test('a text that is larger than the budget is a piece by itself', () => {
  expect(
    cutInputs([text(5), text(500), text(5)], { budget: 100, workers: 1 }).map((part) => part.inputs.length),
  ).toEqual([1, 1, 1]);
  expect(cutInputs([], { budget: 100, workers: 2 })).toEqual([]);
});
