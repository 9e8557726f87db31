/** Runs in a worker: events arrive, a stop saves the state, and a resume ends as if nothing had happened. */
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FieldcraftError } from '../foundation/index.js';
import { executeRun, startRun, type RunEvent } from './index.js';
import { asCsv, openWorkspace, refusal, run, sentences, type FinishedRun, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
/** A run that nothing happened to. */
let whole: FinishedRun;
beforeAll(async () => {
  workspace = openWorkspace();
  workspace.file('all.csv', asCsv(sentences(400)));
  whole = await run(options('whole'));
});
afterAll(() => workspace.close());

const options = (out: string) => ({
  ...{ task: 'classification' as const, data: join(workspace.root, 'all.csv'), base: workspace.base, threads: 1 },
  ...{ headPasses: 1, epochs: 3, learningRate: 3e-3, patience: 0, out: join(workspace.root, out) },
});
const bytes = (...path: string[]) => readFileSync(join(workspace.root, ...path));

describe('a run in a worker', () => {
  test('stops when asked, more than once too, and goes on where it was', async () => {
    const events: RunEvent[] = [];
    const handle = startRun({ options: options('stopped') }, (event) => {
      events.push(event);
      if (event.kind === 'step' && event.step >= 5) handle.stop();
    });
    const { code } = await refusal(handle.result);
    expect(code).toBe('FC_INTERRUPTED');
    const stopped = events.at(-1) as Extract<RunEvent, { kind: 'stopped' }>;
    expect(stopped).toMatchObject({ kind: 'stopped', folder: join(workspace.root, 'stopped') });
    expect(stopped.step).toBeGreaterThanOrEqual(5);
    expect(stopped.resume).toContain('--resume');
    expect(readdirSync(join(workspace.root, 'stopped/checkpoints/round-0'))).toContain('state.safetensors');
    expect(existsSync(join(workspace.root, 'stopped/run.lock'))).toBe(false);
    const plan = bytes('stopped', 'plan.json');

    const later: RunEvent[] = [];
    const resumed = startRun({ options: { resume: true, out: join(workspace.root, 'stopped') } }, (event) =>
      later.push(event),
    );
    const { report } = await resumed.result;
    expect(later.find((event) => event.kind === 'step')).toMatchObject({ step: stopped.step + 1 });
    expect(later.at(-1)?.kind).toBe('finished');
    expect(bytes('stopped', 'plan.json').equals(plan)).toBe(true);
    expect(bytes('stopped', 'model/model.safetensors').equals(bytes('whole', 'model/model.safetensors'))).toBe(true);
    expect(report.tasks[0]?.summary).toEqual(whole.report.tasks[0]?.summary);
    expect(report.tasks[0]?.seeds[0]?.tuning).toEqual(whole.report.tasks[0]?.seeds[0]?.tuning);
  });

  test('errors arrive with their code and their parts', async () => {
    const error: FieldcraftError = await refusal(
      startRun({ options: { ...options('whole') } }, () => undefined).result,
    );
    expect([error.code, error.parts.where]).toEqual(['FC_RUN_FOLDER', join(workspace.root, 'whole')]);
    const unknown = { ...options('never'), colour: 'red' };
    expect((await refusal(startRun({ options: unknown }, () => undefined).result)).message).toContain('colour');
  });
});

/** Stops a run at the first event that fits, and returns what it says. */
async function stopAt(out: string, fits: (event: RunEvent) => boolean, more: object = {}): Promise<FieldcraftError> {
  let asked = false;
  const emit = (event: RunEvent) => (asked ||= fits(event));
  return refusal(executeRun({ options: { ...options(out), ...more } }, { emit, stopRequested: () => asked }));
}

const isPhase = (phase: string) => (event: RunEvent) => event.kind === 'phase' && event.phase === phase;

describe('a stop outside training', () => {
  const isLast = (event: RunEvent) =>
    event.kind === 'evaluation' && event.step === whole.report.tasks[0]?.seeds[0]?.steps;
  const cases: [string, (event: RunEvent) => boolean, string][] = [
    ['while tokenising', isPhase('tokenising'), 'stopped before compiling'],
    ['after the plan', ({ kind }) => kind === 'plan', 'stopped before training'],
    [
      'while heads learn first',
      ({ kind }) => kind === 'progress',
      'stopped while the head of classification was learning, which begins again',
    ],
    [
      'at the last evaluation',
      isLast,
      'stopped before scoring the test part of classification; the trained weights are saved',
    ],
    [
      'while the test part is scored',
      (event) => event.kind === 'progress' && event.what.startsWith('scoring'),
      'stopped while scoring the test part of classification; the trained weights are saved',
    ],
    ['during the baselines', isPhase('baselines for classification'), 'stopped before exporting'],
  ];
  test.each(cases)('%s is heeded at once, and nothing is lost', async (when, fits, what) => {
    const out = `stop ${when}`;
    const { code, parts } = await stopAt(out, fits);
    expect([code, parts.what]).toEqual(['FC_INTERRUPTED', what]);
    const { events } = await run({ resume: true, out });
    const trainedBefore = !['while tokenising', 'after the plan', 'while heads learn first'].includes(when);
    expect(events.some(({ kind }) => kind === 'step')).toBe(!trainedBefore);
    for (const file of ['model/model.safetensors', 'predictions/classification.jsonl'])
      expect(bytes(out, file).equals(bytes('whole', file))).toBe(true);
    expect(existsSync(join(workspace.root, out, 'checkpoints'))).toBe(false);
  });
});

describe('a resume is refused', () => {
  test('where the tokenizer of the base is not the one that the run began with', async () => {
    const base = join(workspace.root, 'other-base');
    cpSync(workspace.base, base, { recursive: true });
    await stopAt('tokenizer', ({ kind }) => kind === 'step', { base });
    for (const name of ['tokenizer.json', 'vocab.txt']) {
      const text = readFileSync(join(base, name), 'utf8');
      writeFileSync(join(base, name), text.replaceAll('cat', 'cot'));
    }
    const { code, parts } = await refusal(run({ resume: true, out: 'tokenizer' }));
    expect([code, parts.where]).toEqual(['FC_TOKENIZER', base]);
    expect(existsSync(join(workspace.root, 'tokenizer/checkpoints/round-0/state.safetensors'))).toBe(true);
  });

  test('where the data is not what it was', async () => {
    const data = workspace.file('changing.csv', asCsv(sentences(400, 2)));
    await stopAt('data', ({ kind }) => kind === 'step', { data });
    workspace.file('changing.csv', asCsv(sentences(400, 2)).replace('cat', 'dog'));
    const { code, parts } = await refusal(run({ resume: true, out: 'data' }));
    expect([code, parts.where]).toEqual(['FC_RUN_FOLDER', 'classification']);
    workspace.file('changing.csv', asCsv(sentences(400, 2)));
    expect((await run({ resume: true, out: 'data' })).report.run.status).toBe('complete');
  });

  test('where its configuration cannot be read', async () => {
    await stopAt('config', ({ kind }) => kind === 'step');
    writeFileSync(join(workspace.root, 'config/config.json'), '{"version": 2}');
    const { code, parts } = await refusal(run({ resume: true, out: 'config' }));
    expect([code, parts.where]).toEqual(['FC_RUN_FOLDER', join(workspace.root, 'config/config.json')]);
  });
});
