/** Trains the rounds of a run, stage by stage: what was finished is read back, and a model is compiled anew only where its data is another. */
import { join } from 'node:path';
import { foldSplits, drawSplits, type Example, type Splits } from '../data/index.js';
import { userCacheFolder } from '../foundation/index.js';
import type { Engine } from '../runtime/index.js';
import { newHeadSettings } from '../tasks/index.js';
import { createFrozenEncoder, type Depth, type FrozenEncoder, type ParameterStore } from '../training/index.js';
import { openFrozenLayers } from './how-deep.js';
import { foldFolder } from './kept-predictions.js';
import type { Base } from './base.js';
import { cellOf, keepCell, readCell, type Cell } from './cells.js';
import { compileModel, type CompiledModel } from './compiled-model.js';
import type { TrainOptions } from './options.js';
import { plannedEpochs, type Plan } from './plan.js';
import { prepareTask, type PreparedTask } from './prepared-task.js';
import { roundFolder, runRound, type RoundResult } from './round.js';
import type { RunContext } from './run-context.js';
import type { SourceTask } from './sources.js';
import type { Teaching } from './teacher.js';
import type { TargetDomain } from './target-domain.js';
import { profileTable } from './profiles.js';
import { differBySeed, firstSeed, profileOf, stageName, type Round, type Stage } from './stages.js';

/** Tokens of a window where neither the task nor the options say otherwise. */
const defaultMaxLength = 256;

/** Tokens of a task's windows, special ones included. */
export const windowOf = (
  task: Pick<SourceTask, 'maxLength'>,
  options: Pick<TrainOptions, 'maxLength'>,
  { config }: Pick<Base, 'config'>,
): number => Math.min(options.maxLength ?? task.maxLength ?? defaultMaxLength, config.max_position_embeddings);

export interface PrepareParts {
  readonly sources: readonly SourceTask[];
  readonly base: Base;
  readonly options: TrainOptions;
  /** Whose tasks read their texts as its own do. */
  readonly teacher?: Pick<Teaching, 'model'> | undefined;
}

/** The tasks of each round, ready to be trained. */
export interface Preparation {
  /** Rounds that differ by their seed alone share theirs, once prepared. */
  of(round: Round): Promise<readonly PreparedTask[]>;
  /** As `of`, and forgotten. */
  once(round: Round): Promise<readonly PreparedTask[]>;
}

export function createPreparation(parts: PrepareParts): Preparation {
  const known = new Map<string, Promise<readonly PreparedTask[]>>();
  const once = async (round: Round): Promise<readonly PreparedTask[]> => {
    const tasks: PreparedTask[] = [];
    for (const task of parts.sources) tasks.push(await prepareSource(task, round, parts));
    return tasks;
  };
  return {
    once,
    of(round) {
      const key = JSON.stringify([round.fold, round.draw, round.draw && round.seed]);
      const prepared = known.get(key) ?? once(round);
      known.set(key, prepared);
      return prepared;
    },
  };
}

async function prepareSource(
  task: SourceTask,
  { fold, draw, seed }: Round,
  { base, options, sources, teacher }: PrepareParts,
): Promise<PreparedTask> {
  const { dataset, name, loss, weight } = task;
  const taught = teacher?.model.tasks.find((saved) => saved.name === name);
  const settings = await newHeadSettings(dataset.kind, task.settings, base.tokenizer);
  const maxLength = windowOf(task, options, base);
  const splits: Splits<Example> =
    fold !== undefined && dataset.folds
      ? foldSplits<Example>(dataset.splits.train, dataset.folds[fold] ?? { train: [], dev: [], test: [] })
      : draw
        ? drawSplits<Example>(dataset.splits, draw, seed)
        : dataset.splits;
  // A quarter of a window in common gives every token some context on both sides.
  const stride = Math.floor(maxLength / 4);
  return prepareTask({ name, dataset, loss, settings, weight, maxLength, stride }, splits, {
    tokenizer: base.tokenizer,
    profile: profileOf(options, sources.length, draw),
    seed: draw ? seed : firstSeed(options),
    augment: { ways: options.augment, rate: options.augmentRate },
    mixup: options.mixup,
    recogniseWords: options.recogniseWords || taught?.settings?.vocabulary !== undefined,
    lexical: options.lexical ?? profileTable[options.profile].lexical,
  });
}

/** One compiled model at a time. */
export interface Models {
  /** The model of these tasks; the one before it is released unless it is the same. */
  of(tasks: readonly PreparedTask[]): Promise<CompiledModel>;
  release(): Promise<void>;
}

/**
 * Graphs hold what tasks know of their training examples, such as weights of classes: other examples are another model.
 * `encoder` holds the weights of frozen layers where they are not the base's; what learns does so from `teacher` where there is one.
 */
export function createModels(
  engine: Engine,
  base: Base,
  options: TrainOptions,
  { depth, encoder, teacher }: { depth: Depth; encoder?: ParameterStore | undefined; teacher?: Teaching | undefined },
): Models {
  let current: { tasks: readonly PreparedTask[]; model: CompiledModel } | undefined;
  let frozen: FrozenEncoder | undefined;
  const drop = async () => {
    await current?.model.release();
    current = undefined;
  };
  return {
    async release() {
      await drop();
      await frozen?.release();
      frozen = undefined;
    },
    async of(tasks) {
      if (current?.tasks === tasks) return current.model;
      await drop();
      const { config } = base;
      const { frozenLayers: layers } = depth;
      if (layers > 0 && !frozen) {
        const cache = { folder: join(userCacheFolder(), 'activations') };
        const store = encoder ?? openFrozenLayers(base, layers);
        frozen = await createFrozenEncoder(engine, config, store, { layers, cache });
      }
      const model = await compileModel(engine, config, tasks, { options, depth, frozen, teacher });
      current = { tasks, model };
      return model;
    },
  };
}

export interface StageParts {
  readonly stage: Stage;
  readonly plan: Plan;
  readonly models: Models;
  readonly preparation: Preparation;
  readonly base: Base;
  readonly learningRate: number;
  readonly checkpointSeconds: number;
  readonly target?: TargetDomain | undefined;
}

/** Trains one round of a stage, or reads its result. */
async function trainRound(
  context: RunContext,
  parts: StageParts,
  { index, tasks }: { index: number; tasks: readonly PreparedTask[] },
): Promise<RoundResult> {
  const { stage, plan, models, base, learningRate, checkpointSeconds, target } = parts;
  const { rounds, name } = stage;
  const { seed, fold } = rounds[index] as Round;
  const label = fold === undefined ? `seed ${seed}` : `fold ${fold + 1} of ${rounds.length}`;
  const details = [...(name === undefined ? [] : [stageName(name)]), ...(rounds.length === 1 ? [] : [label])];
  context.enter('training', details.join(', '));
  return runRound({
    model: await models.of(tasks),
    ...{ tasks, plan, learningRate, seed, checkpointSeconds, target },
    options: context.options,
    base,
    folder: roundFolder(context.folder.path, index, name),
    keepIn: name === undefined ? keptIn(context.folder.path, { index, fold }) : undefined,
    keepWeights: true,
    keepLogits: name === undefined && differBySeed(stage),
    emit: context.emit,
    stopRequested: context.stopRequested,
  });
}

/** What rounds predicted is kept of the first, and of every fold, since only together they speak of all examples. */
function keptIn(folder: string, { index, fold }: { index: number; fold: number | undefined }): string | undefined {
  if (index === 0) return folder;
  return fold === undefined ? undefined : foldFolder(folder, fold);
}

/** Trains the main stage. */
export async function runMainStage(context: RunContext, parts: StageParts): Promise<RoundResult[]> {
  const results: RoundResult[] = [];
  for (const [index, round] of parts.stage.rounds.entries())
    results.push(await trainRound(context, parts, { index, tasks: await parts.preparation.of(round) }));
  return results;
}

/** Trains a stage of which only figures are kept, and its baselines on the same examples. */
export async function runSideStage(context: RunContext, parts: StageParts): Promise<Cell[]> {
  const { stage, plan, preparation } = parts;
  const cells: Cell[] = [];
  for (const [index, round] of stage.rounds.entries()) {
    const folder = roundFolder(context.folder.path, index, stage.name);
    const known = readCell(folder);
    if (known) {
      cells.push(known);
      continue;
    }
    const tasks = await (round.draw ? preparation.once(round) : preparation.of(round));
    const result = await trainRound(context, parts, { index, tasks });
    const epochs = tasks.map((task) => epochsOf(plan, task.name));
    const cell = cellOf(result, tasks, {
      baselines: tasks.map((task, i) => task.baselines(firstSeed(context.options), epochs[i] as number)),
      epochs,
    });
    keepCell(folder, cell);
    cells.push(cell);
  }
  return cells;
}

/** Epochs that a plan gives a task. */
export const epochsOf = (plan: Plan, task: string): number =>
  plannedEpochs(plan.tasks.find(({ name }) => name === task) as Plan['tasks'][number]);
