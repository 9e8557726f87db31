/** Training with products in 8 bits: it learns as in floats, resumes to the bit, has the right gradients, and is refused where there are no such products. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { SequenceBatch } from '../models/index.js';
import { linearRoles, type Arithmetic } from '../nn/index.js';
import { createTfjsEngine } from '../runtime/index.js';
import { adversarialSchema, createTask, type Feature } from '../tasks/index.js';
import { fit } from './fit.js';
import {
  batchOf,
  buildObjective,
  checkGradients,
  createDropoutMasks,
  createParameterStore,
  createStepProgram,
  depthOf,
  initialise,
  maskedLabelFeeds,
  maskedRowFeeds,
  maskedWords,
  runBatch,
  type BatchTask,
  type FitRequest,
  type MaskedWindow,
  type StepOptions,
} from './index.js';
import type { BatchRequest } from './run-batch.js';
import { classifier, config, createModel, engine, fitRequest, refusal, sequences, weightsOf } from './spec-support.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-int8-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Trains in a folder of its own, or goes on in the one that is given. */
async function session(
  { arithmetic = 'int8', seed = 3, folder }: { arithmetic?: Arithmetic; seed?: number; folder?: string },
  more: Partial<FitRequest> = {},
) {
  const model = await createModel(['a', 'b'], { arithmetic, seed });
  const losses: number[] = [];
  const request = await fitRequest(model, folder ?? mkdtempSync(join(temporary, 'run-')), { learningRate: 5e-3 });
  const onUpdate: FitRequest['onUpdate'] = (update) => {
    losses.push(update.loss);
    more.onUpdate?.(update);
  };
  const progress = await fit({ ...request, ...more, onUpdate }).finally(() =>
    Promise.all(model.steps.map((step) => step.release())),
  );
  return { losses, progress, weights: weightsOf(model.store), store: model.store };
}

test('losses follow those in single precision, and the encoder’s layers are what is rounded', async () => {
  const [int8, floats] = [await session({}), await session({ arithmetic: 'fp32' })];
  const apart = int8.losses.map((loss, i) => Math.abs(loss - floats.losses[i]!));
  expect(Math.max(...apart)).toBeGreaterThan(1e-5);
  expect(Math.max(...apart)).toBeLessThan(0.05);
  expect(Math.max(...floats.losses.map((loss) => Math.abs(loss - floats.losses[0]!)))).toBeGreaterThan(0.2);
  const copied = [...int8.store.slots].flatMap(([name, { int8: copies }]) => (copies ? [name] : []));
  expect(copied.length).toBe(6 * config.num_hidden_layers);
  expect(copied.every((name) => /encoder\.layer\.\d+\..*(query|key|value|dense)\.weight$/.test(name))).toBe(true);
});

test('a run that was stopped ends in the same weights to the bit', async () => {
  const whole = await session({});
  const folder = mkdtempSync(join(temporary, 'stopped-'));
  let made = 0;
  const stopped = await refusal(() =>
    session({ folder }, { onUpdate: ({ progress }) => (made = progress.update), stopRequested: () => made >= 13 }),
  );
  expect(stopped.code).toBe('FC_INTERRUPTED');
  const resumed = await session({ folder, seed: 70 });
  expect(resumed.weights).toEqual(whole.weights);
});

test('gradients are those of the products that the rounded ones stand for, under adapters too', async () => {
  const task = classifier('task');
  const members = sequences(3, 1, 5);
  const batch = batchOf(members, config);
  const adapters = { rank: 2, alpha: 3, dropout: 0.2, roles: linearRoles };
  const { learns } = depthOf({ name: 'lora', layers: undefined, adapters }, config.num_hidden_layers);
  for (const options of [{}, { adapters, trainable: learns }]) {
    const program = createStepProgram(task, config, { arithmetic: 'int8', ...options });
    expect(program.graph.nodes.filter(({ op }) => op === 'int8Gemm').length).toBeGreaterThan(20);
    const check = { engine, program, batch, feeds: task.targetFeeds(members, batch), probes: 1 };
    const { worst, largest, tensors } = await checkGradients(check);
    expect(tensors).toBe(program.trained.length);
    expect(worst).toBeLessThan(1e-6);
    expect(largest).toBeGreaterThan(0.01);
  }
});

/** Two words of each window are to be told. */
const maskedWindows = (windows: readonly Feature[]): MaskedWindow[] =>
  windows.map(({ ids, typeIds }) => ({ ids, typeIds, target: ids.map((id, i) => (i === 1 || i === 2 ? id : -100)) }));

test('gradients of masked words are too, and of their step the encoder’s layers alone are rounded', async () => {
  const program = createStepProgram(maskedWords, config, { arithmetic: 'int8' });
  const rounded = program.parameters.flatMap(({ name, int8 }) => (int8 ? [name] : []));
  expect(rounded).toHaveLength(6 * config.num_hidden_layers);
  expect(rounded.every((name) => /encoder\.layer\.\d+\..*(query|key|value|dense)\.weight$/.test(name))).toBe(true);
  const windows = maskedWindows(sequences(3, 1, 5));
  const batch = batchOf(windows, config);
  const feeds = { ...maskedRowFeeds(windows, batch), ...maskedLabelFeeds(windows) };
  const { worst, largest, tensors } = await checkGradients({ engine, program, batch, feeds, probes: 1 });
  expect(tensors).toBe(program.trained.length);
  expect(worst).toBeLessThan(1e-6);
  expect(largest).toBeGreaterThan(0.01);
});

const task = createTask('retrieval', { name: 'search', labels: [], settings: { symmetric: true } });

/** Four pairs of a text and what it is to find. */
const pairs: Feature[] = sequences(8, 4).map(({ target: _, ...own }, i) => ({
  ...{ ...own, example: i >> 1, group: i >> 1, stretch: { ...own.stretch, of: i % 2 === 0 ? 'text' : 'second' } },
  ...(i % 2 === 0 && { target: Int32Array.of(i >> 1) }),
}));

/** The loss of one batch, and its gradient at a matrix of the lower layer, which all products of the upper one lead to. */
async function oneBatch(
  learnt: Pick<BatchTask, 'targetFeeds' | 'headFeeds'> & Parameters<typeof createStepProgram>[0],
  members: BatchRequest['members'],
  options: StepOptions,
) {
  const program = createStepProgram(learnt, config, options);
  const store = createParameterStore(program.parameters, { floats: 1024 * config.hidden_size, ids: 1024 });
  initialise(store, program.parameters, 3);
  const step = await program.compile(engine);
  const masks = createDropoutMasks(5);
  const request = { config, store, masks, members, batchNumber: 0, batchSize: 8, share: 1, accumulate: false };
  const targetFeeds: BatchTask['targetFeeds'] = (features, layout) => learnt.targetFeeds(features, layout);
  const headFeeds: BatchTask['headFeeds'] = (...given) => learnt.headFeeds?.(...given) ?? {};
  const loss = await runBatch({ ...request, task: { step, targetFeeds, headFeeds } });
  await step.release();
  return { loss, gradient: store.slot('bert.encoder.layer.0.attention.self.value.weight').gradient };
}

const pretraining = {
  ...maskedWords,
  targetFeeds: (windows: BatchRequest['members']) => maskedLabelFeeds(windows as readonly MaskedWindow[]),
  headFeeds: (windows: BatchRequest['members'], batch: SequenceBatch) =>
    maskedRowFeeds(windows as readonly MaskedWindow[], batch),
};

test.each([
  ['masked words', pretraining, maskedWindows(sequences(8, 4)), {}],
  ['a loss across the batch', task, pairs, {}],
  [
    'a searched perturbation',
    classifier('task'),
    sequences(8, 4),
    { adversarial: adversarialSchema.parse({ method: 'pgd' }) },
  ],
] as const)('gradients of %s are near those in single precision', async (_, learnt, members, options) => {
  const [floats, int8] = [
    await oneBatch(learnt, members, options),
    await oneBatch(learnt, members, { ...options, arithmetic: 'int8' }),
  ];
  expect(Math.abs(int8.loss - floats.loss)).toBeLessThan(0.03);
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const { gradient: a } = floats;
  const { gradient: b } = int8;
  const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  expect(cosine).toBeGreaterThan(0.98);
  expect(cosine).toBeLessThan(0.999999);
});

test('predictions are computed in single precision', () => {
  for (const training of [true, false]) {
    const { graph, builder } = buildObjective(classifier('task'), config, { training, arithmetic: 'int8' });
    expect(graph.nodes.some(({ op }) => op === 'int8Gemm')).toBe(training);
    expect([...builder.parameters.values()].some(({ int8 }) => int8 === true)).toBe(training);
  }
});

test('is refused by engines without such products, and for methods that rounding blinds', async () => {
  const program = createStepProgram(classifier('task'), config, { arithmetic: 'int8' });
  const { code, parts } = await refusal(async () => program.compile(await createTfjsEngine({ backend: 'cpu' })));
  expect([code, parts.where, parts.got]).toEqual(['FC_CONFIG', '--arithmetic int8', 'tfjs on cpu']);
  for (const method of ['smart', 'r3f', 'vat', 'fgm'] as const) {
    const make = () =>
      createStepProgram(classifier('task'), config, {
        arithmetic: 'int8',
        adversarial: adversarialSchema.parse({ method }),
      });
    if (method === 'fgm') expect(make().trained.length).toBeGreaterThan(30);
    else expect((await refusal(make)).code).toBe('FC_CONFIG');
  }
});
