/** A saved state brings everything back: weights, moments, counts, row states, counters; or says why it cannot. */
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { writeSafetensors } from '../checkpoint/index.js';
import { createAdamW, createParameterStore, loadWeights, saveWeights, type ParameterStore } from './index.js';
import { loadState, restoreBest, saveBest, saveState, startOfRun, type Progress } from './run-state.js';
import { refusal } from './spec-support.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-state-'));
afterAll(() => rmSync(temporary, { recursive: true }));

function emptyFolder(name: string): string {
  const folder = join(temporary, name);
  mkdirSync(folder);
  return folder;
}

const parameters = [
  { name: 'table', shape: [6, 4], table: true },
  { name: 'matrix', shape: [3, 5] },
  { name: 'idle', shape: [2, 2] },
  { name: 'frozen', shape: [5], trainable: false },
];

const createStore = (): ParameterStore => createParameterStore(parameters, { floats: 16, ids: 4 });

const progress: Progress = {
  update: 12,
  visits: { a: 7, b: 5 },
  evaluations: [{ update: 10, scores: { a: 0.5, b: 0.25 }, mean: 0.375 }],
  losses: [{ update: 10, task: 'a', loss: 0.69 }],
  best: { update: 10, mean: 0.375 },
  candidates: [{ update: 10, mean: 0.375 }],
  soup: null,
  waited: 0,
  tokens: 4321,
  taskTokens: { a: 4000, b: 321 },
  seconds: 1.5,
  balance: { a: { updates: 7, logVariance: 0.25, firstLoss: 1, loss: 0.5, norm: 2, weight: 1 } },
};

/** Two updates on the rows 1 and 4 and on the matrix; the idle parameter has none. */
function train(store: ParameterStore, optimizer = createAdamW(store)) {
  for (const [i, { weight }] of [...store.slots.values()].entries()) weight.set(weight.map((_, k) => Math.sin(k + i)));
  for (let step = 0; step < 2; step++) {
    const { gradient, rowStates } = store.slot('table');
    for (const row of [1, 4]) {
      gradient.fill(0.3 + step, row * 4, row * 4 + 4);
      (rowStates as Uint8Array)[row] = 1 | (rowStates as Uint8Array)[row]!;
    }
    store.slot('matrix').gradient.fill(-0.2);
    optimizer.step(['table', 'matrix'], 0.1);
  }
  return optimizer;
}

test('comes back to the bit in a new store, row states too, and training goes on the same', () => {
  const folder = emptyFolder('round-trip');
  const store = createStore();
  const optimizer = train(store);
  saveState(folder, store, optimizer, progress);
  const other = createStore();
  const restored = createAdamW(other);
  expect(loadState(folder, other, restored)).toEqual(progress);
  expect(restored.counts).toEqual(
    new Map([
      ['table', 2],
      ['matrix', 2],
    ]),
  );
  for (const name of ['table', 'matrix', 'idle']) {
    const { weight, moment1, moment2, rowStates } = store.slot(name);
    const again = other.slot(name);
    expect([again.weight, again.moment1, again.moment2, again.rowStates]).toEqual([
      weight,
      moment1,
      moment2,
      rowStates,
    ]);
  }
  expect([...(other.slot('table').rowStates as Uint8Array)]).toEqual([0, 2, 0, 0, 2, 0]);
  for (const [each, own] of [
    [store, optimizer],
    [other, restored],
  ] as const) {
    each.slot('matrix').gradient.fill(0.7);
    own.step(['table', 'matrix'], 0.05);
  }
  expect(other.slot('table').weight).toEqual(store.slot('table').weight);
  expect(other.slot('matrix').weight).toEqual(store.slot('matrix').weight);
});

test('holds no frozen weights, and no moments of what was never updated', () => {
  const folder = emptyFolder('content');
  const store = createStore();
  const header = readFileSync(saveState(folder, store, train(store), progress)).toString('latin1');
  expect(header).not.toContain('frozen');
  expect(header).toContain('"weight.idle"');
  expect(header).not.toContain('"moment1.idle"');
});

test('best weights are kept until a state no longer refers to them', () => {
  const folder = emptyFolder('best');
  const store = createStore();
  const optimizer = train(store);
  saveBest(folder, store, 5);
  const best = store.slot('matrix').weight.slice();
  saveState(folder, store, optimizer, { ...progress, best: { update: 5, mean: 0.3 } });
  store.slot('matrix').weight.fill(9);
  saveBest(folder, store, 10);
  expect(readdirSync(folder).sort()).toEqual(['best-10.safetensors', 'best-5.safetensors', 'state.safetensors']);
  restoreBest(folder, store, 5);
  expect(store.slot('matrix').weight).toEqual(best);
  saveState(folder, store, optimizer, progress);
  expect(readdirSync(folder).sort()).toEqual(['best-10.safetensors', 'state.safetensors']);
});

test('weights alone can be written and read', () => {
  const store = createStore();
  train(store);
  const path = join(temporary, 'weights.safetensors');
  saveWeights(path, store);
  const other = createStore();
  loadWeights(path, other);
  expect(other.slot('table').weight).toEqual(store.slot('table').weight);
  expect(other.slot('frozen').weight).toEqual(new Float32Array(5));
});

test('a state of another model, a damaged one, and one without counters are refused', async () => {
  const folder = emptyFolder('refused');
  const store = createStore();
  saveState(folder, store, train(store), startOfRun());
  const load = (others: readonly { name: string; shape: number[] }[]) => () => {
    const other = createParameterStore(others);
    return loadState(folder, other, createAdamW(other));
  };
  const shaped = await refusal(load([{ name: 'matrix', shape: [5, 3] }]));
  expect([shaped.code, shaped.parts.got]).toEqual(['FC_RUN_FOLDER', '[3, 5]']);
  expect((await refusal(load([{ name: 'unknown', shape: [1] }]))).code).toBe('FC_RUN_FOLDER');
  // What was trained and has no place is as foreign as what is missing.
  const fewer = await refusal(load([{ name: 'matrix', shape: [3, 5] }]));
  expect([fewer.code, fewer.parts.expected]).toEqual(['FC_RUN_FOLDER', 'no such weight']);
  const weights = join(folder, 'weights.safetensors');
  saveWeights(weights, store);
  const lacking = await refusal(() => loadWeights(weights, createParameterStore([{ name: 'matrix', shape: [3, 5] }])));
  expect([lacking.code, lacking.parts.expected]).toEqual(['FC_RUN_FOLDER', 'no such weight']);

  const path = join(folder, 'state.safetensors');
  const whole = readFileSync(path);
  truncateSync(path, whole.length - 10);
  expect((await refusal(() => loadState(folder, store, createAdamW(store)))).code).toBe('FC_FILE_FORMAT');
  for (const metadata of [{}, { progress: '{', counts: '{}' }, { progress: '{"update": -1}', counts: '{}' }]) {
    writeSafetensors(path, [], metadata);
    const error = await refusal(load([]));
    expect([error.code, error.parts.where]).toEqual(['FC_FILE_FORMAT', path]);
  }
  writeFileSync(path, whole);
  expect(loadState(folder, store, createAdamW(store))).toEqual(startOfRun());
});
