/**
 * Distillation on text without labels, whatever the student is for later: its layers learn to say what the teacher's say of the same windows, and
 * held-out windows tell how near they came.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { planEvalBatches } from '../../data/index.js';
import { FieldcraftError, writeFileAtomic } from '../../foundation/index.js';
import { output } from '../../graph/index.js';
import type { ModelConfig } from '../../models/index.js';
import type { Parameter } from '../../nn/index.js';
import type { Engine } from '../../runtime/index.js';
import { createAdamW } from '../adamw.js';
import { fit } from '../fit.js';
import type { LoadedWeights } from '../load-weights.js';
import { batchOf, buildObjective, sequenceFeeds, weightFeeds, type Objective } from '../objective.js';
import { createParameterStore, type ParameterStore } from '../parameter-store.js';
import { defaultTokensPerPass } from '../run-batch.js';
import type { Progress } from '../run-state.js';
import type { ScorableFeature } from '../scorer.js';
import { createStepProgram } from '../step-program.js';
import { innerLayers, type InnerLayers } from './inner-layers.js';
import { compileTeacher, teacherInput, type Teacher, type TeacherParts } from './teacher.js';

export interface DistillOptions {
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

/** A window of text by the student's tokens. */
export type TextWindow = Pick<ScorableFeature, 'ids' | 'typeIds'>;

export interface DistillRequest {
  readonly engine: Engine;
  readonly config: ModelConfig;
  readonly teacher: Omit<TeacherParts<ScorableFeature>, 'objective'>;
  readonly settings: InnerLayers;
  /** Fills the store with the weights to start from. */
  readonly load: (store: ParameterStore, parameters: readonly Parameter[]) => LoadedWeights;
  /** The windows of one pass over the text. */
  readonly windows: (epoch: number) => readonly TextWindow[];
  readonly heldOut: readonly TextWindow[];
  readonly options: DistillOptions;
  /** Where checkpoints are written; what is found there is gone on with. */
  readonly folder: string;
  readonly stopRequested: () => boolean;
  readonly onUpdate?: (update: { progress: Progress; updates: number; loss: number; learningRate: number }) => void;
  /** The mean loss of held-out windows, over their tokens. */
  readonly onEvaluation?: (evaluation: { update: number; loss: number; best: boolean }) => void;
  readonly onCheckpoint?: (progress: Progress, path: string) => void;
}

export interface Distilled {
  /** Holds the weights that are nearest to the teacher on held-out windows, and those of projections. */
  readonly store: ParameterStore;
  /** Those of the encoder. */
  readonly parameters: readonly Parameter[];
  readonly progress: Progress;
  /** The held-out loss of the student as it began. */
  readonly before: number;
  readonly after: number;
}

/** Every token counts. */
const counted = (windows: readonly TextWindow[]): ScorableFeature[] =>
  windows.map(({ ids, typeIds }) => ({ ids, typeIds, target: ids }));

/**
 * Trains to the end, or from where it stopped. Ends in the same weights, to the bit, whenever it was stopped.
 * @throws FieldcraftError FC_INTERRUPTED once a requested stop has saved the state; FC_DATA for no held-out windows; as `innerLayers` and `fit`.
 */
export async function distill(request: DistillRequest): Promise<Distilled> {
  const { engine, config, options, folder, stopRequested } = request;
  const objectives = innerLayers(request.settings, { student: config, teacher: request.teacher.config });
  const heldOut = counted(request.heldOut);
  if (heldOut.length === 0)
    throw new FieldcraftError('FC_DATA', { what: 'there is no held-out text to measure distillation on' });
  const teacher = await compileTeacher(engine, { ...request.teacher, objective: objectives.teacher });
  const program = createStepProgram(objectives.student, config);
  const step = await program.compile(engine);
  const meter = await createMeter(engine, config, { objective: objectives.student, teacher });
  try {
    const { parameters } = program;
    const longest = heldOut.reduce((most, { ids }) => Math.max(most, ids.length), 0);
    const tokens = Math.max(defaultTokensPerPass, longest);
    const store = createParameterStore(parameters, { floats: tokens * config.hidden_size, ids: tokens });
    request.load(store, parameters);
    mkdirSync(folder, { recursive: true });
    const before = await once(join(folder, 'before.json'), () => meter.measure(store, heldOut));
    const decays = new Map(parameters.map(({ name, decay }) => [name, decay]));
    const { weightDecay, clipNorm } = options;
    const progress = await fit({
      ...{ config, store, folder, stopRequested },
      optimizer: createAdamW(store, { weightDecay, clipNorm, decays: (name) => decays.get(name) ?? false }),
      tasks: [
        {
          ...{ program, step, teacher, updates: options.updates, targetFeeds: () => ({}) },
          features: (epoch) => counted(request.windows(epoch)),
          evaluate: async () => -(await meter.measure(store, heldOut)),
        },
      ],
      options: {
        ...{ seed: options.seed, batchSize: options.batchSize, accumulate: 1, schedule: 'linear', patience: 0 },
        ...{ learningRate: options.learningRate, warmup: options.warmup },
        evaluateEvery: Math.max(1, Math.ceil(options.updates / options.evaluations)),
        checkpointSeconds: options.checkpointSeconds,
      },
      onUpdate: ({ progress: now, loss, learningRate, updates }) =>
        request.onUpdate?.({ progress: now, updates, loss, learningRate }),
      onEvaluation: ({ evaluations, update }, best) =>
        request.onEvaluation?.({ update, loss: -(evaluations.at(-1)?.mean ?? 0), best }),
      ...(request.onCheckpoint && { onCheckpoint: request.onCheckpoint }),
    });
    const encoder = parameters.filter(({ kind }) => kind === 'base');
    return { store, parameters: encoder, progress, before, after: await meter.measure(store, heldOut) };
  } finally {
    await Promise.all([teacher.release(), step.release(), meter.release()]);
  }
}

/** A number that is measured once, whatever comes between. */
async function once(path: string, measure: () => Promise<number>): Promise<number> {
  if (existsSync(path)) return z.number().parse(JSON.parse(readFileSync(path, 'utf8')));
  const value = await measure();
  writeFileAtomic(path, JSON.stringify(value));
  return value;
}

/** Tokens of a batch, padding included, as those of predictions. */
const tokensPerBatch = 2048;

/** The mean loss of the weights in a store, without dropout. */
async function createMeter(
  engine: Engine,
  config: ModelConfig,
  { objective, teacher }: { objective: Objective; teacher: Teacher },
) {
  const { graph, builder, logits } = buildObjective(objective, config, { training: false });
  output('loss', objective.loss(builder, logits));
  const program = await engine.compile(graph);
  return {
    async measure(store: ParameterStore, windows: readonly ScorableFeature[]): Promise<number> {
      const weights = weightFeeds(program, builder, store);
      const lengths = windows.map(({ ids }) => ids.length);
      let [sum, count] = [0, 0];
      for (const indices of planEvalBatches(lengths, { maxTokens: tokensPerBatch })) {
        const members = Array.from(indices, (index) => windows[index] as ScorableFeature);
        const batch = batchOf(members, config);
        const answers = { [teacherInput]: await teacher.answers(members, batch) };
        const { loss } = await program.run({ ...weights, ...sequenceFeeds(batch), ...answers }, { loss: null });
        const real = members.reduce((all, { ids }) => all + ids.length, 0);
        sum += Number(loss?.data[0]) * real;
        count += real;
      }
      return sum / count;
    },
    release: () => program.release(),
  };
}
