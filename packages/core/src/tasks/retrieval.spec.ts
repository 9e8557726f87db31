/** Retrieval: rankings and ranks by hand, negatives that are none, baselines on words, mistakes. */
import { describe, expect, test } from '@jest/globals';
import { rankingScores } from '../metrics/index.js';
import { lossOf, tokenizer } from './spec-support.js';
import { topOf } from './retrieval.js';
import { createTask } from './task-types.js';

const lengths = { maxLength: 16, stride: 4, targets: true };
const example = (id: string, text: string, second: string, document = id, relevant = [document]) => ({
  ...{ id, text, second, document, relevant },
});
const examples = [
  example('1', 'red cats', 'cats with red fur', '1', ['1', '4']),
  example('2', 'courts', 'what courts decide'),
  example('3', 'felines in red', 'cats with red fur', '1'),
  example('4', 'Red cats', 'paintings of cats', '4', ['1', '4']),
];
const task = createTask('retrieval', { name: 'search', labels: [] });
const rowsOf = (vectors: number[][]) => vectors.map((row) => Float32Array.from(row));

test('a batch has 32 pairs unless it is told otherwise, and a test is never cut', () => {
  expect([task.batchWindows, task.testedWhole, task.mainMetric]).toEqual([64, true, 'meanReciprocalRank']);
  const settings = { batchPairs: 8, symmetric: true };
  expect(createTask('retrieval', { name: 'x', labels: [], settings })).toMatchObject({ batchWindows: 16, settings });
});

test('documents are ranked once each, and all that answer a query count', async () => {
  const features = await task.features(examples, tokenizer, lengths);
  expect(features).toHaveLength(8);
  // Queries and documents in turn; document 1 stands there twice.
  const rows = rowsOf([
    [1, 0],
    [1, 0.1],
    [0, 1],
    [0, 1],
    [1, 0.2],
    [1, 0.1],
    [1, 0],
    [-1, 0],
  ]);
  const predictions = task.decode(examples, features, rows, {});
  expect(predictions[0]?.nearest.map(({ document }) => document)).toEqual(['1', '2', '4']);
  expect(predictions.map(({ ranks }) => ranks)).toEqual([[1, 3], [1], [1], [1, 3]]);
  const { metrics } = task.score(examples, predictions);
  expect(metrics['recallAt1']).toBeCloseTo((0.5 + 1 + 1 + 0.5) / 4, 9);
  expect(metrics['meanReciprocalRank']).toBe(1);
  expect(metrics['meanAveragePrecision']).toBeCloseTo((2 * ((1 + 2 / 3) / 2) + 2) / 4, 9);
  const byHand = rankingScores({ scores: [0.9, 0.5, 0.1], relevant: [1, 0, 1] });
  expect(metrics['ndcgAt10']).toBeCloseTo((2 * byHand.ndcg + 2) / 4, 9);
  const intervals = task.intervals(examples, predictions, { seed: 1 });
  expect(intervals['recallAt1']?.value).toBeCloseTo(metrics['recallAt1'] ?? NaN, 9);
  expect(intervals['recallAt1']?.low).toBeLessThan(intervals['recallAt1']?.high ?? NaN);
  expect(task.mistakes(examples, predictions)).toEqual([]);
});

test('mistakes are the queries whose answer is not first, the lowest first', async () => {
  const features = await task.features(examples.slice(1, 4), tokenizer, lengths);
  const rows = rowsOf([
    [1, 0],
    [0, 1],
    [0, 1],
    [1, 0],
    [1, 0],
    [-1, 0],
  ]);
  const some = examples.slice(1, 4);
  const predictions = task.decode(some, features, rows, {});
  expect(predictions.map(({ ranks }) => ranks)).toEqual([[2], [2], [1, 3]]);
  expect(task.mistakes(some, predictions).map(({ id, predicted, error }) => [id, predicted, error])).toEqual([
    ['2', ['cats with red fur'], 1],
    ['3', ['what courts decide'], 1],
  ]);
});

describe('words beside the vectors', () => {
  const corpus = [
    example('1', 'red cats', 'cats with red fur'),
    example('2', 'blue dogs', 'dogs that are blue'),
    example('3', 'what birds sing', 'birds sing in the morning, and birds sing at night'),
  ];
  /** All texts have one vector: the encoder tells nothing apart. */
  const alike = rowsOf(
    corpus.flatMap(() => [
      [1, 0],
      [1, 0],
    ]),
  );
  const model = task.learnWords!(corpus);
  const ranks = async (some: typeof corpus, tuning: Parameters<typeof task.decode>[3]) => {
    const features = await task.features(some, tokenizer, { ...lengths, maxLength: 32 });
    return task.decode(some, features, alike.slice(0, features.length), tuning);
  };

  test('rank what the vectors cannot tell apart, by as much as their share', async () => {
    const tuning = task.tune(corpus, [], [], { share: 0.5, model });
    expect(tuning).toEqual({ words: { share: 0.5, model } });
    expect(task.tune(corpus, [], [])).toEqual({});
    expect((await ranks(corpus, {})).map(({ ranks }) => ranks)).toEqual([[1], [2], [3]]);
    const found = await ranks(corpus, tuning);
    expect(found.map(({ ranks }) => ranks)).toEqual([[1], [1], [1]]);
    for (const { nearest } of found) {
      expect(nearest[0]!.score).toBeGreaterThan(1);
      expect(nearest[0]!.score).toBeLessThan(1.5);
      // The others share no word with the query.
      expect(nearest[1]!.score).toBe(1);
    }
  });

  test('score a document the same whatever is ranked beside it', async () => {
    const tuning = { words: { share: 0.5, model } };
    const [together] = await ranks(corpus, tuning);
    const [alone] = await ranks(corpus.slice(0, 1), tuning);
    expect(alone!.nearest[0]!.score).toBe(together!.nearest[0]!.score);
  });

  test('of another task, or damaged, are refused', async () => {
    const foreign = createTask('classification', { name: 'x', labels: ['a', 'b'] }).learnWords!([
      { id: '1', text: 'red cats', label: 'a' },
      { id: '2', text: 'red dogs', label: 'b' },
    ]);
    await expect(ranks(corpus, { words: { share: 1, model: foreign } })).rejects.toThrow(/not those of its task/);
    const damaged = { ...model, counts: '' } as typeof model;
    await expect(ranks(corpus, { words: { share: 1, model: damaged } })).rejects.toThrow(/are damaged/);
  });
});

describe('the loss', () => {
  const data = [1, 0, 0.6, 0.8, 0, 1, 0, 1, 1, 1, 0.6, 0.8, 1, 0.1, -1, 0.4];
  const unit = ([x = 0, y = 0]: number[]) => [x / Math.hypot(x, y), y / Math.hypot(x, y)];
  const rows = Array.from({ length: 8 }, (_, i) => unit(data.slice(2 * i, 2 * i + 2)));
  const cosine = (i: number, j: number) => {
    const [[a = 0, b = 0], [c = 0, d = 0]] = [rows[2 * i]!, rows[2 * j + 1]!];
    return 20 * (a * c + b * d);
  };
  const direction = (at: (i: number, j: number) => number, left: number[][]) =>
    [0, 1, 2, 3].reduce((sum, i) => {
      const others = [0, 1, 2, 3].filter((j) => !left[i]!.includes(j));
      return sum + (Math.log(others.reduce((all, j) => all + Math.exp(at(i, j)), 0)) - at(i, i)) / 4;
    }, 0);
  // Pairs 0 and 2 have one document, which pair 3's query is answered by too; pair 3's document answers query 0.
  const left = [[2, 3], [], [0], [0, 2]];

  test('leaves out documents that answer the query, wherever the data says so', async () => {
    const features = await task.features(examples, tokenizer, lengths);
    const loss = await lossOf(task, { data, shape: ['batch', 2] }, features);
    expect(loss).toBeCloseTo(direction(cosine, left), 4);
    // Were they negatives the loss would be another.
    expect(Math.abs(loss - direction(cosine, [[], [], [], []]))).toBeGreaterThan(0.1);
  });

  test('is the mean of both directions where it is symmetric', async () => {
    const both = createTask('retrieval', { name: 'search', labels: [], settings: { symmetric: true } });
    const features = await both.features(examples, tokenizer, lengths);
    const loss = await lossOf(both, { data, shape: ['batch', 2] }, features);
    const turned = [[2, 3], [], [0, 3], [0]];
    const back = direction((i, j) => cosine(j, i), turned);
    expect(loss).toBeCloseTo((direction(cosine, left) + back) / 2, 4);
  });
});

test('words alone are the baselines: nothing is learnt', () => {
  const [tfidf, bm25] = task.baselines();
  expect([tfidf?.name, bm25?.name]).toEqual(['tfidf', 'bm25']);
  for (const baseline of [tfidf, bm25]) {
    const predictions = baseline?.predict([], [], examples) ?? [];
    expect(predictions.map(({ ranks }) => ranks?.[0])).toEqual([1, 1, 1, 1]);
    expect(predictions[0]?.nearest[0]?.document).toBe('1');
  }
});

test('of equal scores the earlier is the better', () => {
  expect(topOf(Float64Array.of(1, 3, 2, 3, 0), 3)).toEqual([1, 3, 2]);
  expect(topOf(Float64Array.of(1, 1), 5)).toEqual([0, 1]);
});

test('a query without anything to find is refused', async () => {
  const alone = { id: 'q', text: 'red cats' };
  const features = await task.features([alone], tokenizer, { ...lengths, targets: false });
  expect(() => task.decode([alone], features, rowsOf([[1, 0]]), {})).toThrow('--candidates');
});
