/** Code assignment: documents kept whole, scores over all segments, codes by their titles alone, seen and unseen apart. */
import { describe, expect, test } from '@jest/globals';
import type { CodeExample } from '../data/index.js';
import { architectureOf, createSequenceGraph, readModelConfig, sequenceInputs } from '../models/index.js';
import { createBuilder } from '../nn/index.js';
import { createStepProgram } from '../training/index.js';
import { lossOf, runTask, tokenizer } from './spec-support.js';
import type { Feature } from './task.js';
import { createTask } from './task-types.js';

const titles = { A: 'the big cat', B: 'the river bank', C: 'a tree', X: 'the old dog', Y: 'nothing' };
const document = (id: string, text: string, codes: string[]): CodeExample => ({ id, text, codes });
const examples = [
  document('1', 'the cat sees the dog and the tree and the bank of the river', ['A', 'B']),
  document('2', 'a tree', ['C']),
  document('3', 'the old dog and the cat', ['A']),
];
const labels = ['A', 'B', 'C', 'X', 'Y'];
const task = createTask('code-assignment', { name: 'codes', labels, settings: { titles }, trainExamples: examples });
const plain = createTask('code-assignment', { name: 'codes', labels: ['A', 'B', 'C'], trainExamples: examples });
const lengths = { maxLength: 8, stride: 2, targets: true, learning: true };

describe('features', () => {
  test('are segments that do not overlap, the truth with the first one, a document a group', async () => {
    const features = await task.features(examples, tokenizer, lengths);
    const segments = features.filter(({ example }) => example === 0);
    expect(segments.length).toBeGreaterThan(2);
    expect(segments.map(({ window, group }) => [window, group])).toEqual(segments.map((_, i) => [i, 0]));
    const ends = segments.map(({ stretch: { offset, count } }) => offset + count);
    expect(segments.slice(1).map(({ stretch }) => stretch.offset)).toEqual(ends.slice(0, -1));
    expect(segments.map(({ target }) => Array.from(target ?? []))).toEqual([
      [1, 1, 0],
      ...segments.slice(1).map(() => []),
    ]);
  });

  test('are learnt from up to a number a document, and all read otherwise', async () => {
    const capped = createTask('code-assignment', {
      name: 'codes',
      labels,
      settings: { windows: 2 },
      trainExamples: examples,
    });
    const learnt = await capped.features(examples, tokenizer, lengths);
    expect(learnt.filter(({ example }) => example === 0)).toHaveLength(2);
    expect(capped.notes(examples, learnt).at(-1)).toBe(
      '2 of 3 texts have 2 windows or more, of which the first 2 are learnt from',
    );
    const read = await capped.features(examples, tokenizer, { ...lengths, learning: false });
    expect(read.filter(({ example }) => example === 0).length).toBeGreaterThan(2);
  });

  test('of held-out documents may bear codes that were never learnt', async () => {
    const held = [document('4', 'the old dog', ['X', 'Z'])];
    await expect(task.features(held, tokenizer, { ...lengths, learning: false })).resolves.toHaveLength(2);
    await expect(task.features(held, tokenizer, lengths)).rejects.toMatchObject({ code: 'FC_DATA' });
  });
});

test('learnt codes come first; where nothing has a title, they are all', () => {
  expect(task.outputs).toEqual(['A', 'B', 'C', 'X', 'Y']);
  expect(task.settings.learnt).toEqual(['A', 'B', 'C']);
  const turned = createTask('code-assignment', { name: 'codes', labels, settings: { titles, learnt: ['Y', 'B'] } });
  expect(turned.outputs).toEqual(['Y', 'B', 'A', 'C', 'X']);
  expect(plain.outputs).toEqual(['A', 'B', 'C']);
});

test('a document’s loss is the same whatever else is in the batch', async () => {
  const features = await task.features(examples, tokenizer, lengths);
  const of = (...wanted: number[]) => features.filter(({ example }) => wanted.includes(example));
  const losses = await Promise.all([of(0), of(1), of(0, 1)].map(async (some) => (await runTask(task, some)).loss));
  expect((losses[0]! + losses[1]!) / 2).toBeCloseTo(losses[2]!, 5);
  expect(losses[0]).not.toBeCloseTo(losses[1]!, 3);
});

test('the loss by hand: scores of two segments, weighed by their masses', async () => {
  const segment = (target: number[]): Feature => ({
    ...{ example: 0, window: 0, group: 0, ids: new Int32Array(1), typeIds: [0] },
    ...{ starts: new Int32Array(1), ends: new Int32Array(1), wordIds: new Int32Array(1) },
    ...{ stretch: { first: 0, count: 1, offset: 0 }, target: Float32Array.from(target) },
  });
  const two = [segment([1, 0, 0]), segment([])];
  // Scores and masses of three codes; of the first the second segment has three times the attention.
  const data = [...[2, 0, 0], ...[0, 0, 0], ...[-2, 0, 0], ...[Math.log(3), 0, 0]];
  const score = (2 + 3 * -2) / 4;
  const expected = (Math.log(1 + Math.exp(-score)) + 2 * Math.log(2)) / 3;
  expect(await lossOf(plain, { data, shape: ['batch', 6] }, two)).toBeCloseTo(expected, 5);
});

test('titles are not trained, the maps that all codes share are', () => {
  const config = readModelConfig({
    ...{ model_type: 'bert', vocab_size: 20, hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2 },
    ...{ intermediate_size: 16, max_position_embeddings: 16 },
  });
  const { trained, parameters } = createStepProgram(task, config);
  const own = (names: readonly string[]) => names.filter((name) => name.startsWith('heads.')).sort();
  const all = own(parameters.map(({ name }) => name));
  expect(all.filter((name) => !trained.includes(name))).toEqual(['heads.codes.titles']);
  expect(all).toContain('heads.codes.title_query.weight');
  const graph = createSequenceGraph('served');
  const b = createBuilder(graph, { training: false });
  const encoded = architectureOf(config).encode(b, config, sequenceInputs(graph), 'bert');
  expect(task.head(b, encoded, config).shape).toEqual(['batch', 2 * 5 + 2 * 3]);
});

test('titles start as what the encoder makes of them, less their mean, of length 1', async () => {
  const asked: string[] = [];
  const start = await task.startingWeights!((texts) => {
    asked.push(...texts);
    return Promise.resolve(texts.map((_, i) => Float32Array.of(i, 1)));
  });
  expect(asked).toEqual(['the big cat', 'the river bank', 'a tree', 'the old dog', 'nothing']);
  expect(Array.from(start.get('heads.codes.titles')!)).toEqual([-1, 0, -1, 0, 0, 0, 1, 0, 1, 0]);
  expect(Array.from(start.get('heads.codes.queries')!)).toEqual([-1, 0, -1, 0, 0, 0]);
  expect((await plain.startingWeights!(() => Promise.resolve([]))).size).toBe(0);
});

describe('predictions', () => {
  /** A segment's row: titles' scores and masses, then those of what was learnt. */
  const row = (byTitle: number[], masses: number[], own: number[], ownMasses: number[]) =>
    Float32Array.from([...byTitle, ...masses, ...own, ...ownMasses]);
  const held = [document('4', examples[0]!.text, ['A', 'X'])];
  const zeros = [0, 0, 0];
  const read = async () => {
    const features = await task.features(held, tokenizer, { ...lengths, learning: false });
    const logits = features.map((_, i) =>
      row(
        [2, -4, -4, i === 1 ? 3 : -9, -6],
        [0, 0, 0, i === 1 ? 9 : 0, 0],
        [1, 0, 0],
        [i === 0 ? 5 : 0, ...zeros.slice(1)],
      ),
    );
    return { features, logits };
  };

  test('add up what was learnt and what the title says, with the segment that was looked at most', async () => {
    const { features, logits } = await read();
    const [prediction] = task.decode(held, features, logits, { thresholds: [0.9] });
    expect(prediction?.codes.map(({ code }) => code)).toEqual(['A', 'X']);
    expect(prediction?.codes[0]?.probability).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
    expect(prediction?.ranking.map(({ code }) => code)).toEqual(['A', 'X', 'B', 'C', 'Y']);
    expect(prediction?.unseen.map(({ code }) => code)).toEqual(['X', 'Y']);
    const [first, second] = [features[0]!, features[1]!];
    expect(prediction?.codes[0]?.evidence).toMatchObject({ of: 'text', start: 0 });
    const evidence = prediction?.codes[1]?.evidence;
    expect(evidence?.start).toBe(second.starts[1]);
    expect(evidence?.text).toBe(held[0]!.text.slice(evidence?.start, evidence?.end));
    expect(evidence?.start).toBeGreaterThan(first.starts[1]!);
  });

  test('codes never learnt are as likely as dev shows them to be', async () => {
    const { features, logits } = await read();
    const tuning = task.tune(held, features, logits);
    expect(tuning.thresholds).toHaveLength(1);
    const predictions = task.decode(held, features, logits, tuning);
    // One of them is true, and half of one is added.
    const sum = predictions[0]!.unseen.reduce((s, { probability }) => s + probability, 0);
    expect(sum).toBeCloseTo(1.5, 9);
    const { metrics } = task.score(held, predictions);
    expect(metrics['documentMap']).toBe(1);
    expect(metrics['unseenMap']).toBe(1);
    expect(task.intervals(held, predictions, { seed: 1 })['documentMap']?.low).toBe(1);
  });

  test('a true code outside the table counts as missed', async () => {
    const { features, logits } = await read();
    const foreign = [{ ...held[0]!, codes: ['A', 'Z'] }];
    const predictions = task.decode(foreign, features, logits, { thresholds: [0.9] });
    expect(task.score(foreign, predictions).metrics).toMatchObject({ microRecall: 0.5, unseenRecall: 0 });
    expect(task.mistakes(foreign, predictions)).toMatchObject([
      { gold: ['A', 'Z'], predicted: ['A', 'X'], confidence: 1 },
    ]);
  });
});

test('baselines: the usual codes, words, and titles that stand in the text', () => {
  const many = Array.from({ length: 30 }, (_, i) =>
    document(String(i), i % 3 === 0 ? 'a tree by the road' : 'the cat is big', i % 3 === 0 ? ['C'] : ['A']),
  );
  const held = [document('x', 'an old dog and a tree', ['C', 'X'])];
  const found = new Map(
    task.baselines().map(({ name, predict }) => [name, predict(many, many, held)[0]!.ranking.map(({ code }) => code)]),
  );
  expect(found.get('majority')?.[0]).toBe('A');
  expect(found.get('tfidf')?.[0]).toBe('C');
  expect(found.get('dictionary')?.slice(0, 2).sort()).toEqual(['C', 'X']);
  expect(plain.baselines().map(({ name }) => name)).toEqual(['majority', 'tfidf']);
});
