/** Texts as vectors: means over real tokens, long texts as the mean of their windows, pairs and their windows in a batch. */
import { expect, test } from '@jest/globals';
import { runTask, tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';
import type { Feature } from './task.js';
import { dot, pairFeeds, vectorsOf } from './text-vectors.js';

const task = createTask('similarity', { name: 'alike', labels: [], settings: { least: 0, most: 1, windows: 2 } });
const lengths = { maxLength: 12, stride: 4, targets: false };
const ask = (text: string, second?: string) => ({ id: text, text, ...(second === undefined ? {} : { second }) });

test('padding is no part of a mean: a text has one vector whatever it is batched with', async () => {
  const pairs = [
    { ...ask('the cat', 'a cat'), value: 1 },
    { ...ask('the dog', 'the court may decide'), value: 0 },
  ];
  const features = await task.features(pairs, tokenizer, { ...lengths, targets: true });
  const together = (await runTask(task, features)).logits;
  const alone = (await runTask(task, features.slice(0, 2))).logits;
  const lengthsOf = (some: readonly Feature[]) => Math.max(...some.map(({ ids }) => ids.length));
  expect(lengthsOf(features)).toBeGreaterThan(lengthsOf(features.slice(0, 2)));
  const worst = alone[0]?.map((x, i) => Math.abs(x - (together[0]?.[i] ?? NaN))) ?? [];
  expect(Math.max(...worst)).toBeLessThan(1e-5);
  expect(together[0]).toHaveLength(8);
});

test('windows of a long text do not overlap, weigh as many tokens as they have, and are fewer to learn from', async () => {
  const text = 'a b c d e f g h i j k l m n o p q r s t u v w x y';
  const read = await task.features([ask(text, 'x y')], tokenizer, lengths);
  expect(read.map(({ stretch: { of, offset, count } }) => [of, offset, count])).toEqual([
    ['text', 0, 10],
    ['text', 10, 10],
    ['text', 20, 5],
    ['second', 0, 2],
  ]);
  expect(new Set(read.map(({ group }) => group)).size).toBe(1);
  const learnt = await task.features([ask(text, 'x y')], tokenizer, { ...lengths, learning: true });
  expect(learnt.map(({ stretch: { of, offset } }) => [of, offset])).toEqual([
    ['text', 0],
    ['text', 10],
    ['second', 0],
  ]);
  const rows = [
    [1, 0],
    [0, 1],
    [0, 1],
    [3, 4],
  ].map((row) => Float32Array.from(row));
  const [vector] = vectorsOf(1, 'text', read, rows);
  // Special tokens count: 12 of the first window, 12 and 7 of the others.
  const length = Math.hypot(12, 19);
  expect(vector?.[0]).toBeCloseTo(12 / length, 6);
  expect(vector?.[1]).toBeCloseTo(19 / length, 6);
  expect(vectorsOf(1, 'second', read, rows)[0]).toEqual(Float32Array.of(0.6, 0.8));
  expect(dot(vector as Float32Array, Float32Array.of(0, 1))).toBeCloseTo(19 / length, 6);
});

test('a batch is fed how much each window counts for its pair', () => {
  const window = (example: number, of: 'text' | 'second', tokens: number, target?: number): Feature => {
    const none = new Int32Array(tokens);
    return {
      ...{ example, window: 0, ids: none, typeIds: none, starts: none, ends: none, wordIds: none },
      stretch: { first: 0, count: tokens, offset: 0, of },
      ...(target === undefined ? {} : { target: Float32Array.of(target) }),
    };
  };
  const features = [
    ...[window(7, 'text', 4, 0.5), window(7, 'second', 6), window(7, 'second', 2)],
    ...[window(3, 'text', 5, 1), window(3, 'second', 5)],
  ];
  const { pairs, feeds } = pairFeeds(features, 'alike');
  expect(pairs.map(({ example }) => example)).toEqual([7, 3]);
  expect(feeds['text.windows.alike']).toEqual({ data: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1, 0), shape: [2, 5] });
  expect(feeds['second.windows.alike']?.data).toEqual(Float32Array.of(0, 0.75, 0.25, 0, 0, 0, 0, 0, 0, 1));
});
