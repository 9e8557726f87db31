/**
 * A small model that knows a handful of examples by heart, for specs of what is built on a model: its answers to them are those that the spec
 * gave it, so that there is something right to show and something to correct. It has learnt nothing else.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Example, ExampleOf, TaskKind } from '../data/index.js';
import { saveModelFolder, type SavedTask } from '../export/index.js';
import { readModelConfig, type ModelConfig } from '../models/index.js';
import type { Parameter } from '../nn/index.js';
import { createOnnxRuntimeEngine } from '../runtime/index.js';
import { createTask, type Feature, type Task, type TaskSettings } from '../tasks/index.js';
import { trainWordPiece, type Tokenizer } from '../text/index.js';
import {
  createAdamW,
  createParameterStore,
  createStepProgram,
  defaultTokensPerPass,
  fit,
  initialise,
  type FitTask,
} from '../training/index.js';

/** A task with what it shall know; none of it where its head has nothing to learn. */
type Memory<K extends TaskKind> = {
  readonly [Kind in K]: {
    readonly name: string;
    readonly kind: Kind;
    readonly labels: readonly string[];
    readonly settings?: TaskSettings;
    readonly examples: readonly Omit<ExampleOf<Kind>, 'id'>[];
  };
}[K];
export type MemorisedTask = Memory<TaskKind>;

interface MemoriseOptions {
  /** Of each task, of four examples each. */
  readonly updates?: number;
}

const lengths = { maxLength: 96, stride: 16 };

/** Trains on the examples, some seconds on one core, and writes a model folder. The same on the same machine every time. */
export async function memorise(
  folder: string,
  tasks: readonly MemorisedTask[],
  { updates = 60 }: MemoriseOptions = {},
): Promise<void> {
  const engine = createOnnxRuntimeEngine({ threads: 1 });
  const state = mkdtempSync(join(tmpdir(), 'fieldcraft-memorise-'));
  const texts = tasks.flatMap(({ examples, settings }) => [
    ...examples.flatMap((example: Omit<Example, 'id'>) =>
      'second' in example && typeof example.second === 'string' ? [example.text, example.second] : [example.text],
    ),
    ...Object.values(settings?.titles ?? {}),
  ]);
  const tokenizer = trainWordPiece(texts, { vocabularySize: 1_200 });
  const config = readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 48, num_hidden_layers: 2 },
    ...{ num_attention_heads: 4, intermediate_size: 96, max_position_embeddings: lengths.maxLength },
    ...{ initializer_range: 0.1, hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 },
  });
  const made = await Promise.all(tasks.map((task) => makeTask(task, tokenizer)));
  const programs = made.map(({ task }) => createStepProgram(task, config));
  const steps = await Promise.all(programs.map((program) => program.compile(engine)));
  try {
    const parameters = new Map(programs.flatMap((program) => program.parameters).map((one) => [one.name, one]));
    const store = createStore([...parameters.values()], config);
    await fit({
      ...{ config, store, folder: state, stopRequested: () => false },
      optimizer: createAdamW(store, { decays: (name) => parameters.get(name)?.decay ?? false }),
      tasks: made.flatMap(({ task, features }, i): FitTask[] =>
        features.length === 0
          ? []
          : [
              {
                ...{
                  program: programs[i]!,
                  step: steps[i]!,
                  updates,
                  features: () => features,
                  batchSize: task.batchWindows,
                },
                targetFeeds: (some, layout) => task.targetFeeds(some as readonly Feature[], layout),
                headFeeds: (some, batch) => task.headFeeds?.(some as readonly Feature[], batch, config) ?? {},
              },
            ],
      ),
      options: {
        ...{ seed: 1, batchSize: 4, accumulate: 1, learningRate: 4e-3, schedule: 'linear', warmup: 0.1 },
        ...{ evaluateEvery: 1e9, patience: 0, checkpointSeconds: 1e9 },
      },
    });
    const saved = made.map(({ task }): SavedTask => {
      const { name, kind, labels, settings, mainMetric } = task;
      return { name, kind, labels: [...labels], settings, mainMetric, ...lengths, tuning: {} };
    });
    const weight = (name: string) => store.slot(name).weight;
    saveModelFolder(folder, { config, base: null, tasks: saved, tokenizer, weight });
  } finally {
    await Promise.all(steps.map((step) => step.release()));
    rmSync(state, { recursive: true });
  }
}

interface MadeTask {
  readonly task: Pick<
    Task<never, unknown>,
    | 'name'
    | 'kind'
    | 'labels'
    | 'settings'
    | 'mainMetric'
    | 'batchWindows'
    | 'head'
    | 'loss'
    | 'divergence'
    | 'targetFeeds'
    | 'headFeeds'
  >;
  readonly features: readonly Feature[];
}

async function makeTask<K extends TaskKind>(
  { name, kind, labels, settings, examples }: Memory<K>,
  tokenizer: Tokenizer,
): Promise<MadeTask> {
  const known = examples.map((example, i) => ({ ...example, id: `${name}:${i}` })) as ExampleOf<K>[];
  const task = createTask(kind, { name, labels, trainExamples: known, ...(settings && { settings }) });
  return { task, features: await task.features(known, tokenizer, { ...lengths, targets: true, learning: true }) };
}

function createStore(parameters: readonly Parameter[], { hidden_size: width }: ModelConfig) {
  const store = createParameterStore(parameters, { floats: defaultTokensPerPass * width, ids: defaultTokensPerPass });
  initialise(store, parameters, 1);
  store.markStart();
  return store;
}
