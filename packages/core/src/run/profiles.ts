/** Profiles: how much data a run sees and how many updates it makes. */
import type { TaskKind } from '../data/index.js';
import type { TaskSettings } from '../tasks/index.js';
import type { TrainOptions } from './options.js';

export interface Profile {
  /** Passes over the training data. */
  readonly epochs: number;
  /** Small data is repeated until this many updates are made, */
  readonly minUpdates: number;
  /** but at most this often. */
  readonly maxEpochs: number;
  /** Passes in which heads alone learn before the rest does. */
  readonly headPasses: number;
  /** Whether words count beside the encoder. */
  readonly lexical: boolean;
  /** Training examples and tokens of one epoch of a task; other examples are drawn in the next epoch. */
  readonly maxExamples: number;
  readonly maxTokens: number;
  /** Training tokens of the whole run, of which each task has an equal share: it makes as many updates as fit. */
  readonly maxRunTokens: number;
  /** Examples of the dev part that are scored along the way, and their windows. */
  readonly maxDev: number;
  readonly maxDevWindows: number;
  /** Windows of the test part; Infinity scores it whole. */
  readonly maxTestWindows: number;
  /** Evaluations of the dev part in a run. */
  readonly evaluations: number;
  /** Of kinds that read long texts for short ones: how many windows of a text, where the task does not say. */
  readonly windows: Readonly<Partial<Record<TaskKind, Pick<TaskSettings, 'windows' | 'readWindows'>>>>;
}

export const profileTable: Record<TrainOptions['profile'], Profile> = {
  quick: {
    epochs: 1,
    minUpdates: 300,
    maxEpochs: 30,
    headPasses: 10,
    lexical: true,
    maxExamples: 4_000,
    maxTokens: 300_000,
    // A dozen tasks of long texts in well under half an hour on two cores.
    maxRunTokens: 1_100_000,
    maxDev: 250,
    maxDevWindows: 300,
    maxTestWindows: 600,
    evaluations: 1,
    // Of contracts and articles four windows each would leave a share of the tokens a hundred examples.
    windows: { 'pair-classification': { windows: 1 }, 'span-selection': { windows: 2, readWindows: 4 } },
  },
  standard: {
    epochs: 3,
    minUpdates: 1_000,
    maxEpochs: 60,
    headPasses: 0,
    lexical: false,
    maxExamples: Infinity,
    maxTokens: 1_000_000,
    maxRunTokens: Infinity,
    maxDev: 2_000,
    maxDevWindows: Infinity,
    maxTestWindows: Infinity,
    evaluations: 10,
    windows: {},
  },
  thorough: {
    epochs: 5,
    minUpdates: 1_000,
    maxEpochs: 60,
    headPasses: 0,
    lexical: false,
    maxExamples: Infinity,
    maxTokens: Infinity,
    maxRunTokens: Infinity,
    maxDev: Infinity,
    maxDevWindows: Infinity,
    maxTestWindows: Infinity,
    evaluations: 20,
    windows: {},
  },
};

/** What one of so many tasks may use of a profile: no more than its share of the run. */
export function shareOf(profile: Profile, tasks: number): Profile {
  const share = Math.floor(profile.maxRunTokens / tasks);
  return { ...profile, maxRunTokens: share, maxTokens: Math.min(profile.maxTokens, share) };
}

/** Updates that a task should make within its share of a run's tokens. */
const enoughUpdates = 100;

/**
 * The windows of a batch: `batchSize`, but halved, down to a quarter, while the task's share of the run's tokens would be spent in too few updates: an
 * encoder learns next to nothing in a few dozen. Groups of windows that stay together are still met in pairs. `epochs` from the options leave no share
 * to spend.
 */
export function batchWithin(
  { maxRunTokens }: Pick<Profile, 'maxRunTokens'>,
  { batchSize, accumulate, epochs }: Pick<TrainOptions, 'batchSize' | 'accumulate' | 'epochs'>,
  { tokensPerWindow, largestGroup }: { tokensPerWindow: number; largestGroup: number },
): number {
  let size = batchSize;
  const isEnough = () => epochs !== undefined || maxRunTokens >= enoughUpdates * accumulate * size * tokensPerWindow;
  while (!isEnough() && size % 2 === 0 && size > batchSize / 4 && size / 2 >= 2 * largestGroup) size /= 2;
  return size;
}

/**
 * The updates of a task: the profile's epochs, more for small data, but, where `tokensPerUpdate` are told, no more than fit the task's share of the run
 * or one epoch takes; `epochs` from the options replaces all of it.
 */
export function updatesOf(profile: Profile, batchesPerEpoch: number, epochs?: number, tokensPerUpdate = 0): number {
  if (epochs !== undefined) return Math.max(1, Math.round(epochs * batchesPerEpoch));
  // Accumulated batches make an epoch a fraction of updates.
  const wanted = Math.max(
    Math.ceil(profile.epochs * batchesPerEpoch),
    Math.min(profile.minUpdates, Math.ceil(profile.maxEpochs * batchesPerEpoch)),
  );
  const fitting = tokensPerUpdate === 0 ? Infinity : Math.floor(profile.maxRunTokens / tokensPerUpdate);
  return Math.min(wanted, Math.max(Math.ceil(batchesPerEpoch), fitting));
}
