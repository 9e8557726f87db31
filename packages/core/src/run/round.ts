/** One round of a run: one seed, or one fold, trained from the base's weights and scored on its test part. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import type { Feature, Reading, Scores, Tuning } from '../tasks/index.js';
import {
  createAdamW,
  dropBest,
  fit,
  loadWeights,
  progressSchema,
  saveWeights,
  type Progress,
} from '../training/index.js';
import type { Interval } from '../metrics/index.js';
import { chooseMistakes, excerpt, type DomainProbe, type Mistake } from '../evaluation/index.js';
import type { Base } from './base.js';
import { batchTaskOf, startWeights, type CompiledModel, type CompiledTask } from './compiled-model.js';
import { withEndToEnd } from './end-to-end.js';
import type { RunEvent } from './events.js';
import { headPassesOf, learnHeadsFirst } from './heads-first.js';
import { keepLogits } from './kept-logits.js';
import { lexicalSchema, tuneWithWords } from './lexical-share.js';
import { keepPredictions } from './kept-predictions.js';
import type { TrainOptions } from './options.js';
import { batchWindowsOf, type Plan } from './plan.js';
import type { PreparedTask, TestResult } from './prepared-task.js';
import { createSpeedMeter } from './speed-meter.js';
import { companionOf, probe, type TargetDomain } from './target-domain.js';

/** Lets heads that are fresh start from what the encoder in the store says, where they do. */
async function startHeads(
  { store, encoder }: CompiledModel,
  tasks: readonly PreparedTask[],
  fresh: readonly string[],
): Promise<void> {
  if (encoder === undefined) return;
  for (const { startingWeights } of tasks) {
    const starts = await startingWeights?.((features) => encoder.score(store, features));
    for (const [name, values] of starts ?? []) if (fresh.includes(name)) store.slot(name).weight.set(values);
  }
}

const scoresSchema = z.custom<Scores>((value) => typeof value === 'object' && value !== null && 'metrics' in value);

const resultSchema = z.strictObject({
  seed: z.int(),
  progress: progressSchema,
  /** Whether domains can be told apart by the encoder, before and after; absent without domain-adversarial training. */
  domains: z.strictObject({ before: z.custom<DomainProbe>(), after: z.custom<DomainProbe>() }).optional(),
  tasks: z.record(
    z.string(),
    z.strictObject({
      tuning: z.custom<Tuning>((value) => typeof value === 'object' && value !== null),
      /** What it brought to let words count, where they may. */
      lexical: lexicalSchema.optional(),
      /** Absent without a dev part. */
      dev: scoresSchema.optional(),
      test: z.strictObject({
        scores: scoresSchema,
        intervals: z.record(z.string(), z.custom<Interval>()),
        /** Those that are shown, of so many. */
        mistakes: z.array(z.custom<Mistake>()),
        mistaken: z.int(),
        /** On the test examples that do not stand in train or dev as published. */
        unseen: z.strictObject({ examples: z.int(), scores: scoresSchema }).optional(),
      }),
    }),
  ),
});

/** What a round leaves behind: counters, what was tuned, scores. The weights are in `weights.safetensors` beside it. */
export type RoundResult = z.output<typeof resultSchema>;

/** What a round takes of a plan. */
export interface RoundPlan extends Pick<Plan, 'evaluateEvery'> {
  readonly tasks: readonly Pick<Plan['tasks'][number], 'name' | 'updates' | 'updatesPerEpoch' | 'batchWindows'>[];
  /** Tokens a second, where a probe measured them. */
  readonly trainingSpeed?: number;
}

export interface RoundRequest {
  readonly model: CompiledModel;
  readonly tasks: readonly PreparedTask[];
  readonly options: TrainOptions;
  readonly plan: RoundPlan;
  readonly learningRate: number;
  readonly base: Base;
  readonly seed: number;
  /** This round's own folder, for checkpoints. */
  readonly folder: string;
  /** The run's folder, where what this round predicts on the test parts is kept; undefined keeps nothing. */
  readonly keepIn: string | undefined;
  /** Whether the trained weights are wanted once the round is scored. */
  readonly keepWeights: boolean;
  /** Whether the logits of dev and test parts are wanted: those of several rounds are one ensemble. Default false. */
  readonly keepLogits?: boolean;
  /** The domain that is made alike to that of the tasks. */
  readonly target?: TargetDomain | undefined;
  readonly checkpointSeconds: number;
  readonly emit: (event: RunEvent) => void;
  readonly stopRequested: () => boolean;
}

/** Mistakes of a task that are kept for people to read, their texts cut: the worst, and more so that every label has one. */
export const keptMistakes = { worst: 30, most: 60 };

/** Trains and scores, or reads the result where this round was finished before. */
export async function runRound(request: RoundRequest): Promise<RoundResult> {
  const { model, tasks, options, plan, seed, folder, emit } = request;
  const resultPath = join(folder, 'result.json');
  if (existsSync(resultPath)) return resultSchema.parse(JSON.parse(readFileSync(resultPath, 'utf8')));
  mkdirSync(folder, { recursive: true });
  const { fresh } = startWeights(model, request.base, { seed, reinitLayers: options.reinitLayers });
  model.frozen?.keep(tasks.flatMap(({ windows }) => windows));
  await startHeads(model, tasks, fresh);
  if (!existsSync(join(folder, 'state.safetensors'))) {
    await learnHeadsFirst({
      ...{ model, tasks, plan, options, fresh, seed, emit, learningRate: request.learningRate },
      passes: headPassesOf(options, { base: request.base, depth: model.depth }),
      heedStop(what) {
        if (!request.stopRequested()) return;
        throw new FieldcraftError('FC_INTERRUPTED', {
          what: `stopped while ${what} was learning, which begins again`,
          where: folder,
        });
      },
    });
  }
  const domains = { target: request.target, options, seed };
  const before = await probe(model, tasks, domains);
  model.store.markStart();
  const optimizer = createAdamW(model.store, {
    weightDecay: options.weightDecay,
    clipNorm: options.clipNorm,
    hold: options.l2Start,
    decays: (name) => model.decays(name),
    rateFactor: (name) => model.rateOf(name, options),
  });

  const compiledOf = (task: PreparedTask): CompiledTask =>
    model.tasks.find(({ name }) => name === task.name) as CompiledTask;
  const readDev = (task: PreparedTask): Promise<Reading> =>
    task.read('dev', (features) => compiledOf(task).scorer.score(model.store, features));
  /** Of the last evaluation, until training goes on. */
  const lastRead = new Map<string, Reading>();
  const scoreDev = async (task: PreparedTask): Promise<Scores> => {
    const dev = await readDev(task);
    if (options.average === 'none') lastRead.set(task.name, dev);
    return task.scoreDev(dev, task.tune(dev));
  };

  const speedOf = createSpeedMeter(plan.trainingSpeed);
  const progress: Progress = await fit({
    config: model.config,
    store: model.store,
    optimizer,
    tasks: tasks.map((task) => ({
      program: compiledOf(task).program,
      phase: compiledOf(task).phase,
      ...batchTaskOf(task, model),
      features: (epoch) => task.trainFeatures(epoch),
      weight: task.weight,
      batchSize: batchWindowsOf(task, plan),
      updates: plan.tasks.find(({ name }) => name === task.name)?.updates ?? 0,
      evaluate:
        task.dev.examples === 0 ? undefined : async () => (await scoreDev(task)).metrics[task.mainMetric] as number,
    })),
    options: {
      seed,
      batchSize: options.batchSize,
      accumulate: options.accumulate,
      learningRate: request.learningRate,
      schedule: options.schedule,
      warmup: options.warmup,
      evaluateEvery: plan.evaluateEvery,
      patience: options.patience,
      balance: options.balance,
      order: options.sampling === 'round-robin' ? 'round-robin' : 'random',
      average: options.average,
      checkpointSeconds: request.checkpointSeconds,
      averageMomentum: options.adversarialMomentum,
    },
    folder,
    companion: companionOf(model, tasks, domains),
    stopRequested: request.stopRequested,
    onUpdate({ progress: now, task, loss, learningRate, updates }) {
      lastRead.clear();
      const secondsLeft = ((updates - now.update) * now.seconds) / now.update;
      emit({
        kind: 'step',
        seed,
        step: now.update,
        steps: updates,
        task,
        loss,
        learningRate,
        tokensPerSecond: speedOf(now),
        secondsLeft,
      });
    },
    onEvaluation({ evaluations, update }, best) {
      const last = evaluations.at(-1);
      const scores = Object.fromEntries(
        tasks.flatMap(({ name, mainMetric }) => {
          const value = last?.scores[name];
          return value === undefined ? [] : [[name, { metric: mainMetric, value }] as const];
        }),
      );
      emit({ kind: 'evaluation', seed, step: update, scores, mean: last?.mean ?? 0, best });
    },
    onCheckpoint: ({ update }, path) => emit({ kind: 'checkpoint', step: update, path }),
  });

  const stopWhereAsked = (when: 'before' | 'while', what: string) => {
    if (!request.stopRequested()) return;
    throw new FieldcraftError('FC_INTERRUPTED', {
      what: `stopped ${when} ${what}; the trained weights are saved`,
      where: folder,
    });
  };
  /** Logits of windows of a test part; a stop is heeded after each batch. */
  const scoreWindows = (task: PreparedTask, what: string) => (features: readonly Feature[]) =>
    compiledOf(task).scorer.score(model.store, features, (done) => {
      emit({ kind: 'progress', what, done, total: features.length });
      stopWhereAsked('while', what);
    });
  // Where the last weights that were looked at are the ones that are kept, they need not be asked again.
  const isLast = progress.best?.update === progress.evaluations.at(-1)?.update;
  const bestDev = (task: PreparedTask) => (isLast && lastRead.get(task.name)) || readDev(task);
  const results: RoundResult['tasks'] = {};
  for (const task of tasks) {
    const what = `scoring the test part of ${task.name}`;
    stopWhereAsked('before', what);
    const scored = task.dev.examples === 0 ? undefined : tuneWithWords(task, await bestDev(task), plan);
    const tuning = scored?.tuning ?? {};
    const read = await task.read('test', scoreWindows(task, what));
    const { answers, ...test }: TestResult = task.scoreTest(read, tuning, seed);
    // Before the result that ends the round: a round with a result is not scored again.
    if (request.keepIn !== undefined) keepPredictions(request.keepIn, task.name, answers);
    if (request.keepLogits === true && task.task.mix)
      keepLogits(folder, task.name, { dev: scored?.dev.logits, test: read.logits });
    results[task.name] = {
      tuning,
      ...(scored?.lexical && { lexical: scored.lexical }),
      ...(scored ? { dev: scored.scores } : {}),
      test: {
        ...test,
        mistakes: chooseMistakes(test.mistakes, task.labels, keptMistakes).map(excerpt),
        mistaken: test.mistakes.length,
      },
    };
  }
  for (const task of tasks) {
    const finder = tasks.find(({ name }) => name === task.settings.entitiesFrom);
    const own = results[task.name];
    if (finder === undefined || own === undefined) continue;
    const what = `scoring ${task.name} end to end`;
    stopWhereAsked('before', what);
    const part = (one: PreparedTask) => {
      return { prepared: one, tuning: results[one.name]?.tuning ?? {}, score: scoreWindows(one, what) };
    };
    own.test = await withEndToEnd(own.test, { finder: part(finder), related: part(task), seed });
  }
  const after = await probe(model, tasks, domains);
  const result: RoundResult = {
    ...{ seed, progress, tasks: results },
    ...(before && after && { domains: { before, after } }),
  };
  if (request.keepWeights) saveWeights(join(folder, 'weights.safetensors'), model.store);
  writeFileAtomic(resultPath, JSON.stringify(result));
  rmSync(join(folder, 'state.safetensors'), { force: true });
  dropBest(folder, []);
  return result;
}

/** Where a round of the run in `folder` keeps its checkpoints; `stage` where it is not of the main one. */
export const roundFolder = (folder: string, index: number, stage?: string): string =>
  join(folder, 'checkpoints', stage === undefined ? `round-${index}` : `${stage}-round-${index}`);

/** Brings a finished round's weights into the store; those that did not learn from the base. */
export function loadRound(model: CompiledModel, folder: string, base: Base): void {
  const whole = [...model.store.slots.values()].every(({ trainable }) => trainable);
  if (!whole) startWeights(model, base, { seed: 0, reinitLayers: 0 });
  loadWeights(join(folder, 'weights.safetensors'), model.store);
}
