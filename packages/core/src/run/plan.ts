/** What a run will do, in numbers: made from the profile and a speed probe, fitted to a time budget, saved, and followed by a resume. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FieldcraftError } from '../foundation/index.js';

export const planSchema = z.strictObject({
  version: z.literal(1),
  tasks: z.array(
    z.strictObject({
      name: z.string(),
      /** Updates in the whole run. */
      updates: z.int().positive(),
      /** Updates that one pass over the training examples takes. */
      updatesPerEpoch: z.number().positive(),
      /** Windows of a batch; absent in plans of before, whose batches were all those of the options or the kind. */
      batchWindows: z.int().positive().exactOptional(),
      devExamples: z.int(),
      testWindows: z.int(),
    }),
  ),
  evaluateEvery: z.int().positive(),
  /** Speeds that the probe measured, in real tokens a second; 0 where there was nothing to measure on. */
  trainingSpeed: z.number().positive(),
  predictionSpeed: z.number().nonnegative(),
  /** Estimates in seconds, for all seeds or folds. */
  steps: z.array(z.strictObject({ name: z.string(), amount: z.string(), seconds: z.number() })),
  totalSeconds: z.number(),
  /** What a time budget left out, and where batches are smaller than was asked for, one sentence each. */
  notes: z.array(z.string()),
});

export type Plan = z.output<typeof planSchema>;

/** @throws FieldcraftError FC_RUN_FOLDER where the file is not a plan */
export function readPlan(path: string): Plan {
  const damaged = (got: string) =>
    new FieldcraftError('FC_RUN_FOLDER', {
      what: 'the saved plan of a run cannot be read',
      where: path,
      got,
      fix: 'start a new run',
    });
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw damaged(String(cause));
  }
  const parsed = planSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw damaged(z.prettifyError(parsed.error));
}

/** Epochs that a task begins; the hair below is for rounding, where an epoch is a fraction of updates. */
export const plannedEpochs = ({ updates, updatesPerEpoch }: Pick<TaskSize, 'updates' | 'updatesPerEpoch'>): number =>
  Math.max(1, Math.ceil(updates / updatesPerEpoch - 1e-9));

/** What a plan says of the batches of its tasks. */
export interface PlannedBatches {
  readonly tasks: readonly Pick<Plan['tasks'][number], 'name' | 'batchWindows'>[];
}

/** Windows of a task's batches, where they are not those of the options. */
export const batchWindowsOf = (
  task: { readonly name: string; readonly batchWindows: number | undefined },
  plan: PlannedBatches,
): number | undefined => plan.tasks.find(({ name }) => name === task.name)?.batchWindows ?? task.batchWindows;

/** What planning must know of a task. Tokens are real ones. */
export interface TaskSize {
  readonly name: string;
  readonly updates: number;
  readonly updatesPerEpoch: number;
  readonly batchWindows: number;
  readonly tokensPerUpdate: number;
  readonly devExamples: number;
  readonly devTokens: number;
  readonly testWindows: number;
  readonly testTokens: number;
  /** Seconds that the baselines will take, roughly. */
  readonly baselineSeconds: number;
  /** What a reader of the plan should know, one sentence each. */
  readonly notes: readonly string[];
}

export const samplings = ['size', 'sqrt', 'temperature', 'round-robin'] as const;
export type Sampling = (typeof samplings)[number];

/**
 * Shares the updates of all tasks out anew, in proportion to size^(1/T), where the size is the updates of one pass: T = 2 is the square root, a
 * higher temperature brings small tasks nearer to large ones, and round-robin gives all the same. `size` leaves them as the profile
 * says, each task in proportion to its size but for small ones, which are repeated.
 */
export function shareUpdates<T extends Pick<TaskSize, 'updates' | 'updatesPerEpoch'>>(
  tasks: readonly T[],
  { sampling, samplingTemperature }: { sampling: Sampling; samplingTemperature: number },
): T[] {
  if (sampling === 'size') return [...tasks];
  const exponent = { sqrt: 1 / 2, temperature: 1 / samplingTemperature, 'round-robin': 0 }[sampling];
  const shares = tasks.map(({ updatesPerEpoch }) => updatesPerEpoch ** exponent);
  const all = shares.reduce((sum, share) => sum + share, 0);
  const total = tasks.reduce((sum, { updates }) => sum + updates, 0);
  return tasks.map((task, i) => ({ ...task, updates: Math.max(1, Math.round((total * (shares[i] as number)) / all)) }));
}

export interface PlanRequest {
  readonly tasks: readonly TaskSize[];
  readonly speeds: { readonly training: number; readonly prediction: number };
  /** Evaluations of the dev parts in a round. */
  readonly evaluations: number;
  /** Times that everything is trained: seeds, or folds. */
  readonly rounds: number;
  /** Seconds that the run may take from now on. */
  readonly budget?: number | undefined;
  /** Passes in which heads alone learn first. Default 0. */
  readonly headPasses?: number | undefined;
  /** What training does besides, as the end of a phrase: `, hardened by freelb`. Default nothing. */
  readonly besides?: string | undefined;
}

/** Fewer updates than this teach nothing. */
const leastUpdates = 20;
/** What a pass of heads alone takes of the time in which the encoder reads their texts once. */
const headShare = 0.05;
/** Writing checkpoints, the exported model and the report. */
const fixedSeconds = 15;

/**
 * The plan, shortened to the budget where there is one: all tasks lose the same share of their updates, then evaluations become fewer.
 * @throws FieldcraftError FC_CONFIG if even the shortest sensible run would not fit; the message says what would.
 */
export function makePlan(request: PlanRequest): Plan {
  const { tasks, speeds, evaluations, rounds, budget, headPasses = 0, besides = '' } = request;
  const { baselines, devPass, testPass, heads, seconds } = estimate(request);
  let times = evaluations;
  let share = 1;
  const notes = tasks.flatMap((task) => task.notes);
  if (budget !== undefined && seconds(1, times) > budget) {
    while (times > 1 && seconds(0.5, times) > budget) times--;
    // Training time is monotonic in the share: halve the interval until it is narrow.
    let [low, high] = [0, 1];
    for (let i = 0; i < 30; i++) {
      share = (low + high) / 2;
      if (seconds(share, times) > budget) high = share;
      else low = share;
    }
    share = low;
    if (seconds(0, times) > budget) {
      throw new FieldcraftError('FC_CONFIG', {
        what: 'the time budget is too short for this run',
        where: '--time-budget',
        expected: `at least ${Math.ceil(seconds(0, times))} s: ${leastUpdates} updates a task and one pass over the dev and test parts`,
        got: `${Math.floor(budget)} s`,
        fix: 'give more time, fewer --tasks, fewer --seeds or --profile quick',
      });
    }
    notes.push(
      `The time budget leaves ${Math.round(share * 100)} % of the profile’s updates and ${times} of its ${evaluations} evaluations.`,
    );
  }
  const planned = tasks.map((task) => ({
    name: task.name,
    updates: updatesAt(task, share),
    updatesPerEpoch: task.updatesPerEpoch,
    batchWindows: task.batchWindows,
    devExamples: task.devExamples,
    testWindows: task.testWindows,
  }));
  const total = planned.reduce((sum, { updates }) => sum + updates, 0);
  const each = rounds > 1 ? ` x ${rounds}` : '';
  return {
    version: 1,
    tasks: planned,
    evaluateEvery: Math.max(1, Math.ceil(total / times)),
    trainingSpeed: speeds.training,
    predictionSpeed: speeds.prediction,
    steps: [
      ...(headPasses === 0
        ? []
        : [{ name: 'heads first', amount: `${headPasses} passes${each}`, seconds: rounds * heads }]),
      ...tasks.map((task, i) => {
        const { updates } = planned[i] as (typeof planned)[number];
        const epochs = (updates / task.updatesPerEpoch).toFixed(1);
        return {
          name: `train ${task.name}`,
          amount: `${updates} updates, ${epochs} epochs${each}${besides}`,
          seconds: (rounds * updates * task.tokensPerUpdate) / speeds.training,
        };
      }),
      { name: 'score dev parts', amount: `${times + 1} passes${each}`, seconds: rounds * (times + 1) * devPass },
      { name: 'score test parts', amount: `1 pass${each}`, seconds: rounds * testPass },
      { name: 'baselines, export, report', amount: '', seconds: baselines + fixedSeconds },
    ],
    totalSeconds: seconds(share, times),
    notes,
  };
}

/** What a run takes: `seconds` with a share of its updates and so many evaluations a round. */
function estimate({ tasks, speeds, rounds, headPasses = 0 }: PlanRequest) {
  const training = (share: number) =>
    tasks.reduce((sum, task) => sum + (updatesAt(task, share) * task.tokensPerUpdate) / speeds.training, 0);
  const pass = (tokens: number) => (tokens === 0 || speeds.prediction === 0 ? 0 : tokens / speeds.prediction);
  const devPass = pass(tasks.reduce((sum, task) => sum + task.devTokens, 0));
  const testPass = pass(tasks.reduce((sum, task) => sum + task.testTokens, 0));
  const baselines = tasks.reduce((sum, task) => sum + task.baselineSeconds, 0);
  const epoch = tasks.reduce((sum, task) => sum + task.tokensPerUpdate * task.updatesPerEpoch, 0);
  const heads = headPasses === 0 ? 0 : pass(epoch) * (1 + headPasses * headShare);
  const seconds = (share: number, times: number) =>
    fixedSeconds + baselines + rounds * (heads + training(share) + (times + 1) * devPass + testPass);
  return { baselines, devPass, testPass, heads, seconds };
}

/**
 * The plans of several stages, shortened to one budget where there is one: each has the least that it needs, and of the rest a share as large as
 * what it would take without a budget.
 * @throws as `makePlan`, for the first that would not fit
 */
export function makePlans(requests: readonly PlanRequest[], budget: number | undefined): Plan[] {
  if (budget === undefined) return requests.map(makePlan);
  const least = requests.map((request) => estimate(request).seconds(0, 1));
  const more = requests.map((request, i) => estimate(request).seconds(1, request.evaluations) - (least[i] as number));
  const add = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  // A hair more than the least, which rounding must not take away.
  const part = Math.min(1, (budget - add(least)) / Math.max(1e-9, add(more)));
  return requests.map((request, i) =>
    makePlan({ ...request, budget: (least[i] as number) + part * (more[i] as number) + 1e-6 }),
  );
}

const updatesAt = (task: TaskSize, share: number): number =>
  Math.max(Math.min(leastUpdates, task.updates), Math.floor(task.updates * share));
