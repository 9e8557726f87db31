/**
 * Pretraining on unlabelled text (Gururangan et al. 2020, "Don't Stop Pretraining"): masked words are learnt until held-out text is told no better.
 * An encoder without a head for it gets one first, trained on the encoder as it is: what the encoder learns afterwards is measured against that.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { openSafetensors, writeSafetensors } from '../checkpoint/index.js';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import type { ModelConfig } from '../models/index.js';
import type { Parameter } from '../nn/index.js';
import type { Engine } from '../runtime/index.js';
import { createAdamW } from './adamw.js';
import { fit } from './fit.js';
import { createFrozenEncoder, type HiddenRows } from './frozen-encoder.js';
import type { LoadedWeights } from './load-weights.js';
import {
  createHeldOutLoss,
  maskedLabelFeeds,
  maskedRowFeeds,
  maskedWords,
  maskedWordsName,
  type MaskedWindow,
} from './masked-words.js';
import { createParameterStore, type ParameterStore } from './parameter-store.js';
import { defaultTokensPerPass } from './run-batch.js';
import { progressSchema, type Progress } from './run-state.js';
import { createStepProgram, type StepProgram } from './step-program.js';

export interface PretrainOptions {
  readonly seed: number;
  /** Windows an update. */
  readonly batchSize: number;
  /** Updates of encoder and head together. */
  readonly updates: number;
  /** Evaluations of the held-out windows among them; three in a row without a gain end the training. */
  readonly evaluations: number;
  readonly learningRate: number;
  /** Share of the updates. */
  readonly warmup: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  /** The most updates of a new head on the encoder as it is. */
  readonly headUpdates: number;
  readonly headLearningRate: number;
  /** Seconds between checkpoints. */
  readonly checkpointSeconds: number;
}

/** Which of both trainings is going on. */
export type PretrainPhase = 'head' | 'encoder';

export interface PretrainRequest {
  readonly engine: Engine;
  readonly config: ModelConfig;
  /** Fills the store with the weights to start from. */
  readonly load: (store: ParameterStore, parameters: readonly Parameter[]) => LoadedWeights;
  /** The windows of one pass over the text, masked anew for each. */
  readonly windows: (epoch: number) => readonly MaskedWindow[];
  /** What a new head learns from, masked once and for all: the encoder, which learns nothing meanwhile, reads each of them once. */
  readonly headWindows: readonly MaskedWindow[];
  /** Masked once and for all. */
  readonly heldOut: readonly MaskedWindow[];
  /** Other text whose loss is measured before and after: what is forgotten, or gained elsewhere. By its name. */
  readonly others?: ReadonlyMap<string, readonly MaskedWindow[]>;
  readonly options: PretrainOptions;
  /** Where checkpoints are written; what is found there is gone on with. */
  readonly folder: string;
  readonly stopRequested: () => boolean;
  readonly onUpdate?: (update: PretrainUpdate) => void;
  readonly onEvaluation?: (evaluation: PretrainEvaluation) => void;
  readonly onCheckpoint?: (progress: Progress, path: string) => void;
}

export interface PretrainUpdate {
  readonly phase: PretrainPhase;
  readonly progress: Progress;
  readonly updates: number;
  readonly loss: number;
  readonly learningRate: number;
}

export interface PretrainEvaluation {
  readonly phase: PretrainPhase;
  readonly update: number;
  /** Held-out, in nats a hidden token. */
  readonly loss: number;
  readonly best: boolean;
}

const lossesSchema = z.strictObject({ heldOut: z.number(), others: z.record(z.string(), z.number()) });
/** Mean losses in nats a hidden token. */
export type PretrainLosses = z.output<typeof lossesSchema>;

const phaseSchema = z.strictObject({ progress: progressSchema.nullable(), losses: lossesSchema });
type PhaseResult = z.output<typeof phaseSchema>;

export interface Pretrained {
  /** Holds the trained weights. */
  readonly store: ParameterStore;
  readonly parameters: readonly Parameter[];
  /** Of a new head on the encoder as it was; null where the checkpoint had a head. */
  readonly head: Progress | null;
  readonly encoder: Progress;
  /** Of the encoder as it was, with a head that learns no more from it. */
  readonly before: PretrainLosses;
  readonly after: PretrainLosses;
}

/** A new head's held-out loss counts as lower by so many nats at least: a plateau is no crawl. */
const headStep = 0.01;
/** Evaluations without a gain that end the training of a new head, and that of the encoder. */
const headPatience = 2;
const patience = 3;

/**
 * Trains to the end, or from where it stopped; the best weights are in the store.
 * @throws FieldcraftError FC_INTERRUPTED once a requested stop has saved the state; FC_DATA for no held-out windows; as `fit`.
 */
export async function pretrain(request: PretrainRequest): Promise<Pretrained> {
  const { engine, config, heldOut, others = new Map<string, readonly MaskedWindow[]>(), options, folder } = request;
  if (heldOut.length === 0)
    throw new FieldcraftError('FC_DATA', { what: 'there is no held-out text to measure pretraining on' });
  const meter = await createHeldOutLoss(engine, config);
  try {
    const whole = createStepProgram(maskedWords, config);
    const { parameters } = whole;
    const longest = heldOut.reduce((most, { ids }) => Math.max(most, ids.length), 0);
    const tokens = Math.max(defaultTokensPerPass, longest);
    const store = createParameterStore(parameters, { floats: tokens * config.hidden_size, ids: tokens });
    const { fresh } = request.load(store, parameters);
    const heads = parameters.filter(({ kind }) => kind === 'head').map(({ name }) => name);
    const measure = async (): Promise<PretrainLosses> => {
      const measured: Record<string, number> = {};
      for (const [name, windows] of others) measured[name] = await meter.measure(store, windows);
      return { heldOut: await meter.measure(store, heldOut), others: measured };
    };

    const headPath = join(folder, 'head.json');
    const headWeights = join(folder, 'head.safetensors');
    let before: PhaseResult;
    if (existsSync(headPath)) {
      before = phaseSchema.parse(JSON.parse(readFileSync(headPath, 'utf8')));
      if (before.progress) readWeights(headWeights, store, heads);
    } else {
      const progress = heads.some((name) => fresh.includes(name)) ? await trainHead() : null;
      before = { progress, losses: await measure() };
      if (progress) writeWeights(headWeights, store, heads);
      writeFileAtomic(headPath, JSON.stringify(before));
      rmSync(join(folder, 'head'), { recursive: true, force: true });
    }
    store.clear();
    const encoder = await train(whole, {
      ...{ phase: 'encoder', updates: options.updates, learningRate: options.learningRate, warmup: options.warmup },
      ...{ schedule: 'linear', patience, windows: request.windows, loss: () => meter.measure(store, heldOut) },
    });
    return { store, parameters, head: before.progress, encoder, before: before.losses, after: await measure() };

    /** The encoder's word embeddings are also the head's output layer: they stay as they are. */
    async function trainHead(): Promise<Progress> {
      const frozen = await createFrozenEncoder(engine, config, store);
      frozen.keep([...request.headWindows, ...heldOut]);
      const headMeter = await createHeldOutLoss(engine, config, frozen.hidden);
      try {
        const program = createStepProgram(maskedWords, config, {
          ...{ frozenLayers: config.num_hidden_layers, trainable: ({ kind }) => kind === 'head' },
        });
        return await train(program, {
          ...{ phase: 'head', updates: options.headUpdates, learningRate: options.headLearningRate, warmup: 0 },
          ...{
            schedule: 'constant',
            patience: headPatience,
            windows: () => request.headWindows,
            hidden: frozen.hidden,
          },
          loss: async () => Math.round((await headMeter.measure(store, heldOut)) / headStep) * headStep,
        });
      } finally {
        await headMeter.release();
        await frozen.release();
      }
    }

    async function train(program: StepProgram, phase: Phase): Promise<Progress> {
      const own = join(folder, phase.phase);
      mkdirSync(own, { recursive: true });
      const step = await program.compile(engine);
      const decays = new Map(parameters.map(({ name, decay }) => [name, decay]));
      const optimizer = createAdamW(store, {
        weightDecay: options.weightDecay,
        clipNorm: options.clipNorm,
        decays: (name) => decays.get(name) ?? false,
      });
      try {
        return await fit({
          ...{ config, store, optimizer, folder: own, stopRequested: request.stopRequested },
          tasks: [
            {
              ...{ program, step, updates: phase.updates, features: phase.windows, hidden: phase.hidden },
              headFeeds: (features, batch) => maskedRowFeeds(features as readonly MaskedWindow[], batch),
              targetFeeds: (features) => maskedLabelFeeds(features as readonly MaskedWindow[]),
              evaluate: async () => -(await phase.loss()),
            },
          ],
          options: {
            ...{ seed: options.seed, batchSize: options.batchSize, accumulate: 1, schedule: phase.schedule },
            ...{ learningRate: phase.learningRate, warmup: phase.warmup, patience: phase.patience },
            evaluateEvery: Math.max(1, Math.ceil(phase.updates / options.evaluations)),
            checkpointSeconds: options.checkpointSeconds,
          },
          onUpdate: ({ progress, loss, learningRate, updates }) =>
            request.onUpdate?.({ phase: phase.phase, progress, updates, loss, learningRate }),
          onEvaluation: ({ evaluations, update }, best) =>
            request.onEvaluation?.({ phase: phase.phase, update, loss: -(evaluations.at(-1)?.mean ?? 0), best }),
          ...(request.onCheckpoint && { onCheckpoint: request.onCheckpoint }),
        });
      } finally {
        await step.release();
      }
    }
  } finally {
    await meter.release();
  }
}

interface Phase {
  readonly phase: PretrainPhase;
  readonly updates: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly schedule: 'constant' | 'linear';
  readonly patience: number;
  readonly windows: (epoch: number) => readonly MaskedWindow[];
  /** What the encoder says of them, where it learns nothing. */
  readonly hidden?: HiddenRows;
  /** The held-out loss now. */
  readonly loss: () => Promise<number>;
}

/** The held-out losses along the way, in nats. */
export const heldOutCurve = ({ evaluations }: Progress): { step: number; loss: number }[] =>
  evaluations.map(({ update, scores }) => ({ step: update, loss: -(scores[maskedWordsName] ?? NaN) }));

function writeWeights(path: string, store: ParameterStore, names: readonly string[]): void {
  const tensors = names.map((name) => ({ name, ...store.slot(name) }));
  writeSafetensors(
    path,
    tensors.map(({ name, shape, weight }) => ({ name, shape, dtype: 'F32', data: weight })),
  );
}

function readWeights(path: string, store: ParameterStore, names: readonly string[]): void {
  const file = openSafetensors(path);
  try {
    for (const name of names) file.readFloat32(name, store.slot(name).weight);
  } finally {
    file.close();
  }
}
