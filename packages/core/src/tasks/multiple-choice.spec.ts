/** Multiple choice: questions whose choices are learnt together, any number of them; loss by hand, decoding, baselines. */
import { expect, test } from '@jest/globals';
import { planBatches, planEvalBatches } from '../data/index.js';
import { choiceMetrics, choiceStatistics, sumStatistics } from '../metrics/index.js';
import { lossOf, runTask, tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';

const task = createTask('multiple-choice', { name: 'quiz', labels: [] });
const lengths = { maxLength: 24, stride: 4, targets: true };
const question = (id: string, choices: string[], answer: number, context?: string) => {
  const text = `which of ${choices.length}`;
  return { id, text, choices, answer, ...(context === undefined ? {} : { context }) };
};
const examples = [question('1', ['cat', 'dog'], 1), question('2', ['bank', 'river', 'tree'], 0)];

test('each choice is a sequence with its question, and knows which belong together', async () => {
  const features = await task.features(examples, tokenizer, lengths);
  expect(features.map(({ example, window, group }) => [example, window, group])).toEqual([
    [0, 0, 0],
    [0, 1, 0],
    [1, 0, 1],
    [1, 1, 1],
    [1, 2, 1],
  ]);
  expect(features.map(({ target }) => target?.[0])).toEqual([-100, 1, 1, -100, -100]);
  expect(features[1]?.ids).toEqual((await tokenizer.encode('which of 2', { pair: 'dog' })).ids);
  const [about] = await task.features([question('3', ['cat', 'dog'], 0, 'a cat')], tokenizer, lengths);
  expect(about?.ids).toEqual((await tokenizer.encode('a cat', { pair: 'which of 2 cat' })).ids);
});

test('the loss is the softmax over the choices of one question, whatever else is in the batch', async () => {
  const features = await task.features(examples, tokenizer, lengths);
  const data = [0, Math.log(3), Math.log(2), 0, 0];
  const expected = -(Math.log(3 / 4) + Math.log(2 / 4)) / 2;
  expect(await lossOf(task, { data, shape: ['batch', 1] }, features)).toBeCloseTo(expected, 5);
  // The order of the rows does not matter.
  const order = [3, 0, 2, 4, 1];
  const shuffled = order.map((row) => features[row] as (typeof features)[number]);
  const turned = { data: order.map((row) => data[row] ?? 0), shape: ['batch', 1] };
  expect(await lossOf(task, turned, shuffled)).toBeCloseTo(expected, 5);
  const { logits, parameters } = await runTask(task, features);
  expect(logits.map(({ length }) => length)).toEqual([1, 1, 1, 1, 1]);
  expect(parameters.get('heads.quiz.classifier.weight')?.shape).toEqual([1, 8]);
});

test('choices stay in one batch, and in one pass', () => {
  const groups = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3].map((group) => group);
  const lengths = groups.map((_, i) => 5 + ((7 * i) % 11));
  for (const batches of [
    planBatches(lengths, { batchSize: 4, seed: 1, epoch: 0, groups }),
    planEvalBatches(lengths, { maxTokens: 40, groups }),
  ]) {
    expect([...batches.flatMap((batch) => Array.from(batch))].sort((a, b) => a - b)).toEqual([...groups.keys()]);
    for (const group of new Set(groups)) {
      const holding = batches.filter((batch) => batch.some((i) => groups[i] === group));
      expect(holding).toHaveLength(1);
    }
  }
});

test('the highest number is the answer; probabilities are of one question each', async () => {
  const features = await task.features(examples, tokenizer, { ...lengths, targets: false });
  const logits = [0, 1, 0, 0, 2].map((x) => Float32Array.of(x));
  const predictions = task.decode(examples, features, logits, { temperature: 2 });
  expect(predictions.map(({ choice }) => choice)).toEqual([1, 2]);
  const share = Math.exp(0.5) / (1 + Math.exp(0.5));
  expect(predictions[0]?.probabilities).toEqual([expect.closeTo(1 - share, 12), expect.closeTo(share, 12)]);
  const { metrics, perLabel } = task.score(examples, predictions);
  expect([metrics['accuracy'], perLabel]).toEqual([0.5, []]);
  expect(metrics['meanReciprocalRank']).toBeCloseTo((1 + 1 / 2) / 2, 12);
  expect(task.intervals(examples, predictions, { seed: 1 })['accuracy']?.value).toBe(0.5);
  expect(task.mistakes(examples, predictions)).toMatchObject([
    { id: '2', gold: ['bank'], predicted: ['tree'], choices: examples[1]!.choices.map((words) => ({ text: words })) },
  ]);
  const { temperature = 0 } = task.tune(examples, features, logits);
  expect(temperature).toBeGreaterThan(0);
});

test('of equal numbers the earlier choice is first', () => {
  const statistics = choiceStatistics(
    [1, 0],
    [
      [1, 1],
      [2, 2],
    ],
  );
  expect(choiceMetrics(sumStatistics(statistics))).toEqual({ accuracy: 0.5, meanReciprocalRank: 0.75 });
});

test('baselines: the place of most answers, and the words of question and choice', () => {
  const words = 'cat dog bank river tree engine paper window garden letter'.split(' ');
  const many = words.map((word, i) => ({
    id: word,
    text: `what is a ${word} like`,
    choices:
      i % 3 === 0 ? [`a ${words[(i + 2) % 10] ?? ''}`, `a ${word}`] : [`a ${word}`, `a ${words[(i + 2) % 10] ?? ''}`],
    answer: i % 3 === 0 ? 1 : 0,
  }));
  const [majority, tfidf] = task.baselines();
  const accuracy = (baseline = tfidf) => task.score(many, baseline?.predict(many, [], many) ?? []).metrics['accuracy'];
  expect(accuracy(majority)).toBeCloseTo(0.6, 12);
  expect(accuracy()).toBe(1);
});

test('a text without choices is refused', async () => {
  const features = task.features([{ id: 'text 1', text: 'a', choices: ['one'] }], tokenizer, {
    ...lengths,
    targets: false,
  });
  await expect(features).rejects.toThrow('fewer than two');
});
