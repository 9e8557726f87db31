/**
 * Pretraining on unlabelled text (Gururangan et al. 2020, "Don't Stop Pretraining"): masked words are learnt until held-out text is told no better.
 * An encoder without a head for it gets one first, trained on the encoder as it is: what the encoder learns afterwards is measured against that.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import type { ModelConfig } from '../models/index.js';
import type { Arithmetic, Parameter } from '../nn/index.js';
import type { Engine } from '../runtime/index.js';
import { createFrozenEncoder, type HiddenRows } from './frozen-encoder.js';
import type { LoadedWeights } from './load-weights.js';
import {
  createMaskedMeter,
  maskedLabelFeeds,
  maskedRowFeeds,
  maskedWords,
  maskedWordsName,
  type MaskedWindow,
} from './masked-words.js';
import type { ParameterStore } from './parameter-store.js';
import { loadWeights, progressSchema, saveWeights, type Progress } from './run-state.js';
import { createStepProgram, type StepProgram } from './step-program.js';
import {
  createTextStore,
  trainOnText,
  type TextEvaluation,
  type TextOptions,
  type TextTraining,
  type TextUpdate,
} from './train-on-text.js';

/** Its `updates` and `learningRate` are those of encoder and head together; three evaluations in a row without a gain end that. */
export interface PretrainOptions extends TextOptions {
  /** The most updates of a new head on the encoder as it is. */
  readonly headUpdates: number;
  readonly headLearningRate: number;
  /** Of the encoder's layers while they learn; a new head learns alone in single precision, and held-out text is measured in it. Default fp32. */
  readonly arithmetic?: Arithmetic;
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
  readonly onUpdate?: (update: TextUpdate & { readonly phase: PretrainPhase }) => void;
  readonly onEvaluation?: (evaluation: TextEvaluation & { readonly phase: PretrainPhase }) => void;
  readonly onCheckpoint?: (progress: Progress, path: string) => void;
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
  const meter = await createMaskedMeter(engine, config);
  try {
    const whole = createStepProgram(maskedWords, config, { arithmetic: options.arithmetic });
    const { parameters } = whole;
    const store = createTextStore(parameters, config, heldOut);
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
      if (before.progress) loadWeights(headWeights, store, heads);
    } else {
      const progress = heads.some((name) => fresh.includes(name)) ? await trainHead() : null;
      before = { progress, losses: await measure() };
      if (progress) saveWeights(headWeights, store, heads);
      writeFileAtomic(headPath, JSON.stringify(before));
      rmSync(join(folder, 'head'), { recursive: true, force: true });
    }
    store.clear();
    const encoder = await train(whole, {
      ...{ phase: 'encoder', schedule: 'linear', patience, windows: request.windows, options },
      heldOutLoss: () => meter.measure(store, heldOut),
    });
    return { store, parameters, head: before.progress, encoder, before: before.losses, after: await measure() };

    /** The encoder's word embeddings are also the head's output layer: they stay as they are. */
    async function trainHead(): Promise<Progress> {
      const frozen = await createFrozenEncoder(engine, config, store);
      frozen.keep([...request.headWindows, ...heldOut]);
      const headMeter = await createMaskedMeter(engine, config, frozen.hidden);
      try {
        const program = createStepProgram(maskedWords, config, {
          ...{ frozenLayers: config.num_hidden_layers, trainable: ({ kind }) => kind === 'head' },
        });
        const { headUpdates: updates, headLearningRate: learningRate } = options;
        return await train(program, {
          ...{ phase: 'head', schedule: 'constant', patience: headPatience, windows: () => request.headWindows },
          options: { ...options, updates, learningRate, warmup: 0 },
          hidden: frozen.hidden,
          heldOutLoss: async () => Math.round((await headMeter.measure(store, heldOut)) / headStep) * headStep,
        });
      } finally {
        await headMeter.release();
        await frozen.release();
      }
    }

    async function train(program: StepProgram, { phase, windows, hidden, ...own }: Phase): Promise<Progress> {
      const step = await program.compile(engine);
      const { stopRequested, onCheckpoint } = request;
      try {
        return await trainOnText({
          ...{ config, store, parameters, folder: join(folder, phase), stopRequested, onCheckpoint, ...own },
          task: {
            ...{ program, step, features: windows, hidden },
            headFeeds: (features, batch) => maskedRowFeeds(features as readonly MaskedWindow[], batch),
            targetFeeds: (features) => maskedLabelFeeds(features as readonly MaskedWindow[]),
          },
          onUpdate: (update) => request.onUpdate?.({ phase, ...update }),
          onEvaluation: (evaluation) => request.onEvaluation?.({ phase, ...evaluation }),
        });
      } finally {
        await step.release();
      }
    }
  } finally {
    await meter.release();
  }
}

interface Phase extends Pick<TextTraining, 'options' | 'schedule' | 'patience' | 'heldOutLoss'> {
  readonly phase: PretrainPhase;
  readonly windows: (epoch: number) => readonly MaskedWindow[];
  /** What the encoder says of them, where it learns nothing. */
  readonly hidden?: HiddenRows;
}

/** The held-out losses along the way, in nats. */
export const heldOutCurve = ({ evaluations }: Progress): { step: number; loss: number }[] =>
  evaluations.map(({ update, scores }) => ({ step: update, loss: -(scores[maskedWordsName] ?? NaN) }));
