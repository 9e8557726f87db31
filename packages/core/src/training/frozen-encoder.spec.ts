/** A frozen encoder: heads on top of it learn without it, from numbers that are computed once and always the same. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Engine } from '../runtime/index.js';
import {
  batchOf,
  createDropoutMasks,
  createFrozenEncoder,
  createScorer,
  createStepProgram,
  runBatch,
} from './index.js';
import { classifier, createModel, engine, sequences } from './spec-support.js';

const { config, store } = await createModel(['task'], { dropout: false });
const windows = sequences(60, 5);
const task = classifier('task');

/** An engine that counts runs. */
function counting(): { engine: Engine; runs: () => number } {
  let runs = 0;
  const compile: Engine['compile'] = async (...request) => {
    const program = await engine.compile(...request);
    return {
      ...program,
      run(...fed) {
        runs++;
        return program.run(...fed);
      },
    };
  };
  return { engine: { ...engine, compile }, runs: () => runs };
}

test('the step of a head has no encoder in it, neither forwards nor backwards', () => {
  const {
    graph,
    parameters: own,
    trained,
  } = createStepProgram(task, config, {
    frozenLayers: config.num_hidden_layers,
  });
  expect(own.every(({ name }) => name.startsWith('heads.'))).toBe(true);
  expect([...trained].sort()).toEqual(own.map(({ name }) => name).sort());
  expect(graph.nodes.filter(({ path }) => path.startsWith('bert'))).toEqual([]);
  // With the encoder inside, what leads to no head is not differentiated either.
  const { graph: inside } = createStepProgram(task, config, { trainable: ({ kind }) => kind === 'head' });
  const ofEncoder = inside.nodes.filter(({ path }) => path.startsWith('bert'));
  expect(ofEncoder.length).toBeGreaterThan(10);
  expect(ofEncoder.filter(({ path }) => path.includes('gradient'))).toEqual([]);
});

test('a head is scored and learns as on top of the encoder itself', async () => {
  const frozen = await createFrozenEncoder(engine, config, store);
  frozen.keep(windows);
  const [whole, head] = [
    await createScorer(engine, task, config),
    await createScorer(engine, task, config, { frozen }),
  ];
  const [ofWhole, ofHead] = [await whole.score(store, windows), await head.score(store, windows)];
  ofHead.forEach((logits, i) => logits.forEach((logit, c) => expect(logit).toBeCloseTo(ofWhole[i]?.[c] ?? NaN, 5)));

  const gradientsOf = async (frozenLayers: number) => {
    const trainable = ({ kind }: { kind: string }) => kind === 'head';
    const program = createStepProgram(task, config, { frozenLayers, trainable });
    const step = await program.compile(engine);
    const loss = await runBatch({
      task: {
        step,
        targetFeeds: (features, batch) => task.targetFeeds(features as typeof windows, batch),
        ...(frozenLayers > 0 && { hidden: frozen.hidden }),
      },
      members: windows.slice(0, 8),
      ...{ config, store, masks: createDropoutMasks(1), batchNumber: 0, batchSize: 8, share: 1, accumulate: false },
    });
    const gradients = program.trained.map((name) => [name, store.slot(name).gradient.slice()] as const);
    await step.release();
    return { loss, gradients };
  };
  const [inside, before] = [await gradientsOf(0), await gradientsOf(config.num_hidden_layers)];
  expect(before.loss).toBeCloseTo(inside.loss, 5);
  expect(before.gradients.map(([name]) => name)).toEqual(inside.gradients.map(([name]) => name));
  before.gradients.forEach(([, gradient], i) => {
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-4);
    gradient.forEach((value, j) => expect(value).toBeCloseTo(inside.gradients[i]?.[1][j] ?? NaN, 5));
  });
  for (const scorer of [whole, head]) await scorer.release();
  await frozen.release();
});

test('kept windows are computed once, and give the same numbers to the bit in whatever order they are asked for', async () => {
  const rows = async (order: readonly number[], asked: number) => {
    const { engine: counted, runs } = counting();
    const frozen = await createFrozenEncoder(counted, config, store);
    frozen.keep(windows);
    let last: unknown;
    for (const i of [...order, asked, asked]) {
      const members = [windows[i] as (typeof windows)[number]];
      last = (await frozen.hidden(members, batchOf(members, config))).data;
    }
    // The same windows again, as another round brings them, and as they are learnt from: copies.
    frozen.keep([...windows]);
    const members = windows.slice(0, 3).map((window) => ({ ...window }));
    await frozen.hidden(members, batchOf(members, config));
    await frozen.release();
    return { last, runs: runs() };
  };
  const [one, other] = [await rows([3, 40, 17, 59], 8), await rows([8], 8)];
  expect(one.last).toEqual(other.last);
  const tokens = windows.reduce((sum, { ids }) => sum + ids.length, 0);
  expect(one.runs).toBeLessThanOrEqual(Math.ceil(tokens / 1024) + 1);
});

test('what is not kept, or would take too much memory, is computed for each batch', async () => {
  const { engine: counted, runs } = counting();
  const frozen = await createFrozenEncoder(counted, config, store, { memory: 1000 });
  frozen.keep(windows);
  const members = windows.slice(0, 4);
  const batch = batchOf(members, config);
  const first = await frozen.hidden(members, batch);
  expect(await frozen.hidden(members, batch)).toEqual(first);
  expect(first.shape).toEqual([batch.length, batch.batch, config.hidden_size]);
  expect(runs()).toBe(2);
  await frozen.release();
});

test('the first layers alone: those behind them are scored, and learn, as in the whole', async () => {
  const frozen = await createFrozenEncoder(engine, config, store, { layers: 1 });
  frozen.keep(windows);
  const [whole, rest] = [
    await createScorer(engine, task, config),
    await createScorer(engine, task, config, { frozen }),
  ];
  expect(rest.parameters.some(({ layer }) => layer < 2)).toBe(false);
  const [ofWhole, ofRest] = [await whole.score(store, windows), await rest.score(store, windows)];
  ofRest.forEach((logits, i) => logits.forEach((logit, c) => expect(logit).toBeCloseTo(ofWhole[i]?.[c] ?? NaN, 5)));
  for (const scorer of [whole, rest]) await scorer.release();
  await frozen.release();
});

describe('on disk', () => {
  const root = mkdtempSync(join(tmpdir(), 'fieldcraft-activations-'));
  afterAll(() => rmSync(root, { recursive: true }));
  const members = windows.slice(10, 14);
  const batch = batchOf(members, config);

  /** What is said of four windows by an encoder that keeps so much in memory and on disk, and how often it computed. */
  async function ask(
    folder: string,
    { memory, layers, maxBytes }: { memory?: number; layers?: number; maxBytes?: number } = {},
  ) {
    const { engine: counted, runs } = counting();
    const cache = { folder: join(root, folder), ...(maxBytes === undefined ? {} : { maxBytes }) };
    const frozen = await createFrozenEncoder(counted, config, store, { layers, memory, cache });
    frozen.keep(windows);
    const first = await frozen.hidden(members, batch);
    const runsOfFirst = runs();
    expect(await frozen.hidden(members, batch)).toEqual(first);
    await frozen.release();
    return { data: first.data, runs: runs(), runsOfFirst };
  }
  const filesIn = (folder: string) => readdirSync(join(root, folder));

  test('what one run computed serves the next, whether it fits the memory or not, to the bit', async () => {
    const first = await ask('shared', { memory: 1000 });
    expect(first.runsOfFirst).toBeGreaterThan(0);
    expect(first.runs).toBe(first.runsOfFirst);
    for (const memory of [1000, 2 ** 30])
      expect(await ask('shared', { memory })).toMatchObject({ data: first.data, runs: 0 });
  });

  test('other layers and other weights are other files', async () => {
    const before = filesIn('shared').length;
    const other = await ask('shared', { layers: 1 });
    expect(other.runs).toBeGreaterThan(0);
    expect(filesIn('shared').length).toBeGreaterThan(before);
    const { weight } = store.slot('bert.encoder.layer.0.output.dense.weight');
    const kept = weight[3]!;
    weight[3] = kept + 0.5;
    expect((await ask('shared')).runs).toBeGreaterThan(0);
    weight[3] = kept;
    expect((await ask('shared')).runs).toBe(0);
  });

  test('a damaged file is computed anew; old files make room', async () => {
    const { data } = await ask('damaged');
    for (const name of filesIn('damaged')) {
      const path = join(root, 'damaged', name);
      const bytes = readFileSync(path);
      bytes[100]! ^= 1;
      writeFileSync(path, bytes);
    }
    const again = await ask('damaged');
    expect(again.runs).toBeGreaterThan(0);
    expect(again.data).toEqual(data);
    const bytes = () =>
      filesIn('damaged').reduce((sum, name) => sum + readFileSync(join(root, 'damaged', name)).length, 0);
    const size = bytes();
    await ask('damaged', { layers: 1, maxBytes: size });
    expect(bytes()).toBeLessThanOrEqual(size);
  });
});
