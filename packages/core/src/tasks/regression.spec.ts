/** Regression: numbers in their unit through windows and export, loss by hand, scores, baselines. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bootstrapSums, regressionMetrics, regressionReport, regressionStatistics } from '../metrics/index.js';
import { lossOf, randomText, runTask, tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';

const lengths = { maxLength: 12, stride: 4, targets: true };
const exampleOf = (text: string, value: number, id = text) => ({ id, text, value });
const trainExamples = [exampleOf('a', 1000), exampleOf('b', 1200), exampleOf('c', 1400)];
const task = createTask('regression', { name: 'price', labels: [], trainExamples });

test('the numbers of training give the unit, which is kept with the model', () => {
  expect(task.settings).toEqual({ mean: 1200, deviation: 200, pairs: false });
  const loaded = createTask('regression', { name: 'price', labels: [], settings: task.settings });
  expect(loaded.settings).toEqual(task.settings);
  const same = createTask('regression', {
    name: 'x',
    labels: [],
    trainExamples: [exampleOf('a', 3), exampleOf('b', 3)],
  });
  expect(same.settings).toMatchObject({ mean: 3, deviation: 1 });
});

test('gold outputs give back gold numbers, however long the text', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(randomText(['A']), fc.integer({ min: -5000, max: 5000 })), { minLength: 2, maxLength: 4 }),
      async (drawn) => {
        const examples = drawn.map(([{ text }, value], i) => exampleOf(text, value, String(i)));
        const features = await task.features(examples, tokenizer, lengths);
        const logits = features.map(({ target }) => Float32Array.from(target ?? []));
        const predictions = task.decode(examples, features, logits, {});
        predictions.forEach(({ value }, i) => expect(value).toBeCloseTo(examples[i]?.value ?? NaN, 2));
      },
    ),
    { numRuns: 30 },
  );
});

test('windows are weighed by their tokens', async () => {
  const example = exampleOf('a b c d e f g h i j k l m n', 0);
  const features = await task.features([example], tokenizer, { maxLength: 12, stride: 0, targets: false });
  expect(features.map(({ stretch }) => stretch.count)).toEqual([10, 4]);
  const [prediction] = task.decode([example], features, [Float32Array.of(1), Float32Array.of(-1)], {});
  expect(prediction?.value).toBeCloseTo(1200 + 200 * (6 / 14), 9);
});

test('the loss is the mean squared error in deviations', async () => {
  const features = await task.features([exampleOf('a', 1400), exampleOf('b', 1100)], tokenizer, lengths);
  const loss = await lossOf(task, { data: [0.5, 0.5], shape: ['batch', 1] }, features);
  expect(loss).toBeCloseTo((0.5 ** 2 + 1) / 2, 6);
  const { logits, parameters } = await runTask(task, features);
  expect(logits.map((row) => row.length)).toEqual([1, 1]);
  expect(parameters.get('heads.price.classifier.weight')?.shape).toEqual([1, 8]);
});

test('outside, the head gives the number itself', () => {
  expect(task.publishedWeight?.('heads.price.classifier.weight', Float32Array.of(0.5))).toEqual(Float32Array.of(100));
  expect(task.publishedWeight?.('heads.price.classifier.bias', Float32Array.of(0.5))).toEqual(Float32Array.of(1300));
  const pooler = Float32Array.of(2);
  expect(task.publishedWeight?.('heads.price.pooler.dense.weight', pooler)).toBe(pooler);
});

test('scores, their intervals, and the worst mistakes first', () => {
  const gold = [1, 2, 3, 4];
  const predicted = [1.5, 2, 2, 8];
  const examples = gold.map((value, i) => exampleOf('t', value, String(i)));
  const predictions = predicted.map((value) => ({ value }));
  const { examples: _, ...report } = regressionReport(gold, predicted);
  expect(task.score(examples, predictions)).toEqual({ metrics: report, perLabel: [] });
  const intervals = task.intervals(examples, predictions, { seed: 1 });
  for (const name of ['mse', 'mae', 'pearson'] as const) expect(intervals[name]?.value).toBeCloseTo(report[name], 12);
  expect(task.mistakes(examples, predictions).map(({ id, gold: [g], predicted: [p] }) => [id, g, p])).toEqual([
    ['3', '4', '8'],
    ['2', '3', '2'],
    ['0', '1', '1.5'],
  ]);
});

test('the sums that intervals are made of give the scores, far from zero too', () => {
  const number = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { minLength: 3, maxLength: 30 }), (drawn) => {
      const [gold, predicted] = [drawn.map(([x]) => 1e6 + x), drawn.map(([, y]) => 1e6 + y)];
      const report = regressionReport(gold, predicted);
      fc.pre(Math.max(...gold) - Math.min(...gold) > 0.01 && Math.max(...predicted) - Math.min(...predicted) > 0.01);
      const statistics = regressionStatistics(gold, predicted);
      const { pearson, mse, mae } = bootstrapSums(statistics, regressionMetrics, { seed: 1, resamples: 2 });
      expect([pearson.value, mse.value, mae.value].map((x) => x.toFixed(6))).toEqual(
        [report.pearson, report.mse, report.mae].map((x) => x.toFixed(6)),
      );
    }),
  );
});

describe('baselines', () => {
  const words = 'cat dog bank river tree engine paper window garden letter'.split(' ');
  test('know the mean, and what words are worth', () => {
    const examples = words.flatMap((word, i) =>
      [0, 1, 2].map((k) =>
        exampleOf(`the ${word} and the ${words[(i + k) % 10] ?? ''}`, i + ((i + k) % 10), `${i} ${k}`),
      ),
    );
    const [mean, tfidf] = task.baselines();
    expect(mean?.predict(examples, [], examples.slice(0, 1))).toEqual([{ value: expect.closeTo(9, 9) }]);
    expect(task.score(examples, tfidf?.predict(examples, [], examples) ?? []).metrics['pearson']).toBeGreaterThan(0.9);
  });

  test('of pairs know how much both texts share', () => {
    const examples = words.flatMap((word, i) =>
      [0, 1].map((same) => ({
        ...exampleOf(`the ${word} here`, same * 5, `${word}${same}`),
        second: `the ${words[(i + 1 - same) % 10] ?? ''} here`,
      })),
    );
    const pairs = createTask('regression', { name: 'likeness', labels: [], trainExamples: examples });
    expect(pairs.settings.pairs).toBe(true);
    const [, tfidf] = pairs.baselines();
    expect(pairs.score(examples, tfidf?.predict(examples, [], examples) ?? []).metrics['pearson']).toBeGreaterThan(0.8);
  });
});

test('pairs are read as pairs, and a text without its second one is refused', async () => {
  const pairs = createTask('regression', { name: 'likeness', labels: [], settings: { pairs: true } });
  const [feature] = await pairs.features([{ ...exampleOf('a cat', 1), second: 'a dog' }], tokenizer, lengths);
  expect(feature?.ids).toEqual((await tokenizer.encode('a cat', { pair: 'a dog' })).ids);
  await expect(pairs.features([exampleOf('a cat', 1)], tokenizer, lengths)).rejects.toThrow('second text');
  await expect(task.features([{ id: '1', text: 'a' }], tokenizer, lengths)).rejects.toThrow('no truth');
});
