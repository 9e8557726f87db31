/**
 * The models of all seeds as one, which answers by the mean of their probabilities (deep ensembles, Lakshminarayanan, Pritzel & Blundell 2017): scored on
 * logits that each round keeps of what it scored by itself, so that no part is read again.
 */
import { join } from 'node:path';
import { saveEnsemble, type SavedTask, type TrainedModel } from '../export/index.js';
import { FieldcraftError } from '../foundation/index.js';
import type { Interval } from '../metrics/index.js';
import type { EnsembleReport } from '../report/index.js';
import { mixMembers, type Reading, type Scores, type Tuning } from '../tasks/index.js';
import type { RunEvent } from './events.js';
import { hasLogits, readLogits, type ScoredPart } from './kept-logits.js';
import { tuneWithWords } from './lexical-share.js';
import type { TrainOptions } from './options.js';
import type { Plan } from './plan.js';
import type { PartFeatures, PreparedTask } from './prepared-task.js';
import type { RoundResult } from './round.js';
import { differBySeed, type Stage } from './stages.js';

/**
 * Says which tasks an ensemble that is to be kept leaves out.
 * @throws FieldcraftError FC_CONFIG where there are no models that could answer together, or no task that they could
 */
export function checkEnsemble(
  { ensemble }: Pick<TrainOptions, 'ensemble'>,
  { stage, tasks, emit }: { stage: Stage; tasks: readonly PreparedTask[]; emit: (event: RunEvent) => void },
): void {
  if (!ensemble) return;
  const refuse = (what: string, fix: string) => new FieldcraftError('FC_CONFIG', { what, where: '--ensemble', fix });
  if (stage.rounds.length === 1) throw refuse('one model is no ensemble', 'train several, with --seeds 3');
  if (!differBySeed(stage)) {
    const what = 'models of folds, or of draws of training examples, have not learnt from the same examples';
    throw refuse(`${what}: they are no ensemble`, 'leave --ensemble out');
  }
  const without = tasks.filter(({ task }) => task.mix === undefined);
  const named = without.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  const what = `answers of several models have no mean in ${named}`;
  if (without.length === tasks.length) throw refuse(what, 'leave --ensemble out');
  if (without.length > 0) emit({ kind: 'note', level: 'warning', text: `${what}: the ensemble does without` });
}

/** What the models of all seeds are worth together on a task, with what was tuned for them on the dev part. */
export interface EnsembleResult {
  readonly members: number;
  readonly tuning: Tuning;
  readonly scores: Scores;
  readonly intervals: Readonly<Record<string, Interval>>;
}

/** By the name of the task; of kinds whose answers have no mean nothing. `folders` are those of the rounds, `seed` draws intervals. */
export async function scoreEnsembles(
  folders: readonly string[],
  tasks: readonly PreparedTask[],
  { plan, seed }: { plan: Pick<Plan, 'tasks'>; seed: number },
): Promise<Map<string, EnsembleResult>> {
  const results = new Map<string, EnsembleResult>();
  for (const task of tasks) {
    // Rounds that an earlier version of the program finished have kept none.
    if (!folders.every((folder) => hasLogits(folder, task.name))) continue;
    const together = async (part: ScoredPart, { features }: PartFeatures): Promise<Reading> => {
      function* ofRounds() {
        for (const folder of folders) yield readLogits(folder, task.name, part);
      }
      return { features, logits: await mixMembers(task.task, features, ofRounds()) };
    };
    const { tuning } =
      task.dev.examples === 0 ? { tuning: {} } : tuneWithWords(task, await together('dev', task.dev), plan);
    const { scores, intervals } = task.scoreTest(await together('test', task.test), tuning, seed);
    results.set(task.name, { members: folders.length, tuning, scores, intervals });
  }
  return results;
}

export function describeEnsemble({ members, scores, intervals }: EnsembleResult, mainMetric: string): EnsembleReport {
  const range = intervals[mainMetric];
  return { members, metrics: { ...scores.metrics }, ...(range ? { interval: [range.low, range.high] } : {}) };
}

export interface SeedModels {
  readonly rounds: readonly RoundResult[];
  /** By the name of the task; others are left out. */
  readonly ensembles: ReadonlyMap<string, EnsembleResult>;
  /** The model whose weights `load` changes to those of a round. */
  readonly built: Omit<TrainedModel, 'tasks'>;
  load(round: number): void;
  /** The tasks as they are saved with a model of this tuning. */
  savedTasks(tuningOf: (task: string) => Tuning | undefined): SavedTask[];
}

/** Keeps the models of all seeds in the folder `ensemble` of a run, for predictions by all of them together. @throws FieldcraftError FC_DISK */
export function saveSeeds(run: string, { rounds, ensembles, built, load, savedTasks }: SeedModels): void {
  const tasksWith: SeedModels['savedTasks'] = (tuningOf) =>
    savedTasks(tuningOf).filter(({ name }) => ensembles.has(name));
  function* members() {
    for (const [round, { seed, tasks }] of rounds.entries()) {
      load(round);
      yield { name: `seed-${seed}`, model: { ...built, tasks: tasksWith((task) => tasks[task]?.tuning) } };
    }
  }
  saveEnsemble(join(run, 'ensemble'), { tasks: tasksWith((task) => ensembles.get(task)?.tuning), members: members() });
}
