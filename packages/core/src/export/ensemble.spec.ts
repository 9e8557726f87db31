/** Ensembles on disk: members that are alike say what one says, others the mean, whoever asks; what does not belong together is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FieldcraftError } from '../foundation/index.js';
import type { Prediction } from '../tasks/index.js';
import { trainWordPiece } from '../text/index.js';
import {
  findModelFolder,
  loadPredictor,
  loadServable,
  saveEnsemble,
  saveModelFolder,
  taskOf,
  type BundlePredictor,
  type Predictor,
  type TrainedModel,
} from './index.js';
import { expectClose, inputsOf } from './spec-support.js';
import { createEveryKindModel, createTestModel, texts } from './test-model.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-ensemble-'));
const every = createEveryKindModel();
const tasks = every.tasks.filter((saved) => taskOf(saved).mix !== undefined);
/** Another model of the same tasks: its heads say the opposite of what their poolers give them. */
const opposite: TrainedModel = {
  ...every,
  weight: (name) => every.weight(name).map((value) => (/^heads\.(?!.*pooler)/.test(name) ? -value : value)),
};
const write = (name: string, ...models: readonly TrainedModel[]): string => {
  const folder = join(temporary, name);
  saveEnsemble(folder, { tasks, members: models.map((model, i) => ({ name: `seed-${i}`, model })) });
  return folder;
};

let [alone, other, mixed]: Predictor[] = [];
let served: BundlePredictor | undefined;
let folder = '';
beforeAll(async () => {
  for (const [name, model] of Object.entries({ alone: every, other: opposite }))
    saveModelFolder(join(temporary, name), model);
  alone = await loadPredictor(join(temporary, 'alone'), { threads: 1 });
  other = await loadPredictor(join(temporary, 'other'), { threads: 1 });
  folder = write('mixed', every, opposite);
  mixed = await loadPredictor(folder, { threads: 1 });
  served = await loadServable(folder, { threads: 1 });
});
afterAll(async () => {
  for (const one of [alone, other, mixed, served]) await one?.release();
  rmSync(temporary, { recursive: true });
});

test('all kinds but those on vectors, and joint extraction, may be in one', () => {
  const left = every.tasks.filter((saved) => !tasks.includes(saved)).map(({ kind }) => kind);
  expect(left.sort()).toEqual(['joint-extraction', 'retrieval', 'similarity']);
});

describe('members that are alike', () => {
  let same: Predictor | undefined;
  beforeAll(async () => {
    same = await loadPredictor(write('same', every, every, every), { threads: 1 });
  });
  afterAll(() => same?.release());
  test.each(tasks)('$name: say what one says', async ({ name, kind }) => {
    const inputs = inputsOf(kind);
    expectClose(await same!.predict(name, inputs), await alone!.predict(name, inputs));
  });
});

test.each(tasks)('$name: bulk and serving say the same of members that differ', async ({ name, kind }) => {
  const inputs = inputsOf(kind);
  const expected = await mixed!.predict(name, inputs);
  expectClose(await served!.predict(name, inputs), expected);
  const [answer] = await served!.predictAll([{ task: name, inputs }]);
  expectClose(answer?.status === 'fulfilled' && answer.value, expected);
});

/** Of texts that fit a window. */
const short = ['No refunds.', 'Acme Inc.'];
const values = (predictions: readonly Prediction[]): number[] =>
  predictions.flatMap((one) => {
    if ('value' in one) return [one.value];
    return 'probabilities' in one ? one.probabilities : [];
  });

test.each(['statements', 'choices', 'scores'])('%s: the mean of what its members say', async (name) => {
  const { kind } = tasks.find((task) => task.name === name)!;
  const inputs = short.map((text) => ({ ...inputsOf(kind)[0], text }));
  const [a, b, both] = await Promise.all(
    [alone!, other!, mixed!].map(async (one) => values(await one.predict(name, inputs))),
  );
  expect(both).toHaveLength(a!.length);
  expect(a!.length).toBeGreaterThan(1);
  expect(a!.some((value, i) => Math.abs(value - b![i]!) > 0.1)).toBe(true);
  both!.forEach((value, i) => expect(value).toBeCloseTo((a![i]! + b![i]!) / 2, 5));
});

test('what was tuned for all together decides, not what was tuned for a member', async () => {
  const name = 'unfair-terms';
  const strict = tasks.map((task) => (task.name === name ? { ...task, tuning: { thresholds: [0, 1.1] } } : task));
  const place = join(temporary, 'strict');
  const members = [every, opposite].map((model, i) => ({ name: `seed-${i}`, model }));
  saveEnsemble(place, { tasks: strict, members });
  const predictor = await loadPredictor(place, { threads: 1 });
  const found = await predictor.predict(name, texts);
  expect(found.every((one) => 'labels' in one && one.labels.join() === 'liability')).toBe(true);
  await predictor.release();
});

test('progress counts the windows of all members once', async () => {
  for (const one of [mixed!, served!]) {
    const steps: [number, number][] = [];
    await one.predict('clauses', texts, { onProgress: (done, total) => steps.push([done, total]) });
    const [done, total] = steps.at(-1)!;
    expect(done).toBe(total);
    expect(steps.map(([at]) => at)).toEqual([...steps.map(([at]) => at)].sort((x, y) => x - y));
  }
});

describe('is refused', () => {
  const refusal = async (place: string): Promise<FieldcraftError> => {
    const error: unknown = await loadPredictor(place, { threads: 1 }).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (error === undefined) throw new Error('nothing was refused');
    return error as FieldcraftError;
  };

  test('with members of other labels, and of other tasks', async () => {
    const renamed = every.tasks.map((task) => (task.name === 'clauses' ? { ...task, labels: ['a', 'b', 'c'] } : task));
    const { code, message } = await refusal(write('labels', every, { ...every, tasks: renamed }));
    expect([code, message]).toEqual([
      'FC_CONFIG',
      expect.stringMatching(/clauses[\s\S]+payment, term, other[\s\S]+a, b, c/),
    ]);
    const fewer = every.tasks.filter(({ name }) => name !== 'codes');
    const lacking = await refusal(write('tasks', every, { ...every, tasks: fewer }));
    expect([lacking.code, lacking.parts.where]).toEqual(['FC_CONFIG', expect.stringContaining('codes of ')]);
  });

  test('with a member that reads by another tokenizer, or has another encoder', async () => {
    const tokenizer = trainWordPiece([...texts].reverse().slice(0, 3), {
      vocabularySize: 160,
    });
    const reading = await refusal(write('tokenizer', every, { ...every, tokenizer }));
    expect(reading.code).toBe('FC_TOKENIZER');
    const config = { ...every.config, layer_norm_eps: 1e-5 };
    expect((await refusal(write('config', every, { ...every, config }))).code).toBe('FC_ARCHITECTURE');
  });

  test('where its file is damaged or leads elsewhere', async () => {
    const place = write('damaged', every, every);
    const path = join(place, 'ensemble.json');
    const content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    for (const members of [['seed-0', '../same/seed-0'], ['seed-0'], ['seed-0', 'seed-0']]) {
      writeFileSync(path, JSON.stringify({ ...content, members }));
      expect((await refusal(place)).code).toBe('FC_FILE_FORMAT');
    }
    writeFileSync(path, JSON.stringify({ ...content, members: ['seed-0', 'seed-7'] }));
    expect((await refusal(place)).code).toBe('FC_NOT_FOUND');
  });

  test('with a kind that has no mean, and where one model is asked for', async () => {
    const joint = createEveryKindModel().tasks.filter(({ kind }) => kind === 'joint-extraction');
    const members = ['a', 'b'].map((name) => ({ name, model: every }));
    saveEnsemble(join(temporary, 'joint'), { tasks: joint, members });
    expect((await refusal(join(temporary, 'joint'))).message).toContain('joint-extraction');
    expect(() => findModelFolder(folder)).toThrow(expect.objectContaining({ code: 'FC_CONFIG' }));
    expect(findModelFolder(join(folder, 'seed-1'))).toBe(join(folder, 'seed-1'));
  });
});

test('has two members at least, and is written whole or not at all', () => {
  const { tasks: some, ...model } = createTestModel();
  const place = join(temporary, 'one');
  expect(() =>
    saveEnsemble(place, { tasks: some, members: [{ name: 'a', model: { ...model, tasks: some } }] }),
  ).toThrow(expect.objectContaining({ code: 'FC_CONFIG' }));
  expect(() => findModelFolder(place)).toThrow(expect.objectContaining({ code: 'FC_NOT_FOUND' }));
});
