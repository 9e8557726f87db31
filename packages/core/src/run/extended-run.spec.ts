/** Heads that are added to a finished run: what it had stays as it was, to the bit, and what makes no sense is refused. */
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openCheckpoint } from '../checkpoint/index.js';
import { loadPredictor, readModelFile } from '../export/index.js';
import { compareRuns, evaluateRun, executeRun } from './index.js';
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
let first: FinishedRun;
let added: FinishedRun;
const short = { threads: 1, epochs: 2, learningRate: 3e-3, patience: 0 } as const;
const texts = sentences(12, 9).map(({ text }) => `${text} for Anna`);

beforeAll(async () => {
  workspace = openWorkspace();
  workspace.file('all.csv', asCsv(sentences(320)));
  const sentencesOf = conll(200, 5).split('\n\n');
  for (const [part, from, to] of [
    ['train', 0, 120],
    ['dev', 120, 160],
    ['test', 160, 200],
  ] as const)
    workspace.file(`${part}.conll`, `${sentencesOf.slice(from, to).join('\n\n')}\n`);
  first = await run({
    ...short,
    epochs: 10,
    task: 'classification',
    data: 'all.csv',
    base: workspace.base,
    out: 'first',
  });
  added = await run({ ...names, ...short, epochs: 8, addTo: 'first', out: 'added' });
});
afterAll(() => workspace.close());

const names = { task: 'token-classification', train: 'train.conll', dev: 'dev.conll', test: 'test.conll' } as const;
const bytes = (...path: string[]) => readFileSync(join(workspace.root, ...path));

/** Every tensor of a run's model. */
function tensorsOf(out: string): Map<string, Float32Array> {
  const source = openCheckpoint(join(workspace.root, out, 'model'));
  const tensors = new Map(source.names().map((name) => [name, source.readFloat32(name)]));
  source.close();
  return tensors;
}

describe('a head that is added', () => {
  test('leaves every weight of the run as it was, and its outputs too', async () => {
    const [before, after] = [tensorsOf('first'), tensorsOf('added')];
    expect(before.size).toBeGreaterThan(20);
    for (const [name, weight] of before) expect([name, after.get(name)]).toEqual([name, weight]);
    const fresh = [...after.keys()].filter((name) => !before.has(name));
    expect(fresh.sort()).toEqual(
      ['classifier.bias', 'classifier.weight'].map((w) => `heads.token-classification.${w}`),
    );
    const [old, both] = [await loadPredictor(first.folder), await loadPredictor(added.folder)];
    expect(await both.predict('classification', texts)).toEqual(await old.predict('classification', texts));
    await old.release();
    await both.release();
    expect(bytes('added/predictions/classification.jsonl')).toEqual(bytes('first/predictions/classification.jsonl'));
  });

  test('learns on top of it, and is served as it was scored', async () => {
    const [kept, own] = added.report.tasks;
    expect(kept).toEqual(first.report.tasks[0]);
    expect(own?.name).toBe('token-classification');
    expect(own?.beats).toMatchObject({ majority: true });
    expect(added.report.profileNotes[0]).toContain('first, unchanged');
    expect(added.report.base).toEqual(first.report.base);
    const [again] = await evaluateRun({ folder: added.folder, threads: 1 }, () => undefined);
    expect(again?.task).toBe('token-classification');
    expect(again?.scores.metrics['entityF1']).toBeCloseTo(own?.summary['entityF1']?.mean ?? 0, 5);
    expect(existsSync(join(added.folder, 'hf/classification/README.md'))).toBe(true);
    const { tasks } = compareRuns(first.folder, added.folder);
    expect(tasks.map(({ task, difference }) => [task, difference])).toEqual([['classification', 0]]);
  });

  test('can be followed by another, of the same kind under a name of its own', async () => {
    const options = {
      task: 'classification' as const,
      taskName: 'again',
      data: 'all.csv',
      addTo: 'added',
      out: 'third',
    };
    const { report, folder } = await run({ ...short, ...options });
    // The encoder has learnt what this head asks for.
    expect(first.report.tasks[0]?.summary['macroF1']?.mean).toBeGreaterThan(0.9);
    expect(report.tasks[2]?.summary['macroF1']?.mean).toBeGreaterThan(0.9);
    expect(report.tasks.map(({ name }) => name)).toEqual(['classification', 'token-classification', 'again']);
    expect(readModelFile(join(folder, 'model')).tasks.map(({ name }) => name)).toEqual(
      report.tasks.map(({ name }) => name),
    );
  });

  test('ends in the same weights when it was stopped and gone on with', async () => {
    let steps = 0;
    const options = { ...names, ...short, epochs: 8, addTo: 'first', out: 'stopped' };
    const emit = (event: { kind: string }) => void (event.kind === 'step' && steps++);
    const error = await refusal(executeRun({ options }, { emit, stopRequested: () => steps >= 7 }));
    expect(error.code).toBe('FC_INTERRUPTED');
    await run({ resume: true, out: 'stopped' });
    expect(bytes('stopped/model/model.safetensors')).toEqual(bytes('added/model/model.safetensors'));
  });
});

describe('refused', () => {
  const add = (options: object) => refusal(run({ ...names, ...short, addTo: 'first', out: 'refused', ...options }));

  test('a head that there is, another base, a comparison', async () => {
    const twice = await add({
      task: 'classification',
      train: undefined,
      dev: undefined,
      test: undefined,
      data: 'all.csv',
    });
    expect([twice.code, twice.message]).toEqual([
      'FC_CONFIG',
      expect.stringMatching(/already has a head for classification/),
    ]);
    expect(twice.message).toContain('--task-name');
    cpSync(workspace.base, join(workspace.root, 'other'), { recursive: true });
    const other = await add({ base: 'other' });
    expect([other.code, other.parts.expected]).toEqual(['FC_CONFIG', workspace.base]);
    expect((await add({ compareSingle: true })).message).toContain('--compare-single');
    expect(existsSync(join(workspace.root, 'refused'))).toBe(false);
  });

  test('no run, an unfinished one, one whose tokenizer is not its own', async () => {
    expect((await add({ addTo: 'nowhere' })).code).toBe('FC_NOT_FOUND');
    cpSync(first.folder, join(workspace.root, 'changed'), { recursive: true });
    rmSync(join(workspace.root, 'changed/report.json'));
    expect((await add({ addTo: 'changed' })).code).toBe('FC_RUN_FOLDER');
    cpSync(join(first.folder, 'report.json'), join(workspace.root, 'changed/report.json'));
    const vocabulary = join(workspace.root, 'changed/model/tokenizer.json');
    writeFileSync(vocabulary, readFileSync(vocabulary, 'utf8').replace('"cat"', '"kat"'));
    expect((await add({ addTo: 'changed' })).code).toBe('FC_TOKENIZER');
  });
});
