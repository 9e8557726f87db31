/**
 * Distillation on text without labels, whatever the student is for later: its layers learn to say what the teacher's say of the same windows, and
 * held-out windows tell how near they came.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FieldcraftError, writeFileAtomic } from '../../foundation/index.js';
import type { ModelConfig, SequenceBatch } from '../../models/index.js';
import type { Parameter } from '../../nn/index.js';
import type { Engine } from '../../runtime/index.js';
import type { LoadedWeights } from '../load-weights.js';
import { createLossMeter } from '../loss-meter.js';
import type { ParameterStore } from '../parameter-store.js';
import type { Progress } from '../run-state.js';
import type { ScorableFeature } from '../scorer.js';
import { createStepProgram } from '../step-program.js';
import {
  createTextStore,
  trainOnText,
  type TextEvaluation,
  type TextOptions,
  type TextUpdate,
} from '../train-on-text.js';
import { innerLayers, type InnerLayers } from './inner-layers.js';
import { compileTeacher, teacherInput, type TeacherParts } from './teacher.js';

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
  readonly options: TextOptions;
  /** Where checkpoints are written; what is found there is gone on with. */
  readonly folder: string;
  readonly stopRequested: () => boolean;
  readonly onUpdate?: (update: TextUpdate) => void;
  /** Its loss is the mean over the tokens. */
  readonly onEvaluation?: (evaluation: TextEvaluation) => void;
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
  const answers = async (windows: readonly ScorableFeature[], batch: SequenceBatch) => ({
    [teacherInput]: await teacher.answers(windows, batch),
  });
  const meter = await createLossMeter(engine, config, { objective: objectives.student, feeds: answers });
  try {
    const { parameters } = program;
    const store = createTextStore(parameters, config, heldOut);
    request.load(store, parameters);
    const heldOutLoss = () => meter.measure(store, heldOut);
    mkdirSync(folder, { recursive: true });
    const before = await once(join(folder, 'before.json'), heldOutLoss);
    const { onUpdate, onEvaluation, onCheckpoint } = request;
    const progress = await trainOnText({
      ...{ config, store, parameters, heldOutLoss, options, folder, stopRequested },
      ...{ schedule: 'linear', patience: 0, onUpdate, onEvaluation, onCheckpoint },
      task: {
        ...{ program, step, teacher, targetFeeds: () => ({}) },
        features: (epoch) => counted(request.windows(epoch)),
      },
    });
    const encoder = parameters.filter(({ kind }) => kind === 'base');
    return { store, parameters: encoder, progress, before, after: await heldOutLoss() };
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
