/** What a run trains how often: stages of rounds. A round is one training from the base's weights; the rounds of a stage are averaged. */
import type { AnyDataset, Draw } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import type { TrainOptions } from './options.js';
import { profileTable, shareOf, type Profile } from './profiles.js';

export interface Round {
  readonly seed: number;
  /** A fold of small data, from 0, in place of its parts. */
  readonly fold?: number | undefined;
  /** What is learnt from, drawn with the round's seed; undefined: all. */
  readonly draw?: Draw | undefined;
}

export interface Stage {
  /** Of the stage that the run is for, and whose model it keeps, undefined. */
  readonly name: string | undefined;
  readonly rounds: readonly Round[];
}

/**
 * The stages of a run in the order in which they are trained, the main one last. A size of a learning curve that no task has more examples than is
 * the same as `all`.
 * @throws FieldcraftError FC_CONFIG for draws from data that is cross-validated
 */
export function stagesOf(options: TrainOptions, datasets: readonly AnyDataset[]): Stage[] {
  const { shots, curve } = options;
  const seeds = seedsOf(options);
  const folds = datasets.length === 1 ? datasets[0]?.folds : undefined;
  const drawn = (draw: Draw | undefined): Round[] => seeds.map((seed) => ({ seed, draw }));
  if (folds && (shots !== undefined || curve)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'few examples of few examples cannot be measured: data this small is cross-validated and has no test part',
      where: shots === undefined ? '--curve' : '--shots',
      fix: 'give a test file of its own, with --train and --test',
    });
  }
  if (folds) return [{ name: undefined, rounds: folds.map((_, fold) => ({ seed: firstSeed(options), fold })) }];
  if (curve) {
    const most = Math.max(...datasets.map(({ splits }) => splits.train.length));
    const sizes = curve.map((size) => (size === 'all' || size >= most ? Infinity : size));
    const ascending = [...new Set(sizes)].sort((a, b) => a - b);
    return ascending.map((size, i) => ({
      name: i === ascending.length - 1 ? undefined : `${size}`,
      rounds: drawn(size === Infinity ? undefined : { examples: size }),
    }));
  }
  const main: Stage = { name: undefined, rounds: drawn(shots === undefined ? undefined : { shots }) };
  const differ = options.split === 'both' && datasets.some(({ seen }) => seen !== undefined);
  return differ ? [{ ...main, name: publishedStage }, main] : [main];
}

/** The stage that trains on published splits as they are. */
export const publishedStage = 'published';

/** Whether the rounds of a stage differ by their seed alone: what folds and draws learn from is another for each. */
export const differBySeed = ({ rounds }: Pick<Stage, 'rounds'>): boolean =>
  rounds.length > 1 && rounds.every(({ fold, draw }) => fold === undefined && draw === undefined);

/** The seeds of a run, in order. */
export const seedsOf = ({ seed, seeds, seedList }: TrainOptions): readonly number[] =>
  seedList ?? Array.from({ length: seeds }, (_, i) => seed + i);

/** The seed of what all rounds share. */
export const firstSeed = (options: TrainOptions): number => seedsOf(options)[0] as number;

/** What a stage before the main one is called. */
export const stageName = (name: string): string =>
  name === publishedStage ? 'the split as published' : `${name} examples a task`;

/**
 * The limits of each of a run's `tasks`. A draw is as large as was asked for, whatever the profile; few shots are tested on the whole test
 * part.
 */
export function profileOf(options: Pick<TrainOptions, 'profile'>, tasks: number, draw: Draw | undefined): Profile {
  const profile = profileTable[options.profile];
  if (draw === undefined) return shareOf(profile, tasks);
  const whole = { ...profile, maxExamples: Infinity, maxTokens: Infinity, maxRunTokens: Infinity };
  return 'shots' in draw ? { ...whole, maxDev: Infinity, maxDevWindows: Infinity, maxTestWindows: Infinity } : whole;
}
