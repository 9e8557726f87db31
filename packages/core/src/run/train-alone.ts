/**
 * Each task of a run trained alone, with the updates, the data and the seeds that it has among the others: what sharing one encoder is
 * measured against.
 */
import { join } from 'node:path';
import { meanAndDeviation } from '../metrics/index.js';
import type { AloneReport } from '../report/index.js';
import { differenceOf, judge, openSide, type Difference } from './compare-kept.js';
import type { Plan } from './plan.js';
import type { PreparedTask } from './prepared-task.js';
import { roundFolder, runRound, type RoundResult } from './round.js';
import type { RunContext } from './run-context.js';
import type { StageParts } from './run-rounds.js';

/** The rounds of each task alone, by its name, in the order of the run's own. */
export type AloneRounds = ReadonlyMap<string, readonly RoundResult[]>;

/** Trains and scores every task of the main stage alone, or reads what was finished before; what the first round predicts is kept. */
export async function trainAlone(context: RunContext, parts: StageParts): Promise<AloneRounds> {
  const { stage, plan, models, preparation, base, learningRate, checkpointSeconds, target } = parts;
  const { folder, options, emit, stopRequested, enter } = context;
  const results = new Map(plan.tasks.map(({ name }) => [name, [] as RoundResult[]]));
  for (const [index, round] of stage.rounds.entries()) {
    const { seed } = round;
    const tasks = await preparation.of(round);
    for (const [name, own] of results) {
      enter('training', `${name} alone${stage.rounds.length === 1 ? '' : `, seed ${seed}`}`);
      own.push(
        await runRound({
          model: await models.of(tasks),
          tasks: tasks.filter((task) => task.name === name),
          plan: planAlone(plan, name),
          ...{ options, learningRate, seed, checkpointSeconds, target, emit, stopRequested, base },
          folder: roundFolder(folder.path, index, `alone-${name}`),
          keepIn: index === 0 ? aloneFolder(folder.path) : undefined,
          keepWeights: false,
        }),
      );
    }
  }
  return results;
}

/** Where what tasks alone predict lies, as in a run's own folder. */
const aloneFolder = (folder: string): string => join(folder, 'alone');

/** The plan of one task: its own updates, and as many evaluations as all tasks together have. */
export function planAlone(plan: Plan, name: string): Plan {
  const total = plan.tasks.reduce((sum, { updates }) => sum + updates, 0);
  const evaluations = Math.ceil(total / plan.evaluateEvery);
  const tasks = plan.tasks.filter((task) => task.name === name);
  const updates = tasks.reduce((sum, task) => sum + task.updates, 0);
  return { ...plan, tasks, evaluateEvery: Math.max(1, Math.ceil(updates / evaluations)) };
}

/** How each task does among the others against alone, by its name. */
export function compareAlone(
  folder: string,
  { tasks, shared, alone }: { tasks: readonly PreparedTask[]; shared: readonly RoundResult[]; alone: AloneRounds },
): Map<string, AloneReport> {
  const scoreOf = (round: RoundResult | undefined, { name, mainMetric }: PreparedTask) =>
    round?.tasks[name]?.test.scores.metrics[mainMetric] ?? NaN;
  const differences = tasks.flatMap((task): Difference[] => {
    const sides = [
      openSide(aloneFolder(folder), task, scoreOf(alone.get(task.name)?.[0], task)),
      openSide(folder, task, scoreOf(shared[0], task)),
    ] as const;
    const difference = differenceOf(...sides);
    return typeof difference === 'string' ? [] : [difference];
  });
  const winner = { a: 'alone', b: 'shared', neither: 'neither' } as const;
  return new Map(
    judge(differences).map(({ task: name, difference, interval, p, pAdjusted, better }) => {
      const task = tasks.find((one) => one.name === name) as PreparedTask;
      const rounds = alone.get(name) ?? [];
      const { mean, deviation } = meanAndDeviation(rounds.map((round) => scoreOf(round, task)));
      return [
        name,
        {
          mean,
          ...(deviation === null ? {} : { std: deviation }),
          n: rounds.length,
          steps: rounds[0]?.progress.visits[name] ?? 0,
          difference,
          interval: [...interval],
          p,
          pAdjusted,
          better: winner[better],
        },
      ];
    }),
  );
}
