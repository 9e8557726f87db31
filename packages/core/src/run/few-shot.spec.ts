/** Few-shot runs and learning curves: what they learn from, what baselines see, and what a killed curve keeps. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { evaluateRun, executeRun, type RunEvent } from './index.js';
import { asCsv, openWorkspace, refusal, run, sentences, type FinishedRun, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
  workspace.file('all.csv', asCsv(sentences(400)));
});
afterAll(() => workspace.close());

const options = (out: string) => ({
  ...{ task: 'classification' as const, data: join(workspace.root, 'all.csv'), base: workspace.base, threads: 1 },
  ...{ epochs: 3, learningRate: 3e-3, patience: 0, out: join(workspace.root, out) },
});

describe('few-shot', () => {
  let done: FinishedRun;
  beforeAll(async () => {
    done = await run({ ...options('shots'), shots: 8, seedList: [13, 21, 42], profile: 'quick' });
  });

  test('each seed learns from its own draw of train and of dev; test is whole', () => {
    const [task] = done.report.tasks;
    expect(task?.seeds.map(({ seed }) => seed)).toEqual([13, 21, 42]);
    expect(task?.data.parts).toEqual([
      { part: 'train', available: 320, used: 16 },
      { part: 'dev', available: 40, used: 16 },
      { part: 'test', available: 40, used: 40 },
    ]);
    expect(task?.data.labelCounts.map(({ train, dev }) => [train, dev])).toEqual([
      [8, 8],
      [8, 8],
    ]);
    const losses = task?.seeds.map(({ curve }) => curve[0]?.loss);
    expect(new Set(losses).size).toBe(3);
  });

  test('scores and baselines are means with a deviation; an interval of one draw would say too little', () => {
    const [task] = done.report.tasks;
    const main = task?.summary[task.mainMetric];
    expect(main?.n).toBe(3);
    expect(main?.std).toBeGreaterThanOrEqual(0);
    expect(main).not.toHaveProperty('interval');
    expect(task?.intervalRule).toContain('draws');
    // Their models have learnt from different examples: together they would have seen more than was asked for.
    expect(task).not.toHaveProperty('ensemble');
    const tfidf = task?.baselines.find(({ name }) => name === 'tfidf');
    expect(tfidf?.std).toBeGreaterThan(0);
    expect(done.report.profileNotes.join()).toContain('8 examples of each class');
  });

  test('its model is scored again on the whole test part', async () => {
    const [scored] = await evaluateRun({ folder: done.folder, threads: 1 }, () => undefined);
    expect(scored?.examples).toBe(40);
    const best = done.report.tasks[0]?.seeds.map(({ test }) => test?.metrics['accuracy']);
    expect(best).toContain(scored?.scores.metrics['accuracy']);
  });

  test('is refused with a curve, and for data without a test part', async () => {
    const both = await refusal(run({ ...options('both'), shots: 4, curve: [10] }));
    expect([both.code, both.message]).toEqual(['FC_CONFIG', expect.stringContaining('--shots and --curve')]);
    const few = workspace.file('few.csv', asCsv(sentences(60, 4)));
    const folds = await refusal(run({ ...options('folds'), data: few, shots: 4 }));
    expect([folds.code, folds.parts.where]).toEqual(['FC_CONFIG', '--shots']);
  });
});

describe('a learning curve', () => {
  const curve = { curve: [20, 80, 'all' as const, 5000], seeds: 2 };
  let whole: FinishedRun;
  beforeAll(async () => {
    whole = await run({ ...options('curve'), ...curve });
  });

  test('has a point a size, each over all seeds, with its baselines; what is more than all is all', () => {
    const points = whole.report.tasks[0]?.learningCurve;
    expect(points?.map(({ train, dev }) => [train, dev])).toEqual([
      [20, 20],
      [80, 40],
      [320, 40],
    ]);
    expect(points?.every(({ values, std }) => values.length === 2 && std !== undefined)).toBe(true);
    expect(points?.every(({ baselines }) => baselines.map(({ name }) => name).join() === 'majority,tfidf')).toBe(true);
    const last = points?.at(-1);
    expect(last?.mean).toBe(whole.report.tasks[0]?.summary['macroF1']?.mean);
    expect(last?.baselines.map(({ mean }) => mean)).toEqual(
      whole.report.tasks[0]?.baselines.map(({ metrics }) => metrics['macroF1']),
    );
    expect(points?.[0]?.mean).toBeLessThan(last!.mean);
  });

  test('is drawn on the page, and leaves no checkpoints', () => {
    const page = readFileSync(join(whole.folder, 'report.html'), 'utf8');
    expect(page).toContain('Learning curve');
    expect(existsSync(join(whole.folder, 'checkpoints'))).toBe(false);
    expect(readdirSync(whole.folder).filter((name) => name.startsWith('plan'))).toEqual([
      'plan-20.json',
      'plan-80.json',
      'plan.json',
    ]);
  });

  test('that was stopped in its middle goes on: cells are kept, and it ends in the same figures', async () => {
    const out = join(workspace.root, 'stopped');
    let trainings = 0;
    let asked = false;
    const emit = (event: RunEvent) => {
      if (event.kind === 'phase' && event.phase === 'training') trainings++;
      // In the second round of the second size.
      asked ||= trainings === 4 && event.kind === 'step' && event.step >= 3;
    };
    const request = { options: { ...options('stopped'), ...curve } };
    const { code } = await refusal(executeRun(request, { emit, stopRequested: () => asked }));
    expect(code).toBe('FC_INTERRUPTED');
    const cell = (stage: string) => join(out, 'checkpoints', stage, 'cell.json');
    const kept = ['20-round-0', '20-round-1', '80-round-0'].map((stage) => statSync(cell(stage)).mtimeMs);
    expect(existsSync(cell('80-round-1'))).toBe(false);

    const seen: string[] = [];
    const stamps: number[] = [];
    const resumed = await executeRun(
      { options: { resume: true, out } },
      {
        emit(event) {
          if (event.kind !== 'phase') return;
          if (event.phase === 'training') seen.push(event.detail ?? '');
          if (event.phase === 'exporting')
            stamps.push(...['20-round-0', '20-round-1', '80-round-0'].map((stage) => statSync(cell(stage)).mtimeMs));
        },
        stopRequested: () => false,
      },
    );
    expect(seen).toEqual(['80 examples a task, seed 2', 'seed 1', 'seed 2']);
    expect(stamps).toEqual(kept);
    expect(resumed.report.tasks[0]?.learningCurve).toEqual(whole.report.tasks[0]?.learningCurve);
    const weights = (folder: string) => readFileSync(join(folder, 'model/model.safetensors'));
    expect(weights(resumed.folder).equals(weights(whole.folder))).toBe(true);
  });
});
