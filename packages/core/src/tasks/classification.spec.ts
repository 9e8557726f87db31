/** Single-label classification: reading, loss by hand, decoding over windows, temperature, scores. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTask } from './task-types.js';
import { featureOf, lossOf, randomText, runTask, tokenizer } from './spec-support.js';

const labels = ['pay', 'quit', 'other'];
const task = createTask('classification', { name: 'intent', labels });
const lengths = { maxLength: 12, stride: 4, targets: true };

const exampleOf = (text: string, label: string, id = text) => ({ id, text, label });

test('gold logits give back gold labels, however long the text', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(randomText(['A']), fc.constantFrom(...labels)), { minLength: 1, maxLength: 4 }),
      async (drawn) => {
        const examples = drawn.map(([{ text }, label], i) => exampleOf(text, label, String(i)));
        const features = await task.features(examples, tokenizer, lengths);
        const logits = features.map(({ target }) => Float32Array.from(labels, (_, c) => (target?.[0] === c ? 9 : -9)));
        const predictions = task.decode(examples, features, logits, task.tune(examples, features, logits));
        expect(predictions.map(({ label }) => label)).toEqual(examples.map(({ label }) => label));
        expect(task.score(examples, predictions).metrics['accuracy']).toBe(1);
      },
    ),
    { numRuns: 30 },
  );
});

test('windows are weighed by their tokens of text', async () => {
  const example = exampleOf('a b c d e f g h i j k l m n', 'pay');
  const features = await task.features([example], tokenizer, { maxLength: 12, stride: 0, targets: false });
  expect(features.map(({ stretch }) => stretch.count)).toEqual([10, 4]);
  expect(features.every(({ target }) => target === undefined)).toBe(true);
  const logits = [Float32Array.of(1, 0, 0), Float32Array.of(0, 2, 0)];
  const [prediction] = task.decode([example], features, logits, { temperature: 2 });
  const expected = [10 / 14, 8 / 14, 0].map((logit) => Math.exp(logit / 2));
  const sum = expected.reduce((a, b) => a + b, 0);
  prediction?.probabilities.forEach((p, c) => expect(p).toBeCloseTo((expected[c] ?? 0) / sum, 12));
  expect(prediction?.label).toBe('pay');
});

describe('loss', () => {
  // Probabilities of 1/4 and 3/4.
  const logits = { data: [0, Math.log(3), 0, Math.log(3)], shape: ['batch', 2] };
  const features = [featureOf(Int32Array.of(0)), featureOf(Int32Array.of(1))];
  const make = (loss: object) => createTask('classification', { name: 'yes-no', labels: ['yes', 'no'], loss });
  const [a, b] = [Math.log(4), Math.log(4 / 3)];

  test('is the mean negative log-likelihood', async () => {
    expect(await lossOf(make({}), logits, features)).toBeCloseTo((a + b) / 2, 6);
  });

  test('weighs classes as given', async () => {
    expect(await lossOf(make({ classWeights: { yes: 2 } }), logits, features)).toBeCloseTo((2 * a + b) / 3, 6);
  });

  test('weighs classes by their inverse frequency', async () => {
    const trainExamples = ['yes', 'no', 'no', 'no'].map((label, i) => exampleOf('t', label, String(i)));
    const balanced = createTask('classification', {
      name: 'x',
      labels: ['yes', 'no'],
      loss: { classWeights: 'balanced' },
      trainExamples,
    });
    // Weights 4 / (2 * 1) and 4 / (2 * 3).
    expect(await lossOf(balanced, logits, features)).toBeCloseTo((2 * a + (2 / 3) * b) / (8 / 3), 6);
  });

  test('smooths labels and focuses', async () => {
    const smooth = 0.8 * ((a + b) / 2) + 0.1 * (a + b);
    expect(await lossOf(make({ labelSmoothing: 0.2 }), logits, features)).toBeCloseTo(smooth, 6);
    const focal = (0.75 ** 2 * a + 0.25 ** 2 * b) / 2;
    expect(await lossOf(make({ focalGamma: 2 }), logits, features)).toBeCloseTo(focal, 6);
  });
});

test('its head has a pooler and a classifier of its own, of kind head', async () => {
  const features = await task.features([exampleOf('a b', 'pay'), exampleOf('c d e f', 'quit')], tokenizer, lengths);
  const { loss, logits, parameters } = await runTask(task, features);
  const own = [...parameters.values()].filter(({ kind }) => kind === 'head').map(({ name }) => name);
  expect(own).toEqual([
    'heads.intent.pooler.dense.weight',
    'heads.intent.pooler.dense.bias',
    'heads.intent.classifier.weight',
    'heads.intent.classifier.bias',
  ]);
  expect(parameters.has('bert.pooler.dense.weight')).toBe(false);
  const rows = logits.map((row) => Array.from(row));
  const logLoss = rows.map((row, i) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - (row[i] ?? 0));
  expect(loss).toBeCloseTo(logLoss.reduce((x, y) => x + y, 0) / 2, 5);
  // Each row belongs to its own text: alone, a text has the same logits.
  const alone = await runTask(task, features.slice(1));
  alone.logits[0]?.forEach((x, c) => expect(x).toBeCloseTo(rows[1]?.[c] ?? NaN, 4));
});

test('bad input is refused', async () => {
  expect(() => createTask('classification', { name: 'x', labels: ['only'] })).toThrow('do not make sense');
  expect(() => createTask('classification', { name: 'x', labels, loss: { classWeights: { quiet: 2 } } })).toThrow(
    'did you mean "quit"',
  );
  expect(() => createTask('classification', { name: 'x', labels, loss: { classWeights: 'balanced' } })).toThrow(
    'training examples',
  );
  await expect(task.features([exampleOf('a', 'pays')], tokenizer, lengths)).rejects.toThrow('did you mean "pay"');
  await expect(task.features([{ id: '1', text: 'a' }], tokenizer, lengths)).rejects.toThrow('no truth');
});
