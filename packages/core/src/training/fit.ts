/** The training loop: updates of several tasks in turn, evaluations, early stopping, checkpoints, and exact resumption. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { planBatches } from '../data/index.js';
import { FieldcraftError, random, writeFileAtomic } from '../foundation/index.js';
import type { ModelConfig } from '../models/index.js';
import type { Optimizer } from './adamw.js';
import type { Companion } from './adversarial/domains.js';
import { averageShare, bestCandidates, cookSoup, type Averaging, type Candidate } from './averaging.js';
import { createDropoutMasks } from './dropout-masks.js';
import type { ParameterStore } from './parameter-store.js';
import { countTargets, runBatch, type BatchTask } from './run-batch.js';
import {
  dropUnfinishedWrites,
  loadState,
  restoreBest,
  saveBest,
  saveState,
  startOfRun,
  type Progress,
} from './run-state.js';
import { scheduleFactor, type ScheduleName } from './schedules.js';
import type { ScorableFeature } from './scorer.js';
import type { CompiledStep, StepProgram } from './step-program.js';
import { createTaskBalance, type BalanceName } from './task-balance.js';
import { moveAverages, startAverages, swapAverages } from './weight-averages.js';

/** One task as the loop sees it. */
export interface FitTask<F extends ScorableFeature = ScorableFeature> extends BatchTask<F> {
  readonly program: StepProgram;
  /** What takes the place of the step, and of what it trains, once this share of all updates is made. Default: nothing does. */
  readonly phase?: ((share: number) => Promise<{ step: CompiledStep; trained: readonly string[] }>) | undefined;
  /** The windows of one epoch; profiles that cap an epoch draw other examples in the next. */
  features(epoch: number): readonly F[];
  /** Updates that this task gets in the whole run. */
  readonly updates: number;
  /** How much the task counts: its loss, where the balance is fixed, and its dev score in the mean that the best weights have. Default 1. */
  readonly weight?: number | undefined;
  /** Windows of a batch, where it is not the run's. */
  readonly batchSize?: number | undefined;
  /** The main metric on the dev part, from the weights in the store. Left out where there is no dev part. */
  readonly evaluate?: (() => Promise<number>) | undefined;
}

export interface FitOptions {
  readonly seed: number;
  readonly batchSize: number;
  readonly accumulate: number;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  /** Share of all updates. */
  readonly warmup: number;
  /** Updates between evaluations of the dev parts. */
  readonly evaluateEvery: number;
  /**
   * Evaluations without a better mean before the run stops; a task whose own score has not risen for as many is trained no further before that. 0
   * never stops early.
   */
  readonly patience: number;
  /** How losses are weighed against each other. Default fixed. */
  readonly balance?: BalanceName;
  /** In which order tasks are updated. Default random. */
  readonly order?: TaskOrder;
  /**
   * Which weights are scored, kept and left in the end: the best of those after updates, the best of their moving averages, or a soup of the
   * best five. Default none.
   */
  readonly average?: Averaging;
  /** Seconds between checkpoints. */
  readonly checkpointSeconds: number;
  /**
   * How much the moving averages of weights, where the store has any, keep of themselves at each update. Default 0.99; those that are kept in the end
   * (`average`) have a share of their own.
   */
  readonly averageMomentum?: number | undefined;
}

export interface FitRequest {
  readonly config: ModelConfig;
  readonly store: ParameterStore;
  readonly optimizer: Optimizer;
  readonly tasks: readonly FitTask[];
  readonly options: FitOptions;
  /** Learns beside the tasks: the gradients of a batch of its own are added to those of every update. */
  readonly companion?: Companion | undefined;
  /** Where checkpoints are written. A state found there is gone on with. */
  readonly folder: string;
  /** True once the run should save its state and stop. */
  readonly stopRequested: () => boolean;
  readonly onUpdate?: (update: {
    progress: Progress;
    task: string;
    loss: number;
    learningRate: number;
    updates: number;
  }) => void;
  readonly onEvaluation?: (progress: Progress, best: boolean) => void;
  readonly onCheckpoint?: (progress: Progress, path: string) => void;
}

/**
 * Trains until all updates are made or the dev score no longer rises, then brings back the best weights, or the soup of them; where no task has a
 * dev part, to the end, and the last weights stay, or their moving average.
 * Every choice (order, masks, batches) is a function of the seed and the update's number, so that a run that was killed at any moment ends
 * in the same weights, to the bit, as one that was not.
 * @throws FieldcraftError FC_INTERRUPTED after a requested stop, the state saved; FC_NOT_FINITE with the batch saved beside the checkpoints.
 */
export async function fit(request: FitRequest): Promise<Progress> {
  const { config, store, optimizer, tasks, options, folder } = request;
  const { average = 'none', averageMomentum = 0.99 } = options;
  /** The share of a parameter's newest weights in its moving average. */
  const shareOf = (name: string) =>
    average === 'ema' ? averageShare(optimizer.counts.get(name) ?? 0) : 1 - averageMomentum;
  const masks = createDropoutMasks(options.seed);
  const order = taskOrder(
    tasks.map(({ updates }) => updates),
    options,
  );
  const total = order.length;
  const warmup = Math.round(options.warmup * total);
  dropUnfinishedWrites(folder);
  const resumed = existsSync(join(folder, 'state.safetensors'));
  if (!resumed) startAverages(store);
  const progress = resumed ? loadState(folder, store, optimizer) : startOfRun();
  const plans = tasks.map((task) => batchPlanner(task, options));
  // What is learnt beside has batches of the options' size.
  const besideSize = request.companion === undefined ? 0 : options.batchSize;
  const largestBatch = Math.max(besideSize, ...tasks.map(({ batchSize = options.batchSize }) => batchSize));
  const weights = new Map(tasks.map(({ program, weight = 1 }) => [program.name, weight]));
  const balance = createTaskBalance(options.balance ?? 'fixed', weights, progress.balance);
  const startedAt = performance.now() - progress.seconds * 1000;
  let savedAt = performance.now();
  const recent = new Map<string, { sum: number; count: number }>();
  const finished = () => progress.update >= total || (options.patience > 0 && progress.waited >= options.patience);

  const save = () => {
    progress.seconds = (performance.now() - startedAt) / 1000;
    const path = saveState(folder, store, optimizer, progress);
    request.onCheckpoint?.(progress, path);
    savedAt = performance.now();
  };

  /** One update of a task. */
  const train = async (task: FitTask, plan: BatchPlan): Promise<void> => {
    const { name } = task.program;
    const visit = progress.visits[name] ?? 0;
    const factor = balance.factor(name);
    const { step, trained } = (await task.phase?.(progress.update / total)) ?? {
      step: task.step,
      trained: task.program.trained,
    };
    let loss = 0;
    let batches: readonly (readonly ScorableFeature[])[] = [];
    for (let part = 0; part < options.accumulate; part++) {
      const { members, share } = plan(visit * options.accumulate + part);
      batches = [...batches, members];
      const weighed = await runBatch({
        task: { ...task, step },
        members,
        config,
        store,
        masks,
        batchNumber: progress.update * options.accumulate + part,
        batchSize: largestBatch,
        share: (factor * share) / options.accumulate,
        accumulate: part > 0,
      });
      loss += weighed / factor;
      const tokens = members.reduce((sum, { ids }) => sum + ids.length, 0);
      progress.tokens += tokens;
      progress.taskTokens[name] = (progress.taskTokens[name] ?? 0) + tokens;
    }
    const beside = request.companion?.at(progress.update, total);
    if (beside) {
      // Its batch is added to that of the task, which leaves the gradients of what only it trains as the last update had them.
      for (const name of request.companion?.program.trained ?? [])
        if (!trained.includes(name)) store.slot(name).gradient.fill(0);
      await runBatch({
        ...{ task: beside.task, members: beside.members, config, store, masks, batchSize: largestBatch },
        // Numbers that no batch of a task has: masks of its own.
        ...{ batchNumber: total * options.accumulate + progress.update, share: 1, accumulate: true },
      });
    }
    // The rate of update 0 is 0 while warming up; the peak is reached at update `warmup`, as Hugging Face's schedules do.
    const learningRate = options.learningRate * scheduleFactor(options.schedule, progress.update, { warmup, total });
    try {
      if (!Number.isFinite(loss))
        throw new FieldcraftError('FC_NOT_FINITE', { what: 'the loss is not finite', got: String(loss) });
      const learnt = [...new Set([...trained, ...(request.companion?.program.trained ?? [])])];
      const norm = optimizer.step(learnt, learningRate);
      moveAverages(store, learnt, shareOf);
      balance.observe(name, { loss, norm: norm / factor });
    } catch (error) {
      throw explainNotFinite(error, { folder, name, update: progress.update, batches });
    }
    progress.visits[name] = visit + 1;
    const sum = recent.get(name) ?? { sum: 0, count: 0 };
    recent.set(name, { sum: sum.sum + loss, count: sum.count + 1 });
    progress.seconds = (performance.now() - startedAt) / 1000;
    const update = { ...progress, update: progress.update + 1 };
    request.onUpdate?.({ progress: update, task: name, loss, learningRate, updates: total });
  };

  while (!finished()) {
    const index = order[progress.update] as number;
    const task = tasks[index] as FitTask;
    // A task that learns no more leaves its turns out; the schedule goes on.
    if (!hasStopped(task.program.name, progress, options)) await train(task, plans[index] as BatchPlan);
    progress.update++;
    if (progress.update % options.evaluateEvery === 0 || progress.update === total) {
      recordLosses(progress, recent);
      if (average === 'ema') swapAverages(store);
      const better = await evaluate(tasks, progress);
      if (average === 'soup') progress.candidates = bestCandidates([...progress.candidates, ...lastScored(progress)]);
      if (better || progress.candidates.some(({ update }) => update === progress.update))
        saveBest(folder, store, progress.update);
      if (average === 'ema') swapAverages(store);
      if (better !== undefined) request.onEvaluation?.(progress, better);
      save();
    } else if (performance.now() - savedAt > options.checkpointSeconds * 1000) {
      recordLosses(progress, recent);
      save();
    }
    if (request.stopRequested() && !finished()) {
      recordLosses(progress, recent);
      save();
      throw new FieldcraftError('FC_INTERRUPTED', {
        what: `stopped after update ${progress.update} of ${total}; the state is saved`,
        where: folder,
      });
    }
  }
  if (progress.candidates.length > 0) {
    progress.soup = await cookSoup(store, progress.candidates, {
      load: (update) => restoreBest(folder, store, update),
      score: async () => (await scoreAll(tasks))?.mean ?? 0,
    });
  } else if (progress.best) restoreBest(folder, store, progress.best.update);
  else if (average === 'ema') swapAverages(store);
  return progress;
}

export const taskOrders = ['random', 'round-robin'] as const;
export type TaskOrder = (typeof taskOrders)[number];

/** Which task each update belongs to: every task as often as its updates say, in seeded random order or in turn for as long as each has any. */
export function taskOrder(
  updates: readonly number[],
  { seed, order = 'random' }: Pick<FitOptions, 'seed' | 'order'>,
): number[] {
  if (order === 'random')
    return random(seed, 'task order').shuffle(updates.flatMap((count, task) => Array<number>(count).fill(task)));
  const rounds = Math.max(0, ...updates);
  return Array.from({ length: rounds }, (_, round) =>
    [...updates.keys()].filter((i) => round < (updates[i] ?? 0)),
  ).flat();
}

/** Whether a task's own dev score has not risen for as many evaluations as patience allows. A score of zero is no best to fall behind. */
function hasStopped(name: string, { evaluations }: Progress, { patience }: FitOptions): boolean {
  if (patience === 0) return false;
  const scores = evaluations.map(({ scores }) => scores[name] ?? 0);
  const best = Math.max(0, ...scores);
  return best > 0 && scores.length - 1 - scores.indexOf(best) >= patience;
}

interface PlannedBatch {
  readonly members: readonly ScorableFeature[];
  /**
   * What its mean loss is multiplied by: its targets per those of an average batch. Batches hold texts of similar length; without this the words of
   * short sentences would count several times as much as those of long ones, where random batches count all the same.
   */
  readonly share: number;
}
type BatchPlan = (batchNumber: number) => PlannedBatch;

/** The n-th training batch of a task, epochs following one another. */
function batchPlanner(task: FitTask, options: FitOptions): BatchPlan {
  const { seed } = options;
  const { batchSize = options.batchSize } = task;
  let epoch = -1;
  let first = 0;
  let features: readonly ScorableFeature[] = [];
  let batches: Int32Array[] = [];
  let meanTargets = 0;
  const open = (next: number) => {
    first = next === 0 ? 0 : first + batches.length;
    epoch = next;
    features = task.features(epoch);
    batches = planBatches(
      features.map(({ ids }) => ids.length),
      { batchSize, seed, epoch, groups: features.map(({ group }) => group) },
    );
    if (batches.length === 0)
      throw new FieldcraftError('FC_DATA', { what: `task ${task.program.name} has no training examples` });
    meanTargets = countTargets(features) / batches.length;
  };
  return (batchNumber) => {
    if (epoch < 0 || batchNumber < first) open(0);
    while (batchNumber >= first + batches.length) open(epoch + 1);
    const members = Array.from(batches[batchNumber - first] as Int32Array, (i) => features[i] as ScorableFeature);
    return { members, share: meanTargets === 0 ? 1 : countTargets(members) / meanTargets };
  };
}

function recordLosses(progress: Progress, recent: Map<string, { sum: number; count: number }>): void {
  for (const [task, { sum, count }] of recent)
    progress.losses.push({ update: progress.update, task, loss: sum / count });
  recent.clear();
}

/** The score of every dev part there is, and their mean; undefined without a dev part. */
async function scoreAll(
  tasks: readonly FitTask[],
): Promise<{ scores: Record<string, number>; mean: number } | undefined> {
  const scores: Record<string, number> = {};
  let [sum, weights] = [0, 0];
  for (const { program, evaluate, weight = 1 } of tasks) {
    if (!evaluate) continue;
    const score = await evaluate();
    scores[program.name] = score;
    sum += weight * score;
    weights += weight;
  }
  return weights === 0 ? undefined : { scores, mean: sum / weights };
}

/** The evaluation that was made after the last update. */
const lastScored = ({ evaluations, update }: Progress): Candidate[] =>
  evaluations.filter((one) => one.update === update).map(({ mean }) => ({ update, mean }));

/** Scores every dev part there is; true if the mean is the best so far, undefined without a dev part. */
async function evaluate(tasks: readonly FitTask[], progress: Progress): Promise<boolean | undefined> {
  const scored = await scoreAll(tasks);
  if (scored === undefined) return undefined;
  const { scores, mean } = scored;
  progress.evaluations.push({ update: progress.update, scores, mean });
  const better = progress.best === null || mean > progress.best.mean;
  if (better) progress.best = { update: progress.update, mean };
  // A score of zero is no best to fall behind: entities are found late.
  progress.waited = better || progress.best?.mean === 0 ? 0 : progress.waited + 1;
  return better;
}

function explainNotFinite(
  error: unknown,
  {
    folder,
    name,
    update,
    batches,
  }: { folder: string; name: string; update: number; batches: readonly (readonly ScorableFeature[])[] },
): unknown {
  if (!(error instanceof FieldcraftError) || error.code !== 'FC_NOT_FINITE') return error;
  const path = join(folder, 'failed-batch.json');
  const windows = batches.flat().map(({ ids, ...rest }) => ({ ...rest, ids: Array.from(ids) }));
  writeFileAtomic(
    path,
    JSON.stringify({ task: name, update, reason: error.parts.what, windows }, (_, value: unknown) =>
      ArrayBuffer.isView(value) ? Array.from(value as Int32Array) : value,
    ),
  );
  return new FieldcraftError('FC_NOT_FINITE', {
    ...error.parts,
    where: `${name}, update ${update}${error.parts.where === undefined ? '' : `, ${error.parts.where}`}`,
    fix: `lower the learning rate; the batch is saved in ${path}`,
    cause: error,
  });
}
