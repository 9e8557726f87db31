/** Training one objective on windows of text, with held-out windows in place of a dev part: what pretraining and distillation have in common. */
import { mkdirSync } from 'node:fs';
import type { ModelConfig } from '../models/index.js';
import type { Parameter } from '../nn/index.js';
import { createAdamW } from './adamw.js';
import { fit, type FitTask } from './fit.js';
import { createParameterStore, type ParameterStore } from './parameter-store.js';
import { defaultTokensPerPass } from './run-batch.js';
import type { Progress } from './run-state.js';
import type { ScorableFeature } from './scorer.js';

/** What is told of the training of text, whatever is learnt. */
export interface TextOptions {
  readonly seed: number;
  /** Windows an update. */
  readonly batchSize: number;
  readonly updates: number;
  /** Evaluations of the held-out windows among them. */
  readonly evaluations: number;
  readonly learningRate: number;
  /** Share of the updates. */
  readonly warmup: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  /** Seconds between checkpoints. */
  readonly checkpointSeconds: number;
}

export interface TextUpdate {
  readonly progress: Progress;
  readonly updates: number;
  readonly loss: number;
  readonly learningRate: number;
}

export interface TextEvaluation {
  readonly update: number;
  /** The mean loss of the held-out windows. */
  readonly loss: number;
  readonly best: boolean;
}

export interface TextTraining {
  readonly config: ModelConfig;
  readonly store: ParameterStore;
  readonly parameters: readonly Parameter[];
  readonly task: Omit<FitTask, 'updates' | 'evaluate'>;
  /** Of the held-out windows now. */
  readonly heldOutLoss: () => Promise<number>;
  readonly options: TextOptions;
  readonly schedule: 'constant' | 'linear';
  /** Evaluations without a lower loss that end the training; 0 trains to the end. */
  readonly patience: number;
  /** Where checkpoints are written; what is found there is gone on with. */
  readonly folder: string;
  readonly stopRequested: () => boolean;
  readonly onUpdate?: ((update: TextUpdate) => void) | undefined;
  readonly onEvaluation?: ((evaluation: TextEvaluation) => void) | undefined;
  readonly onCheckpoint?: ((progress: Progress, path: string) => void) | undefined;
}

/** A store for an objective whose longest window has so many tokens. */
export function createTextStore(
  parameters: readonly Parameter[],
  config: ModelConfig,
  windows: readonly Pick<ScorableFeature, 'ids'>[],
): ParameterStore {
  const tokens = windows.reduce((most, { ids }) => Math.max(most, ids.length), defaultTokensPerPass);
  return createParameterStore(parameters, { floats: tokens * config.hidden_size, ids: tokens });
}

/** Trains to the end, or from where it stopped; the weights with the lowest held-out loss are in the store. @throws FieldcraftError as `fit` */
export function trainOnText(training: TextTraining): Promise<Progress> {
  const { config, store, parameters, task, heldOutLoss, options, schedule, patience, folder, stopRequested } = training;
  const { seed, batchSize, updates, evaluations, learningRate, warmup, weightDecay, clipNorm } = options;
  mkdirSync(folder, { recursive: true });
  const decays = new Map(parameters.map(({ name, decay }) => [name, decay]));
  return fit({
    ...{ config, store, folder, stopRequested },
    optimizer: createAdamW(store, { weightDecay, clipNorm, decays: (name) => decays.get(name) ?? false }),
    tasks: [{ ...task, updates, evaluate: async () => -(await heldOutLoss()) }],
    options: {
      ...{ seed, batchSize, accumulate: 1, schedule, patience, learningRate, warmup },
      evaluateEvery: Math.max(1, Math.ceil(updates / evaluations)),
      checkpointSeconds: options.checkpointSeconds,
    },
    onUpdate: ({ progress, loss, learningRate: rate, updates: all }) =>
      training.onUpdate?.({ progress, updates: all, loss, learningRate: rate }),
    onEvaluation: ({ evaluations: made, update }, best) =>
      training.onEvaluation?.({ update, loss: -(made.at(-1)?.mean ?? 0), best }),
    ...(training.onCheckpoint && { onCheckpoint: training.onCheckpoint }),
  });
}
