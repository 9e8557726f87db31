/** Runs on one's own files, from options to a finished folder; and the options and files that are refused. */
import { existsSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { loadReport } from '../report/index.js';
import { evaluateRun, type TrainOptionsInput } from './index.js';
import {
  asCsv,
  conll,
  openWorkspace,
  refusal,
  run,
  sentences,
  type FinishedRun,
  type TestWorkspace,
} from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

describe('one file of classification', () => {
  let done: FinishedRun;
  beforeAll(async () => {
    const data = workspace.file('all.csv', asCsv(sentences(400)));
    done = await run({
      ...{ task: 'classification', data, textColumn: 'text', labelColumn: 'label', base: workspace.base },
      ...{ epochs: 6, learningRate: 3e-3, dropout: 0, out: 'my-run' },
    });
  });

  test('is divided, learnt, scored beside baselines and reported', () => {
    const report = loadReport(join(workspace.root, 'my-run/report.json'));
    expect(report).toEqual(done.report);
    const [task] = report.tasks;
    expect(task?.data.parts.map(({ available }) => available).reduce((a, b) => a + b)).toBe(400);
    expect(task?.data.splitRule).toMatch(/stratified/);
    expect(task?.summary['macroF1']?.mean).toBeGreaterThan(0.9);
    expect(task?.baselines.map(({ name }) => name)).toEqual(['majority', 'tfidf']);
    expect(task?.beats['majority']).toBe(true);
    expect(report.run).toMatchObject({ status: 'complete', profile: 'standard' });
    expect(report.base).toMatchObject({ id: workspace.base, source: 'folder', architecture: 'bert' });
  });

  test('leaves a folder with everything to use and to understand it, and nothing else', () => {
    expect(readdirSync(join(workspace.root, 'my-run')).sort()).toEqual([
      ...['README.md', 'config.json', 'data', 'hf', 'model', 'plan.json', 'predictions', 'report.html', 'report.json'],
    ]);
    expect(readdirSync(join(workspace.root, 'my-run/hf'))).toEqual(['classification']);
    expect(existsSync(join(workspace.root, 'my-run/hf/classification/onnx/model.onnx'))).toBe(true);
    expect(readFileSync(join(workspace.root, 'my-run/report.html'), 'utf8')).toContain('</html>');
    // A run with a place of its own is in nobody's way.
    expect(existsSync(join(workspace.root, 'runs'))).toBe(false);
    expect(existsSync(join(workspace.root, 'dist'))).toBe(false);
  });

  test('tells what it does: data, plan, steps, evaluations, checkpoints', () => {
    const kinds = new Set(done.events.map(({ kind }) => kind));
    for (const kind of ['phase', 'data', 'plan', 'step', 'evaluation', 'checkpoint', 'progress'] as const)
      expect(kinds).toContain(kind);
    const steps = done.events.flatMap((event) => (event.kind === 'step' ? [event] : []));
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i + 1));
    expect(steps.length).toBeLessThanOrEqual(steps[0]?.steps ?? 0);
    const plan = done.events.find((event) => event.kind === 'plan');
    expect(plan).toMatchObject({ steps: [{ name: 'train classification' }, {}, {}, {}] });
    const order = done.events.map(({ kind }) => kind);
    expect(order.indexOf('plan')).toBeLessThan(order.indexOf('step'));
  });

  test('predicts, and scores again as the report says', async () => {
    const predictor = await loadPredictor(done.folder, { threads: 1 });
    const [yes, no] = await predictor.predict('classification', ['the red cat sees the dog', 'the cat sees the dog']);
    expect([yes, no]).toMatchObject([{ label: 'yes' }, { label: 'no' }]);
    await predictor.release();
    const [again] = await evaluateRun({ folder: done.folder, threads: 1 }, () => undefined);
    expect(again?.scores.metrics).toEqual(done.report.tasks[0]?.seeds[0]?.test?.metrics);
  });

  test('its folder takes no second run, and has nothing to resume', async () => {
    const data = join(workspace.root, 'all.csv');
    const again = { task: 'classification', data, base: workspace.base, out: 'my-run' } as const;
    const second = await refusal(run(again));
    expect([second.code, second.parts.fix]).toEqual(['FC_RUN_FOLDER', expect.stringContaining('--out')]);
    const resumed = await refusal(run({ out: 'my-run', resume: true }));
    expect([resumed.code, resumed.parts.what]).toEqual(['FC_RUN_FOLDER', 'there is no unfinished run to resume']);
    expect(loadReport(join(done.folder, 'report.json'))).toEqual(done.report);
  });
});

test('CoNLL files in three parts: entities are learnt; without --out the run is found as latest', async () => {
  const [train, dev, test] = [
    workspace.file('train.conll', conll(200, 1)),
    workspace.file('dev.conll', conll(40, 2)),
    workspace.file('test.conll', conll(40, 3)),
  ];
  const { report, folder } = await run({
    ...{ task: 'token-classification', train, dev, test, base: workspace.base, epochs: 10, learningRate: 5e-3 },
    seeds: 2,
  });
  const [task] = report.tasks;
  expect(task?.labels).toEqual(['PER']);
  expect(task?.seeds.map(({ seed }) => seed)).toEqual([1, 2]);
  expect(task?.summary['entityF1']).toHaveProperty('std');
  expect(task?.summary['entityF1']?.mean).toBeGreaterThan(0.8);
  expect(task?.baselines.map(({ name }) => name)).toContain('dictionary');
  const latest = join(workspace.root, 'runs/own-data/latest');
  expect(join(workspace.root, 'runs/own-data', readlinkSync(latest))).toBe(folder);
});

test('fewer than 300 examples are cross-validated: every example is tested once', async () => {
  const data = workspace.file(
    'few.jsonl',
    sentences(60, 4)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  );
  const { report, events } = await run({
    ...{
      task: 'classification',
      data,
      base: workspace.base,
      epochs: 2,
      learningRate: 3e-3,
      out: 'few',
      profile: 'quick',
    },
  });
  const folds = report.tasks[0]?.crossValidation?.folds ?? [];
  expect(folds.length).toBe(5);
  expect(folds.reduce((sum, fold) => sum + fold.test, 0)).toBe(60);
  expect(report.tasks[0]?.summary['macroF1']?.n).toBe(5);
  expect(events.filter((event) => event.kind === 'phase' && event.phase === 'training').length).toBe(5);
});

test('a text of nearly 10 MB is read in windows and trained on; a longer one is refused by its place', async () => {
  const words = sentences(50_000, 9).map(({ text }) => text);
  const long = words.join('. ').repeat(9).slice(0, 9_900_000);
  const rows = [...sentences(40, 5), { text: long, label: 'no' }];
  const lines = (all: typeof rows | { text: string; label: string }[]) =>
    all.map((row) => `${JSON.stringify(row)}\n`).join('');
  const train = workspace.file('long.jsonl', lines(rows));
  const test = workspace.file('test.jsonl', lines(sentences(20, 6)));
  const options = {
    task: 'classification',
    train,
    dev: test,
    test,
    base: workspace.base,
    profile: 'quick',
    epochs: 0.02,
  } as const;
  const { report } = await run({ ...options, allow: ['leakage'], out: 'long' });
  expect(report.tasks[0]?.data.notes.join()).toMatch(/window/);
  writeFileSync(train, lines([...rows, { text: long + long.slice(0, 200_000), label: 'no' }]));
  const { code, message } = await refusal(run({ ...options, out: 'longer' }));
  expect([code, message]).toEqual(['FC_DATA', expect.stringContaining('long.jsonl')]);
  expect(existsSync(join(workspace.root, 'longer'))).toBe(false);
}, 300_000);

describe('options are refused before anything is made', () => {
  const classification: TrainOptionsInput = { task: 'classification', data: 'all.csv' };
  const cases: [string, TrainOptionsInput & Record<string, unknown>, string][] = [
    ['an unknown key', { ...classification, epoch: 3 }, 'epoch'],
    ['a value out of range', { ...classification, batchSize: 0 }, 'batchSize'],
    ['a duration without unit', { ...classification, timeBudget: '20' }, '20m'],
    ['neither a vertical nor a task', {}, 'a vertical'],
    ['a task without data', { task: 'classification' }, '--data'],
  ];
  test.each(cases)('%s', async (_, options, said) => {
    const { code, message } = await refusal(run({ out: 'refused', ...options }));
    expect([code, message]).toEqual(['FC_CONFIG', expect.stringContaining(said)]);
    expect(existsSync(join(workspace.root, 'refused'))).toBe(false);
  });

  test('a missing file, a missing part, and leakage', async () => {
    const base = { task: 'classification', base: workspace.base, out: 'refused' } as const;
    expect((await refusal(run({ ...base, data: 'none.csv' }))).code).toBe('FC_NOT_FOUND');
    const rows = sentences(400);
    const data = workspace.file('parts.csv', asCsv(rows));
    expect((await refusal(run({ ...base, train: data }))).message).toContain('--test');
    const leaky = await refusal(run({ ...base, train: data, test: data }));
    expect([leaky.code, leaky.message]).toEqual(['FC_DATA_QUALITY', expect.stringContaining('--allow leakage')]);
    expect(existsSync(join(workspace.root, 'refused'))).toBe(false);
  });

  test('a time budget that nothing fits into says what would', async () => {
    const { code, parts } = await refusal(
      run({
        ...classification,
        data: join(workspace.root, 'parts.csv'),
        base: workspace.base,
        timeBudget: '1s',
        out: 'refused',
      }),
    );
    expect([code, parts.expected]).toEqual(['FC_CONFIG', expect.stringMatching(/^at least \d+ s/)]);
  });
});
