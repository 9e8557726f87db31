/** Similarity: cosines in the unit of the scores, the loss by hand, baselines, and pairs that lack a text. */
import { expect, test } from '@jest/globals';
import { lossOf, tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';

const lengths = { maxLength: 16, stride: 4, targets: true };
const pair = (text: string, second: string, value: number) => ({ id: `${text}|${second}`, text, second, value });
const train = [pair('a cat sits', 'a cat is sitting', 5), pair('a dog runs', 'the court decides', 1)];
const task = createTask('similarity', { name: 'alike', labels: [], trainExamples: train });

test('the scores of training give the unit, which is kept with the model', () => {
  expect(task.settings).toEqual({ least: 1, most: 5 });
  expect(createTask('similarity', { name: 'x', labels: [], trainExamples: [train[0]!] }).settings).toMatchObject({
    least: 5,
    most: 6,
  });
});

test('equal vectors have the largest score, orthogonal ones the least', async () => {
  const features = await task.features(train, tokenizer, lengths);
  expect(features.map(({ target }) => target?.[0])).toEqual([1, undefined, 0, undefined]);
  const rows = [
    [2, 0],
    [3, 0],
    [1, 0],
    [0, 5],
  ].map((row) => Float32Array.from(row));
  const predictions = task.decode(train, features, rows, {});
  expect(predictions[0]?.cosine).toBeCloseTo(1, 6);
  expect(predictions.map(({ value }) => Math.round(value * 1e4) / 1e4)).toEqual([5, 1]);
  const { metrics } = task.score(train, predictions);
  expect([metrics['pearson'], metrics['mse']]).toEqual([expect.closeTo(1, 9), expect.closeTo(0, 9)]);
});

test('the loss is the mean squared error of cosines', async () => {
  const features = await task.features(train, tokenizer, lengths);
  const data = [3, 4, 1, 0, 1, 1, 1, 0];
  const loss = await lossOf(task, { data, shape: ['batch', 2] }, features);
  expect(loss).toBeCloseTo(((0.6 - 1) ** 2 + (Math.SQRT1_2 - 0) ** 2) / 2, 5);
});

test('what has no second text, or no score, is named', async () => {
  const alone = { id: 'alone', text: 'a cat' };
  const features = await task.features([alone], tokenizer, { ...lengths, targets: false });
  expect(() => task.decode([alone], features, [Float32Array.of(1, 0)], {})).toThrow('only one');
  await expect(task.features([{ ...alone, second: 'a dog' }], tokenizer, lengths)).rejects.toMatchObject({
    code: 'FC_DATA',
  });
});

test('words alone are the baseline', () => {
  const [tfidf] = task.baselines();
  const test = [pair('a cat sits', 'a cat sits', 5), pair('cat', 'dog', 1)];
  const many = [...train, ...train].map((example, i) => ({ ...example, id: String(i) }));
  expect(tfidf?.name).toBe('tfidf');
  const [same, other] = tfidf?.predict(many, [], test) ?? [];
  expect(same?.value).toBeCloseTo(5, 6);
  expect(other?.value).toBe(1);
});
