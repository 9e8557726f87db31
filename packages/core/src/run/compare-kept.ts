/** Kept predictions of one task against those of another training on the same test examples: the difference, and whether it is more than chance. */
import { FieldcraftError } from '../foundation/index.js';
import type { SavedTask } from '../export/index.js';
import { approximateRandomisation, holm, pairedBootstrap } from '../metrics/index.js';
import type { TaskComparison } from '../report/index.js';
import { createTask, type AnyTask } from '../tasks/index.js';
import { predictionsFile, readPredictions, type KeptPrediction } from './kept-predictions.js';

/** Drawn and swapped test sets, each. */
export const resamples = 1000;
/** Of a Holm-corrected p-value. */
const significance = 0.05;

/** What one training kept of a task. */
export interface Side {
  readonly saved: ComparableTask;
  readonly task: AnyTask;
  readonly kept: readonly KeptPrediction[];
  /** The main score of what was kept, and that of the first round in the report. */
  readonly score: number;
  readonly reported: number;
}

export type ComparableTask = Pick<SavedTask, 'name' | 'kind' | 'settings' | 'mainMetric'> & {
  readonly labels: readonly string[];
};

export type Difference = Omit<TaskComparison, 'pAdjusted' | 'better'>;

/**
 * The predictions that lie in a folder.
 * @param reported the main score that they are said to have.
 * @throws FieldcraftError FC_NOT_FOUND for a run that kept no predictions; FC_FILE_FORMAT for predictions that are not of the task's kind
 */
export function openSide(folder: string, saved: ComparableTask, reported: number): Side {
  const { name, kind, labels, settings } = saved;
  const kept = readPredictions(folder, name);
  if (kept === undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: 'the run did not keep what it predicted on its test part',
      where: predictionsFile(folder, name),
      fix: 'name the run’s own folder below runs/, not its published copy; a run of an earlier version must be trained again',
    });
  }
  const task = createTask(kind, { name, labels, settings });
  try {
    return { saved, task, kept, score: scoreOf({ saved, task }, kept), reported };
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'the kept predictions of a run cannot be scored',
      where: predictionsFile(folder, name),
      expected: `predictions of the kind ${kind}`,
      fix: 'train again',
      cause,
    });
  }
}

/** The difference `b` - `a` but for the correction over several tasks, or why there is none. */
export function differenceOf(a: Side, b: Side): Difference | string {
  if (a.saved.kind !== b.saved.kind) return `it is ${a.saved.kind} in A and ${b.saved.kind} in B`;
  const metric = a.saved.mainMetric;
  if (metric !== b.saved.mainMetric) return `its main score is ${metric} in A and ${b.saved.mainMetric} in B`;
  if (sorted(a.saved.labels) !== sorted(b.saved.labels)) return 'its labels are not the same';
  if (a.kept.length !== b.kept.length)
    return `its test part has ${a.kept.length} examples in A and ${b.kept.length} in B`;
  const differing = a.kept.find(
    ({ example, gold }, i) => example.id !== b.kept[i]!.example.id || gold !== b.kept[i]!.gold,
  );
  if (differing)
    return `its test parts hold different examples, or other truths of them, from ${differing.example.id} on`;
  const mismatch = [a, b].findIndex(({ score, reported }) => Math.abs(score - reported) > 1e-6);
  if (mismatch >= 0)
    return `what run ${mismatch === 0 ? 'A' : 'B'} kept of its predictions does not give the score of its report`;

  const groups = a.kept.map(({ example }) => example.group);
  const documents = groups.every((group) => group !== undefined) ? groups : undefined;
  // The systems as the tests order them: b first, so that a gain of b is above zero.
  const options = { score: scorerOf(b, a), examples: a.kept.length, groups: documents, resamples, seed: 0 };
  const { low, high } = pairedBootstrap(options);
  return {
    task: a.saved.name,
    kind: a.saved.kind,
    metric,
    examples: a.kept.length,
    ...(documents && { groups: new Set(documents).size }),
    a: a.score,
    b: b.score,
    difference: b.score - a.score,
    interval: [low, high],
    p: approximateRandomisation(options).pValue,
  };
}

/** Differences with Holm's correction over all of them, and which side it calls better. */
export function judge(differences: readonly Difference[]): TaskComparison[] {
  const adjusted = holm(differences.map(({ p }) => p));
  return differences.map((task, i) => {
    const pAdjusted = adjusted[i]!;
    const better = pAdjusted >= significance ? 'neither' : task.difference > 0 ? 'b' : 'a';
    return { ...task, pAdjusted, better };
  });
}

const sorted = (labels: readonly string[]): string => JSON.stringify([...labels].sort());

const scoreOf = ({ task, saved }: Pick<Side, 'task' | 'saved'>, kept: readonly KeptPrediction[]): number =>
  task.score(...apart(kept)).metrics[saved.mainMetric] ?? NaN;

const apart = (kept: readonly KeptPrediction[]): Parameters<AnyTask['score']> => [
  kept.map(({ example }) => example),
  kept.map(({ prediction }) => prediction),
];

/**
 * Scores sets of examples as either side answered them. What a task's intervals sum up is fast; a score that is not among them, or that
 * they do not define as the report does, is computed anew for each set.
 */
function scorerOf(first: Side, second: Side): (sets: Iterable<readonly number[]>) => ArrayLike<number> {
  const both = [...first.kept, ...second.kept];
  const [examples, predictions] = apart(both);
  const summed = (samples: Iterable<readonly number[]>) =>
    first.task.intervals(examples, predictions, { seed: 0, samples })[first.saved.mainMetric]?.values;
  const ofFirst = [...first.kept.keys()];
  const [one, other] = summed([ofFirst, ofFirst.map((i) => i + ofFirst.length)]) ?? [];
  const agrees = (value: number | undefined, score: number) => value !== undefined && Math.abs(value - score) < 1e-9;
  if (agrees(one, first.score) && agrees(other, second.score)) return (sets) => summed(sets) ?? [];
  return (sets) =>
    Array.from(sets, (set) =>
      scoreOf(
        first,
        set.map((i) => both[i]!),
      ),
    );
}
