/** One encoder for all heads says what each head says by itself, however texts and tasks are put together. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { taskKinds } from '../data/index.js';
import { loadPredictor, loadServable, saveModelFolder, type BundlePredictor, type Predictor } from './index.js';
import { expectClose, inputsOf } from './spec-support.js';
import { createEveryKindModel, texts } from './test-model.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-bundle-predictor-'));
const model = createEveryKindModel();
let [alone, shared]: [Predictor?, BundlePredictor?] = [];
beforeAll(async () => {
  saveModelFolder(join(temporary, 'model'), model);
  alone = await loadPredictor(temporary, { threads: 1 });
  shared = await loadServable(temporary, { threads: 1 });
});
afterAll(async () => {
  await alone?.release();
  await shared?.release();
  rmSync(temporary, { recursive: true });
});

const mentions = [
  { start: 4, end: 12, label: 'party' },
  { start: 45, end: 56, label: 'date' },
];
/** Numbers to 1e-4, all else as it is. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, x: unknown) => (typeof x === 'number' ? Math.round(x * 1e4) / 1e4 : x)));

test('there is a task of every kind', () => {
  expect(new Set(model.tasks.map(({ kind }) => kind))).toEqual(new Set(taskKinds));
});

test.each(model.tasks)('$name: as its own program says', async ({ name, kind }) => {
  const inputs = inputsOf(kind);
  expectClose(await shared!.predict(name, inputs), await alone!.predict(name, inputs));
});

test('relations between entities that are given', async () => {
  const inputs = [{ text: texts[0]!, mentions }];
  expectClose(await shared!.predict('relations', inputs), await alone!.predict('relations', inputs));
});

test('one pass for all heads that read texts', async () => {
  expect(shared!.textTasks).toEqual([
    'clauses',
    'unfair-terms',
    'entities',
    'scores',
    'relations',
    'joint',
    'requests',
    'codes',
  ]);
  const steps: [number, number][] = [];
  const found = await shared!.analyze(texts, { onProgress: (done, total) => steps.push([done, total]) });
  expect(found).toHaveLength(texts.length);
  for (const task of shared!.textTasks) {
    const expected = await alone!.predict(task, texts);
    expectClose(
      found.map((one) => one[task]),
      expected,
      task,
    );
  }
  const [done, total] = steps.at(-1)!;
  expect(done).toBe(total);
});

test('requests of different tasks together; one that lacks what its task reads fails alone', async () => {
  const pair = { text: texts[0]!, second: 'The supplier delivers.' };
  const answers = await shared!.predictAll([
    { task: 'statements', inputs: [pair] },
    { task: 'statements', inputs: [texts[0]!] },
    { task: 'nothing', inputs: texts },
    { task: 'entities', inputs: texts },
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  const [pairs, lacking, unknown, entities] = answers;
  expectClose(pairs?.status === 'fulfilled' && pairs.value, await alone!.predict('statements', [pair]));
  expect(lacking?.status === 'rejected' && (lacking.reason as unknown)).toMatchObject({ code: 'FC_DATA' });
  expect(unknown?.status === 'rejected' && (unknown.reason as unknown)).toMatchObject({ code: 'FC_NOT_FOUND' });
  expectClose(entities?.status === 'fulfilled' && entities.value, await alone!.predict('entities', texts));
});

test('vectors and rankings', async () => {
  const [ours, theirs] = [await shared!.embed('ranking', texts), await alone!.embed('ranking', texts)];
  expectClose(
    ours.map((row) => [...row]),
    theirs.map((row) => [...row]),
  );
  expect(rounded(await shared!.rank('ranking', [texts[1]!], texts))).toEqual(
    rounded(await alone!.rank('ranking', [texts[1]!], texts)),
  );
});

test('what is no longer wanted is not computed', async () => {
  await expect(shared!.analyze(texts, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
});
