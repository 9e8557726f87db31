/** Runs on vectors, from files to rankings: what is learnt, reported, kept, exported, and predicted again. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import type { RetrievalPrediction } from '../tasks/index.js';
import { compareRuns, evaluateRun } from './index.js';
import { openWorkspace, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

/** A sentence is found by its nouns turned round: words that are shared say most of it. */
const pairs = (count: number) =>
  sentences(count).map(({ text }) => ({ text: text.split(' ').reverse().slice(0, 5).join(' '), second: text }));

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const short = { maxLength: 24, epochs: 2, learningRate: 1e-3, dropout: 0, patience: 0 };

test('documents are found, beside words alone and the untouched encoder', async () => {
  const rows = pairs(400);
  const data = workspace.file('search.jsonl', lines(rows));
  const request = { task: 'retrieval', data, base: workspace.base, ...short } as const;
  const { report, folder } = await run({ ...request, out: 'search' });
  const [task] = report.tasks;
  expect(task).toMatchObject({ kind: 'retrieval', mainMetric: 'meanReciprocalRank', labels: [] });
  expect(task?.baselines.map(({ name }) => name)).toEqual(['tfidf', 'bm25', 'untouched']);
  const scoreOf = (name: string) => task?.baselines.find((b) => b.name === name)?.metrics['meanReciprocalRank'] ?? NaN;
  expect(task?.summary['meanReciprocalRank']?.mean).toBeGreaterThan(scoreOf('untouched'));
  expect(task?.summary['recallAt5']?.interval).toHaveLength(2);
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  for (const words of ['recall at 5', 'nDCG at 10', 'Untouched encoder', 'BM25']) expect(page).toContain(words);
  expect(report.nextSteps[0]).toContain('--candidates');

  const predictor = await loadPredictor(folder, { threads: 1 });
  const candidates = rows.slice(0, 50).map(({ second }) => second);
  const queries = rows.slice(0, 50).map(({ text }) => text);
  const rankings = await predictor.rank('retrieval', queries, candidates, { top: 3 });
  expect(rankings.filter((ranking, i) => ranking.some(({ candidate }) => candidate === i)).length).toBeGreaterThan(25);
  expect(rankings[0]).toHaveLength(3);
  const [vector, again] = await predictor.embed('retrieval', [candidates[0] ?? '', candidates[0] ?? '']);
  expect(vector).toEqual(again);
  expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 5);
  await predictor.release();

  const [scored] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(scored?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);
  // What was kept of the predictions is enough to compare by.
  const second = await run({ ...request, seed: 2, out: 'search-2', lexical: true });
  const [compared] = compareRuns(folder, join(workspace.root, 'search-2')).tasks;
  expect(compared?.a).toBeCloseTo(task?.summary['meanReciprocalRank']?.mean ?? NaN, 9);

  // Candidates are ranked with the words that the run was scored with.
  const { wordShare = 0 } = second.report.tasks[0]?.seeds[0]?.tuning ?? {};
  expect(wordShare).toBeGreaterThan(0);
  const withWords = await loadPredictor(second.folder, { threads: 1 });
  const ranked = await withWords.rank('retrieval', queries, candidates, { top: 1 });
  const said = await withWords.predict(
    'retrieval',
    queries.map((text, i) => ({ text, second: candidates[i]! })),
  );
  const [best] = await withWords.embed('retrieval', [queries[0]!]);
  const [found] = await withWords.embed('retrieval', [candidates[ranked[0]![0]!.candidate]!]);
  await withWords.release();
  ranked.forEach(([first], i) => {
    const { nearest } = said[i] as RetrievalPrediction;
    expect(first!.score).toBeCloseTo(nearest[0]!.score, 5);
  });
  const cosine = best!.reduce((sum, x, i) => sum + x * found![i]!, 0);
  expect(ranked[0]![0]!.score - cosine).toBeGreaterThan(0.01);
});

test('the folder of a task is one that sentence-transformers and feature extraction open', async () => {
  const rows = pairs(400).map((row, i) => ({ ...row, value: i % 5 }));
  const data = workspace.file(
    'scores.csv',
    `text,second,value\n${rows.map((r) => `${r.text},${r.second},${r.value}\n`).join('')}`,
  );
  const { report, folder } = await run({ task: 'similarity', data, base: workspace.base, ...short, out: 'scores' });
  expect(report.tasks[0]).toMatchObject({ kind: 'similarity', mainMetric: 'pearson' });
  expect(report.tasks[0]?.baselines.map(({ name }) => name)).toEqual(['tfidf', 'untouched']);

  const hf = join(folder, 'hf', 'similarity');
  const read = (name: string) => JSON.parse(readFileSync(join(hf, name), 'utf8')) as unknown;
  expect(read('modules.json')).toMatchObject([
    { path: '', type: 'sentence_transformers.models.Transformer' },
    { path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
    { path: '2_Normalize', type: 'sentence_transformers.models.Normalize' },
  ]);
  expect(read('1_Pooling/config.json')).toMatchObject({ word_embedding_dimension: 32, pooling_mode_mean_tokens: true });
  expect(read('sentence_bert_config.json')).toMatchObject({ max_seq_length: 24 });
  expect(read('config.json')).toMatchObject({ architectures: ['BertModel'] });
  // A bare encoder is one file of weights.
  expect(existsSync(join(hf, 'model-00002-of-00002.safetensors'))).toBe(false);

  const predictor = await loadPredictor(folder, { threads: 1 });
  const text = rows[0]?.second ?? '';
  const [pair] = await predictor.predict('similarity', [{ text, second: text }]);
  expect(pair).toMatchObject({ cosine: expect.closeTo(1, 5) });
  await predictor.release();
});
