/** What the specs of training share: a tiny encoder, tasks on sequences of random tokens, and how an error is caught. */
import { FieldcraftError, random } from '../foundation/index.js';
import { readModelConfig } from '../models/index.js';
import type { Arithmetic } from '../nn/index.js';
import { createOnnxRuntimeEngine } from '../runtime/index.js';
import { createTask, type Adversarial, type ClassificationTask, type Feature } from '../tasks/index.js';
import {
  createAdamW,
  createParameterStore,
  createScorer,
  createStepProgram,
  initialise,
  withMixup,
  type FitOptions,
  type FitRequest,
  type FitTask,
  type ParameterStore,
} from './index.js';

export const config = readModelConfig({
  model_type: 'bert',
  vocab_size: 60,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 32,
  max_position_embeddings: 40,
  initializer_range: 0.1,
});

export const withoutDropout = readModelConfig({
  ...config,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
});

/** One thread: tiny products gain nothing from more, and the machine may be busy. */
export const engine = createOnnxRuntimeEngine({ threads: 1 });

export const classifier = (name: string): ClassificationTask =>
  createTask('classification', { name, labels: ['few', 'many'] });

/** Sequences of 4 to 20 tokens (or of `length`); those with label 1 hold many tokens below 20. */
export function sequences(count: number, seed: number, length?: number): Feature[] {
  const rng = random(seed, 'sequences');
  return Array.from({ length: count }, (_, example) => {
    const label = rng.integer(2);
    const size = length ?? 4 + rng.integer(17);
    const ids = Int32Array.from(
      { length: size },
      () => 1 + rng.integer(rng.uniform() < 0.8 === (label === 1) ? 19 : 59),
    );
    const empty = new Int32Array(size);
    return {
      example,
      window: 0,
      ids,
      typeIds: empty,
      starts: empty,
      ends: empty,
      wordIds: empty,
      stretch: { first: 0, count: size, offset: 0 },
      target: Int32Array.of(label),
    };
  });
}

/** Pairs of sequences, a target each; the second text of pair 2 takes two windows. */
export function pairsOf(targets: readonly Feature['target'][]): Feature[] {
  const read = sequences(2 * targets.length + 1, 4);
  const side = (i: number, example: number, of: 'text' | 'second', window = 0): Feature => {
    const { target: _, ...own } = read[i] as Feature;
    const target = of === 'text' ? targets[example] : undefined;
    const known = target === undefined ? {} : { target };
    return { ...own, example, window, group: example, stretch: { ...own.stretch, of }, ...known };
  };
  const each = targets.flatMap((_, example) => [
    side(2 * example, example, 'text'),
    side(2 * example + 1, example, 'second'),
  ]);
  each.splice(6, 0, side(2 * targets.length, 2, 'second', 1));
  return each;
}

/** Documents by number, that of each pair first: the second text of pair 1 also answers pair 0. */
export const documents = [
  [0, 0, 1],
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
  [5, 5],
].map((numbers) => Int32Array.from(numbers));

export interface ModelOptions {
  seed?: number;
  dropout?: boolean;
  /** Whether weights have averages. */
  averaged?: boolean;
  /** How strongly the encoder is held where it starts. */
  hold?: number;
  adversarial?: Adversarial | undefined;
  arithmetic?: Arithmetic;
  /** What texts are mixed by. */
  mixup?: number;
}

/** The step of one task with a store that its seeded weights lie in. */
export async function createModel(
  names: readonly string[],
  { seed = 3, dropout = true, averaged = false, hold = 0, adversarial, arithmetic, mixup = 0 }: ModelOptions = {},
) {
  const own = dropout ? config : withoutDropout;
  const tasks = names.map(classifier);
  const programs = tasks.map((task) => createStepProgram(withMixup(task, mixup), own, { adversarial, arithmetic }));
  const parameters = [...new Map(programs.flatMap((program) => program.parameters).map((p) => [p.name, p])).values()];
  const tokens = 16 * 40;
  const stored = parameters.map((one) => ({
    ...one,
    averaged: averaged || adversarial?.method === 'smart',
    held: hold > 0 && one.kind === 'base',
  }));
  const store = createParameterStore(stored, { floats: tokens * own.hidden_size, ids: tokens });
  initialise(store, parameters, seed);
  store.markStart();
  const steps = await Promise.all(programs.map((program) => program.compile(engine)));
  const optimizer = createAdamW(store, {
    hold,
    decays: (name) => parameters.find((parameter) => parameter.name === name)?.decay ?? false,
  });
  return { config: own, tasks, programs, steps, parameters, store, optimizer, mixup };
}

type Unmixed = Omit<Awaited<ReturnType<typeof createModel>>, 'mixup'>;

/** 18 updates of the first task and 12 of the second in batches of 4, scored every 10 by their accuracy on other sequences. */
export async function fitRequest(
  { config: own, tasks, programs, steps, store, optimizer, mixup = 0 }: Unmixed & { mixup?: number },
  folder: string,
  options: Partial<FitOptions>,
): Promise<FitRequest> {
  const fitTasks = await Promise.all(
    tasks.map(async (task, i): Promise<FitTask> => {
      const scorer = await createScorer(engine, task, own);
      const dev = sequences(40, 100 + i);
      return {
        program: programs[i] as FitTask['program'],
        step: steps[i] as FitTask['step'],
        // Each epoch draws others, as profiles that cap an epoch do.
        features: (epoch) => sequences(19, 10 * i + epoch),
        updates: i === 0 ? 18 : 12,
        mixup,
        targetFeeds: (features, batch) => task.targetFeeds(features as readonly Feature[], batch),
        async evaluate() {
          const logits = await scorer.score(store, dev);
          const right = logits.filter(
            ([few, many], j) => Number((many as number) > (few as number)) === dev[j]?.target?.[0],
          );
          return right.length / dev.length;
        },
      };
    }),
  );
  return {
    config: own,
    store,
    optimizer,
    tasks: fitTasks,
    folder,
    stopRequested: () => false,
    options: {
      seed: 6,
      batchSize: 4,
      accumulate: 1,
      learningRate: 2e-3,
      schedule: 'linear',
      warmup: 0.1,
      evaluateEvery: 10,
      patience: 0,
      checkpointSeconds: 1e9,
      ...options,
    },
  };
}

/** Every weight, copied. */
export const weightsOf = (store: ParameterStore): Record<string, Float32Array> =>
  Object.fromEntries([...store.slots].map(([name, { weight }]) => [name, weight.slice()]));

/** The error that `run` ends with. */
export async function refusal(run: () => unknown): Promise<FieldcraftError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof FieldcraftError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
