/** Runs of several seeds: what all of them say together is scored on what each was scored on, kept where that is asked for, and served as it was scored. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { executeRun, type RunEvent } from './index.js';
import { asCsv, openWorkspace, refusal, run, sentences, type FinishedRun, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
const rows = sentences(300);
const parts = { train: rows.slice(0, 160), dev: rows.slice(160, 220), test: rows.slice(220) };
let options: (out: string) => Parameters<typeof run>[0];
beforeAll(() => {
  workspace = openWorkspace();
  const files = Object.fromEntries(
    Object.entries(parts).map(([part, own]) => [part, workspace.file(`${part}.csv`, asCsv(own))]),
  );
  options = (out) => ({
    ...{ task: 'classification' as const, ...files, base: workspace.base, out: join(workspace.root, out) },
    // Seeds that have not learnt all: they differ.
    ...{ threads: 1, epochs: 2, learningRate: 2e-3, patience: 0, seeds: 3 },
  });
});
afterAll(() => workspace.close());

describe('of a run that keeps its seeds', () => {
  let done: FinishedRun;
  beforeAll(async () => {
    done = await run({ ...options('kept'), ensemble: true });
  });

  test('the report has their score together beside their mean', () => {
    const [task] = done.report.tasks;
    expect(task?.ensemble?.members).toBe(3);
    expect(Object.keys(task?.ensemble?.metrics ?? {})).toEqual(Object.keys(task?.seeds[0]?.test?.metrics ?? {}));
    const { metrics = {}, interval } = task?.ensemble ?? {};
    expect(interval?.[0]).toBeLessThanOrEqual(metrics['macroF1'] ?? NaN);
    expect(interval?.[1]).toBeGreaterThanOrEqual(metrics['macroF1'] ?? NaN);
    // The Brier score of a mean of probabilities is at most the mean of their scores, but for what temperatures change.
    expect(new Set(task?.seeds.map(({ test: scored }) => scored?.metrics['brier'])).size).toBe(3);
    expect(metrics['brier']).toBeLessThan((task?.summary['brier']?.mean ?? NaN) + 0.01);
    expect(readFileSync(join(done.folder, 'report.html'), 'utf8')).toContain('ensemble of 3');
  });

  test('no part was read more often for it', () => {
    const read = done.events.filter(
      (event) =>
        event.kind === 'progress' && event.what.startsWith('scoring the test part') && event.done === event.total,
    );
    expect(read).toHaveLength(3);
  });

  test('predictions of the folder ensemble score what the report says', async () => {
    const folder = join(done.folder, 'ensemble');
    expect(readdirSync(folder).sort()).toEqual(['ensemble.json', 'seed-1', 'seed-2', 'seed-3']);
    const predictor = await loadPredictor(folder, { threads: 1 });
    const answers = await predictor.predict(
      'classification',
      parts.test.map(({ text }) => text),
    );
    await predictor.release();
    const right = answers.filter((one, i) => 'label' in one && one.label === parts.test[i]?.label).length;
    const metrics = done.report.tasks[0]?.ensemble?.metrics ?? {};
    expect(right / parts.test.length).toBeCloseTo(metrics['accuracy'] ?? NaN, 12);
    const brier = answers.reduce((sum, one, i) => {
      const [no = 0, yes = 0] = 'probabilities' in one ? one.probabilities : [];
      const truth = parts.test[i]?.label === 'yes' ? 1 : 0;
      return sum + (yes - truth) ** 2 + (no - (1 - truth)) ** 2;
    }, 0);
    expect(brier / parts.test.length).toBeCloseTo(metrics['brier'] ?? NaN, 5);
  });

  test('each member is the model of its seed, and the best one is still the run’s own', async () => {
    const scores = done.report.tasks[0]?.seeds.map(({ test: scored }) => scored?.metrics['accuracy']) ?? [];
    const measured: number[] = [];
    for (const place of ['ensemble/seed-1', 'ensemble/seed-2', 'ensemble/seed-3', '.']) {
      const predictor = await loadPredictor(join(done.folder, place), { threads: 1 });
      const answers = await predictor.predict(
        'classification',
        parts.test.map(({ text }) => text),
      );
      await predictor.release();
      const right = answers.filter((one, i) => 'label' in one && one.label === parts.test[i]?.label).length;
      measured.push(right / parts.test.length);
    }
    measured.slice(0, 3).forEach((value, i) => expect(value).toBeCloseTo(scores[i] ?? NaN, 12));
    const weights = (place: string) => readFileSync(join(done.folder, place, 'model.safetensors'));
    const best = [1, 2, 3].filter((seed) => weights(`ensemble/seed-${seed}`).equals(weights('model')));
    expect(best).toHaveLength(1);
  });

  test('nothing of what it was scored on is left, and the next step says how to ask', () => {
    expect(existsSync(join(done.folder, 'checkpoints'))).toBe(false);
    expect(done.report.nextSteps.join('\n')).toMatch(/predict .+\/ensemble`/);
  });

  test('a run that was stopped among its seeds ends in the same figures', async () => {
    let trainings = 0;
    let asked = false;
    const emit = (event: RunEvent) => {
      if (event.kind === 'phase' && event.phase === 'training') trainings++;
      asked ||= trainings === 2 && event.kind === 'step' && event.step >= 3;
    };
    const request = { options: { ...options('stopped'), ensemble: true } };
    const { code } = await refusal(executeRun(request, { emit, stopRequested: () => asked }));
    expect(code).toBe('FC_INTERRUPTED');
    const { report } = await run({ ...options('stopped'), resume: true });
    expect(report.tasks[0]?.ensemble).toEqual(done.report.tasks[0]?.ensemble);
  });
});

test('a run that keeps one model tells the score all the same', async () => {
  const { report, folder } = await run({ ...options('plain'), seeds: 2 });
  expect(report.tasks[0]?.ensemble?.members).toBe(2);
  expect(existsSync(join(folder, 'ensemble'))).toBe(false);
});

test('is refused for one seed, for draws and folds, and where answers have no mean', async () => {
  const one = await refusal(run({ ...options('one'), seeds: 1, ensemble: true }));
  expect([one.code, one.parts.fix]).toEqual(['FC_CONFIG', expect.stringContaining('--seeds')]);
  const drawn = await refusal(run({ ...options('few'), shots: 8, ensemble: true }));
  expect([drawn.code, drawn.parts.where]).toEqual(['FC_CONFIG', '--ensemble']);
  const pairs = rows.map(({ text }) => `${JSON.stringify({ text: text.slice(4), second: text })}\n`);
  const [train, dev, test] = [pairs.slice(0, 160), pairs.slice(160, 220), pairs.slice(220)].map((own, i) =>
    workspace.file(`search-${i}.jsonl`, own.join('')),
  );
  const request = {
    task: 'retrieval' as const,
    train,
    dev,
    test,
    base: workspace.base,
    threads: 1,
    maxLength: 24,
  };
  const search = await refusal(run({ ...request, seeds: 2, ensemble: true, out: join(workspace.root, 'search') }));
  expect([search.code, search.message]).toEqual(['FC_CONFIG', expect.stringContaining('retrieval')]);
});
