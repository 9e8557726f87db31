/** Predictions of a saved model are those of the scorer that trained it, wherever the model lies. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createOnnxRuntimeEngine } from '../runtime/index.js';
import type { Feature } from '../tasks/index.js';
import { createParameterStore, createScorer } from '../training/index.js';
import { loadPredictor, saveModelFolder, taskOf, type Predictor } from './index.js';
import { createTestModel, texts } from './test-model.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-predictor-'));
const runs = join(temporary, 'runs', 'legal');
const run = join(runs, '2026-05-01_quick');
const model = createTestModel();
let predictor: Predictor;
beforeAll(async () => {
  saveModelFolder(join(run, 'model'), model);
  predictor = await loadPredictor(run);
});
afterAll(async () => {
  await predictor.release();
  rmSync(temporary, { recursive: true });
});

test.each(model.tasks)('$name: as the scorer on a store in training', async (saved) => {
  const task = taskOf(saved);
  const { maxLength, stride, tuning } = saved;
  const scorer = await createScorer<Feature>(createOnnxRuntimeEngine(), task, model.config);
  const store = createParameterStore(scorer.parameters);
  for (const [name, { weight }] of store.slots) weight.set(model.weight(name));
  const examples = texts.map((text, i) => ({ id: String(i), text }));
  const features = await task.features(examples, model.tokenizer, { maxLength, stride, targets: false });
  // The second text is longer than a window.
  expect(features.length).toBeGreaterThan(texts.length);
  const expected = task.decode(examples, features, await scorer.score(store, features), tuning);
  await scorer.release();

  const steps: [number, number][] = [];
  const onProgress = (done: number, total: number) => steps.push([done, total]);
  expect(await predictor.predict(saved.name, texts, { onProgress })).toEqual(expected);
  expect(steps.at(-1)).toEqual([features.length, features.length]);
});

test('the second engine predicts the same', async () => {
  const other = await loadPredictor(run, { engine: 'tfjs' });
  const [ours, theirs] = await Promise.all([predictor, other].map((one) => one.predict('unfair-terms', texts)));
  const probabilities = (found: typeof ours) =>
    (found ?? []).flatMap((one) => ('probabilities' in one ? one.probabilities : []));
  const expected = probabilities(ours);
  expect(expected).toHaveLength(2 * texts.length);
  probabilities(theirs).forEach((p, i) => expect(p).toBeCloseTo(expected[i] as number, 4));
  expect((await other.predict('entities', texts)).length).toBe(texts.length);
  await other.release();
});

test('tuned thresholds decide', async () => {
  const [first] = await predictor.predict('unfair-terms', texts);
  if (!first || !('labels' in first)) throw new Error('not a multi-label prediction');
  const above = first.probabilities.map((p, i) => p >= [0.4, 0.6][i]!);
  expect(first.labels).toEqual(['liability', 'termination'].filter((_, i) => above[i]));
});

test('texts are rewritten by the rules that the model was saved with; places are those of the text as given', async () => {
  const rules = [{ name: 'short', find: 'T&C', put: 'agreement' }];
  const ruled = model.tasks.map((saved) => ({ ...saved, settings: { rules } }));
  const folder = join(temporary, 'ruled');
  saveModelFolder(folder, { ...model, tasks: ruled });
  const other = await loadPredictor(folder);
  const [given, written] = ['T&C of Acme Inc., dated 5 May 2021.', 'agreement of Acme Inc., dated 5 May 2021.'];
  for (const name of ['clauses', 'unfair-terms'])
    expect(await other.predict(name, [given])).toEqual(await predictor.predict(name, [written]));
  const spans = async (from: Predictor, text: string) => {
    const [found] = await from.predict('entities', [text]);
    return found && 'entities' in found ? found.entities.map(({ start, end, label }) => ({ start, end, label })) : [];
  };
  const moved = written.length - given.length;
  const back = (unit: number) => (unit === 0 ? 0 : unit - moved);
  const expected = await spans(predictor, written);
  expect(expected.length).toBeGreaterThan(0);
  expect(await spans(other, given)).toEqual(
    expected.map(({ start, end, label }) => ({ start: back(start), end: back(end), label })),
  );
  await other.release();
});

test('no texts, no predictions', async () => {
  expect(await predictor.predict('clauses', [])).toEqual([]);
});

test('lists its tasks, and suggests one for a name it does not have', async () => {
  expect(predictor.tasks.map(({ name, kind }) => [name, kind])).toEqual([
    ['clauses', 'classification'],
    ['unfair-terms', 'multi-label'],
    ['entities', 'token-classification'],
  ]);
  await expect(predictor.predict('unfair-term', texts)).rejects.toMatchObject({
    code: 'FC_NOT_FOUND',
    message: expect.stringContaining('unfair-terms'),
  });
});

test('finds a model in its own folder, in a run, and through latest as a link or a file', async () => {
  const model = join(run, 'model');
  const found = async (path: string) => {
    const other = await loadPredictor(path);
    await other.release();
    return other.folder;
  };
  expect(await found(model)).toBe(model);
  symlinkSync('2026-05-01_quick', join(runs, 'latest'));
  expect(await found(join(runs, 'latest'))).toBe(model);
  expect(await found(runs)).toBe(model);
  rmSync(join(runs, 'latest'));
  writeFileSync(join(runs, 'latest'), '2026-05-01_quick\n');
  expect(await found(join(runs, 'latest'))).toBe(model);
  expect(await found(runs)).toBe(model);
  const kept = join(temporary, 'dist', 'models', 'legal');
  mkdirSync(kept, { recursive: true });
  cpSync(run, kept, { recursive: true });
  expect(await found(kept)).toBe(join(kept, 'model'));
});

test('says where it looked when there is no model', async () => {
  await expect(loadPredictor(join(temporary, 'nowhere'))).rejects.toMatchObject({
    code: 'FC_NOT_FOUND',
    message: expect.stringContaining(join('nowhere', 'latest', 'model')),
  });
});
