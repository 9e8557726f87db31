/** Stages before the tasks: what runs go through, what is kept for other runs, what evaluation data is left out, and how a stop is gone on with. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { executeRun, type RunEvent } from '../index.js';
import {
  asCsv,
  openWorkspace,
  refusal,
  run,
  sentences,
  type FinishedRun,
  type TestWorkspace,
} from '../spec-support.js';

let workspace: TestWorkspace;
const all = sentences(800);
beforeAll(() => {
  workspace = openWorkspace();
  workspace.file('task.csv', asCsv(all.slice(0, 400)));
  // Half of the corpus are the task's own texts: those that are tested on must not be read.
  const documents = all.map(({ text }, i) => (i % 5 === 4 ? `${text}\n` : text));
  workspace.file('corpus.txt', documents.join('\n'));
});
afterAll(() => workspace.close());

const options = (out: string) => ({
  ...{ task: 'classification' as const, data: join(workspace.root, 'task.csv'), base: workspace.base, threads: 1 },
  ...{ epochs: 1, patience: 0, profile: 'quick' as const, out: join(workspace.root, out) },
});
const domain = { corpus: ['corpus.txt'], adaptTokens: 4_000 };

const stagesFolder = () => join(workspace.root, 'cache', 'stages');

describe('a stage on a corpus', () => {
  let first: FinishedRun;
  beforeAll(async () => {
    first = await run({ ...options('first'), ...domain });
  });

  test('is told in the report: what was read, what was left out, and what held-out text says before and after', () => {
    const [stage] = first.report.curriculum ?? [];
    expect(first.report.curriculum).toHaveLength(1);
    expect(stage).toMatchObject({ name: 'domain', kind: 'domain', cached: false });
    const pretraining = stage?.pretraining;
    const [corpus] = pretraining?.corpora ?? [];
    expect(corpus?.name).toBe('corpus.txt');
    // Forty texts of dev and forty of test.
    expect(pretraining?.evaluationTexts).toBe(80);
    expect(corpus?.removedParagraphs).toBeGreaterThanOrEqual(80);
    expect(pretraining?.head?.updates).toBeGreaterThan(0);
    expect(pretraining?.after.heldOut).toBeLessThan(pretraining?.before.heldOut ?? 0);
    expect(pretraining?.tokens).toBeLessThanOrEqual(4_000);
  });

  test('is trained once for all runs, and again where the evaluation data are others', async () => {
    const again = await run({ ...options('again'), ...domain, epochs: 2 });
    expect(again.report.curriculum).toMatchObject([{ cached: true, key: first.report.curriculum?.[0]?.key }]);
    const shared = await run({ ...options('shared'), ...domain, seed: 2, stageSeed: 1 });
    expect(shared.report.curriculum).toMatchObject([{ cached: true, key: first.report.curriculum?.[0]?.key }]);
    expect(shared.report.tasks[0]?.seeds[0]?.curve).not.toEqual(first.report.tasks[0]?.seeds[0]?.curve);
    expect(readdirSync(stagesFolder())).toHaveLength(1);
    workspace.file('other.csv', asCsv(all.slice(100, 500)));
    const other = await run({ ...options('other'), ...domain, data: join(workspace.root, 'other.csv') });
    expect(other.report.curriculum?.[0]?.cached).toBe(false);
    expect(readdirSync(stagesFolder())).toHaveLength(2);
  });

  test('leaves an encoder that the tasks start from, and that another run may name as its base', async () => {
    const key = first.report.curriculum?.[0]?.key ?? '';
    const model = join(stagesFolder(), key, 'model');
    expect(existsSync(join(model, 'model.safetensors'))).toBe(true);
    expect(existsSync(join(stagesFolder(), key, 'work'))).toBe(false);
    const named = await run({ ...options('named'), base: model });
    const losses = (done: FinishedRun) => done.report.tasks[0]?.seeds[0]?.curve;
    expect(losses(named)).toEqual(losses(first));
    const plain = await run({ ...options('plain') });
    expect(plain.report).not.toHaveProperty('curriculum');
    expect(losses(plain)).not.toEqual(losses(first));
  });

  test('is another one in INT8, of which head and perplexity before are those in floats', async () => {
    const int8 = await run({ ...options('int8'), ...domain, arithmetic: 'int8' });
    const [stage] = int8.report.curriculum ?? [];
    expect(stage?.cached).toBe(false);
    expect(stage?.key).not.toBe(first.report.curriculum?.[0]?.key);
    const [own, floats] = [stage?.pretraining, first.report.curriculum?.[0]?.pretraining];
    expect([own?.head, own?.before]).toEqual([floats?.head, floats?.before]);
    expect(own?.after).not.toEqual(floats?.after);
    expect((await run({ ...options('int8-2'), ...domain, arithmetic: 'int8' })).report.curriculum).toMatchObject([
      { cached: true, key: stage?.key },
    ]);
  });

  test('goes on where it was stopped, to the same scores', async () => {
    const settings = { ...domain, adaptTokens: 3_500 };
    const whole = await run({ ...options('whole'), ...settings, seed: 5 });
    const key = whole.report.curriculum?.[0]?.key ?? '';
    const cache = process.env['FIELDCRAFT_CACHE'];
    process.env['FIELDCRAFT_CACHE'] = join(workspace.root, 'cache-2');
    try {
      for (const phase of ['masked words (new head)', 'masked words']) {
        let updates = 0;
        const emit = (event: RunEvent) => void (event.kind === 'step' && event.task === phase && updates++);
        const resume = phase === 'masked words';
        const stopped = executeRun(
          { options: { ...options('stopped'), ...settings, seed: 5, resume } },
          { emit, stopRequested: () => updates >= 3 },
        );
        expect((await refusal(stopped)).code).toBe('FC_INTERRUPTED');
      }
      const resumed = await run({ ...options('stopped'), resume: true });
      expect(resumed.report.curriculum?.[0]).toMatchObject({ key, cached: false });
      const told = ({ report }: FinishedRun) => report.curriculum?.[0]?.pretraining;
      expect(told(resumed)).toEqual(told(whole));
      expect(resumed.report.tasks[0]?.summary).toEqual(whole.report.tasks[0]?.summary);
    } finally {
      process.env['FIELDCRAFT_CACHE'] = cache;
    }
  });
});

test('stages follow one another, each on what the one before left', async () => {
  const done = await run({ ...options('both'), ...domain, stages: ['domain', 'task'] });
  expect(done.report.curriculum?.map(({ name }) => name)).toEqual(['domain', 'task']);
  const [, task] = done.report.curriculum ?? [];
  expect(task?.pretraining?.corpora.map(({ name }) => name)).toEqual(['classification']);
  // The head that the stage before left is there already.
  expect(task?.pretraining?.head).toBeNull();
});

test('what was learnt from every corpus is not taken for a run that asks for commercial use', async () => {
  const licence = 'commercial' as const;
  const own = await run({ ...options('commercial'), ...domain, licence });
  expect(own.report.curriculum).toMatchObject([{ cached: false }]);
  // Left out before it is looked for: it is not on this machine.
  const corpus = [...domain.corpus, 'openstax-nc'];
  const mixed = await run({ ...options('mixed'), ...domain, licence, corpus });
  expect(mixed.report.curriculum?.[0]?.pretraining?.corpora.map(({ name }) => name)).toEqual(['corpus.txt']);
  expect(mixed.report.warnings.join()).toContain('the corpus openstax-nc is left out: the licence of openstax-nc');
});

test('a corpus or a stage that does not exist is refused with what there is', async () => {
  const corpus = await refusal(run({ ...options('no-corpus'), corpus: ['nowhere.txt'] }));
  expect([corpus.code, corpus.parts.expected]).toEqual(['FC_NOT_FOUND', expect.stringContaining('text-scitldr')]);
  const stage = await refusal(run({ ...options('no-stage'), stages: ['domian'] }));
  expect([stage.code, stage.parts.where]).toEqual(['FC_CONFIG', '--stages']);
});
