/** Runs on few examples: folds take the place of a test part, for the model and for the baselines alike. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openBundle } from '../export/index.js';
import { evaluateRun, exportRun } from './index.js';
import { readFolds } from './kept-predictions.js';
import { asCsv, openWorkspace, refusal, run, sentences, type FinishedRun, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
let done: FinishedRun;
beforeAll(async () => {
  workspace = openWorkspace();
  workspace.file('few.csv', asCsv(sentences(60, 4)));
  done = await run({
    ...{ task: 'classification', data: 'few.csv', base: 'base/head', profile: 'quick' },
    ...{ epochs: 1, seeds: 2, out: 'few' },
  });
});
afterAll(() => workspace.close());

test('baselines are the mean over the folds, as the model’s scores are', () => {
  const [task] = done.report.tasks;
  // Stratified: the majority is right on more than half of every fold, and on the same share of all.
  const labels = sentences(60, 4).map(({ label }) => label);
  const yes = labels.filter((label) => label === 'yes').length / labels.length;
  const majority = task?.baselines.find(({ name }) => name === 'majority');
  expect(majority?.metrics['accuracy']).toBeCloseTo(Math.max(yes, 1 - yes), 1);
  expect(task?.baselines.every((baseline) => baseline.interval === undefined)).toBe(true);
  expect(Object.values(task?.summary ?? {}).every(({ n, interval }) => n === 5 && interval === undefined)).toBe(true);
});

test('every example is tested once; train and dev are means', () => {
  const parts = new Map(done.report.tasks[0]?.data.parts.map((part) => [part.part, part]));
  expect(parts.get('test')).toMatchObject({ available: 60, used: 60 });
  const [train, dev] = [parts.get('train')?.used ?? 0, parts.get('dev')?.used ?? 0];
  expect(Math.abs(train + dev - 48)).toBeLessThanOrEqual(1);
  expect(done.report.tasks[0]?.crossValidation?.folds.map(({ fold }) => fold)).toEqual([1, 2, 3, 4, 5]);
});

test('the saved split holds the folds', () => {
  const path = join(workspace.root, 'few/data/classification.split.json');
  const { parts, folds } = JSON.parse(readFileSync(path, 'utf8')) as {
    parts: { train: string[] };
    folds: { test: string[] }[];
  };
  expect(folds.flatMap((fold) => fold.test).sort()).toEqual([...parts.train].sort());
});

test('seeds that were asked for are said to give way to folds', () => {
  expect(done.report.warnings.join()).toContain('folds take the place of seeds');
});

test('a bundle is calibrated on what the models of all folds said, or says why not', async () => {
  const out = join(workspace.root, 'bundle');
  await exportRun({ folder: done.folder, out, threads: 1, precisions: ['fp32'] }, () => undefined);
  const { calibration } = await openBundle(out);
  // Every example was tested by one of the folds.
  expect(calibration).toEqual({
    ...{ version: 1, tasks: {} },
    notes: ['classification: 60 examples are too few (100), so that nothing is promised of its answers'],
  });
  expect(readFolds(done.folder, 'classification', 5)).toHaveLength(60);
  expect(readFolds(done.folder, 'classification', 6)).toBeUndefined();
});

test('there is nothing to evaluate again but a labelled file', async () => {
  expect(done.nextSteps.join()).not.toContain('evaluate');
  const { code, parts } = await refusal(evaluateRun({ folder: done.folder, threads: 1 }, () => undefined));
  expect([code, parts.fix]).toEqual(['FC_CONFIG', expect.stringContaining('--file')]);
  const file = workspace.file('more.csv', asCsv(sentences(20, 5)));
  const [scored] = await evaluateRun({ folder: done.folder, file, threads: 1 }, () => undefined);
  expect(scored?.examples).toBe(20);
});

test('paths are saved as absolute ones', () => {
  const { options } = JSON.parse(readFileSync(join(workspace.root, 'few/config.json'), 'utf8')) as {
    options: Record<string, unknown>;
  };
  expect([options['data'], options['base']]).toEqual([join(workspace.root, 'few.csv'), workspace.base]);
});
