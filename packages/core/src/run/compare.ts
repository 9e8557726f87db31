/** Two runs on the same test examples: which differences of their scores are more than chance. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearestNames } from '../data/index.js';
import { modelFileName, readModelFile, resolveRunFolder, type SavedTask } from '../export/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { approximateRandomisation, holm, pairedBootstrap } from '../metrics/index.js';
import { loadReport, type RunComparison, type RunReport, type TaskComparison } from '../report/index.js';
import { createTask, type AnyTask } from '../tasks/index.js';
import { predictionsFile, readPredictions, type KeptPrediction } from './kept-predictions.js';

const resamples = 1000;
/** Of a Holm-corrected p-value. */
const significance = 0.05;

interface OpenedRun {
  readonly folder: string;
  readonly report: RunReport;
  readonly tasks: readonly SavedTask[];
}

/**
 * Compares each task that both runs have by its main score on the test part, of the first seed or fold: the difference `b` - `a` with a
 * paired bootstrap interval, and the p-value of approximate randomisation, 1,000 resamples each; documents are drawn and swapped whole where
 * examples have them. Holm's correction is over the tasks. Tasks that cannot be compared are named with the reason.
 * @throws FieldcraftError FC_NOT_FOUND for a folder that is no run or kept no predictions; FC_RUN_FOLDER for a run that is not finished;
 * FC_CONFIG where no task can be compared; FC_FILE_FORMAT for damaged files
 */
export function compareRuns(a: string, b: string): RunComparison {
  const runs = { a: openRun(a), b: openRun(b) };
  const described = { a: describe(runs.a), b: describe(runs.b) };
  const names = [...new Set([...runs.a.tasks, ...runs.b.tasks].map(({ name }) => name))];
  const attempts = names.map((name) => ({ name, outcome: compareTask(name, runs.a, runs.b) }));
  const notCompared = attempts.flatMap(({ name, outcome }) =>
    typeof outcome === 'string' ? [{ task: name, why: outcome }] : [],
  );
  const compared = attempts.flatMap(({ outcome }) => (typeof outcome === 'string' ? [] : [outcome]));
  if (compared.length === 0) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the two runs have no task that can be compared',
      where: `${runs.a.folder} and ${runs.b.folder}`,
      got: notCompared.map(({ task, why }) => `${task}: ${why}`).join('; '),
    });
  }
  const adjusted = holm(compared.map(({ p }) => p));
  const tasks = compared.map((task, i): TaskComparison => {
    const pAdjusted = adjusted[i]!;
    const better = pAdjusted >= significance ? 'neither' : task.difference > 0 ? 'b' : 'a';
    return { ...task, pAdjusted, better };
  });
  return { ...described, resamples, tasks, notCompared };
}

const describe = ({ folder, report: { run, base } }: OpenedRun): RunComparison['a'] => ({
  folder,
  name: run.name,
  base: base.id,
  profile: run.profile,
});

/** The comparison but for the correction, or why there is none. */
function compareTask(name: string, a: OpenedRun, b: OpenedRun): Omit<TaskComparison, 'pAdjusted' | 'better'> | string {
  const [ofA, ofB] = [sideOf(a, name), sideOf(b, name)];
  if (ofA === undefined) return 'run A does not have it';
  if (ofB === undefined) return 'run B does not have it';
  if (ofA.saved.kind !== ofB.saved.kind) return `it is ${ofA.saved.kind} in A and ${ofB.saved.kind} in B`;
  if (ofA.metric !== ofB.metric) return `its main score is ${ofA.metric} in A and ${ofB.metric} in B`;
  if (sorted(ofA.saved.labels) !== sorted(ofB.saved.labels)) return 'its labels are not the same';
  if (ofA.kept.length !== ofB.kept.length)
    return `its test part has ${ofA.kept.length} examples in A and ${ofB.kept.length} in B`;
  const differing = ofA.kept.find(
    ({ example, gold }, i) => example.id !== ofB.kept[i]!.example.id || gold !== ofB.kept[i]!.gold,
  );
  if (differing)
    return `its test parts hold different examples, or other truths of them, from ${differing.example.id} on`;
  const mismatch = [ofA, ofB].findIndex(({ score, reported }) => Math.abs(score - reported) > 1e-6);
  if (mismatch >= 0)
    return `what run ${mismatch === 0 ? 'A' : 'B'} kept of its predictions does not give the score of its report`;

  const groups = ofA.kept.map(({ example }) => example.group);
  const documents = groups.every((group) => group !== undefined) ? groups : undefined;
  // The systems as the tests order them: b first, so that a gain of b is above zero.
  const options = {
    score: scorerOf(ofB, ofA),
    examples: ofA.kept.length,
    groups: documents,
    resamples,
    seed: 0,
  };
  const { low, high } = pairedBootstrap(options);
  return {
    task: name,
    kind: ofA.saved.kind,
    metric: ofA.metric,
    examples: ofA.kept.length,
    ...(documents && { groups: new Set(documents).size }),
    a: ofA.score,
    b: ofB.score,
    difference: ofB.score - ofA.score,
    interval: [low, high],
    p: approximateRandomisation(options).pValue,
  };
}

const sorted = (labels: readonly string[]): string => JSON.stringify([...labels].sort());

interface Side {
  readonly saved: SavedTask;
  readonly task: AnyTask;
  readonly metric: string;
  readonly kept: readonly KeptPrediction[];
  /** The main score of what was kept, and that of the first round in the report. */
  readonly score: number;
  readonly reported: number;
}

/** @throws FieldcraftError FC_NOT_FOUND for a run that kept no predictions; FC_FILE_FORMAT for predictions that are not of the task's kind */
function sideOf({ folder, report, tasks }: OpenedRun, name: string): Side | undefined {
  const saved = tasks.find((task) => task.name === name);
  if (saved === undefined) return undefined;
  const kept = readPredictions(folder, name);
  if (kept === undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: 'the run did not keep what it predicted on its test part',
      where: predictionsFile(folder, name),
      fix: 'name the run’s own folder below runs/, not its published copy; a run of an earlier version must be trained again',
    });
  }
  const { kind, labels, settings, mainMetric: metric } = saved;
  const task = createTask(kind, { name, labels, settings });
  const reported = report.tasks.find((one) => one.name === name)?.seeds[0]?.test?.metrics[metric] ?? NaN;
  try {
    return { saved, task, metric, kept, score: scoreOf({ task, metric }, kept), reported };
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

const scoreOf = ({ task, metric }: Pick<Side, 'task' | 'metric'>, kept: readonly KeptPrediction[]): number =>
  task.score(...apart(kept)).metrics[metric] ?? NaN;

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
    first.task.intervals(examples, predictions, { seed: 0, samples })[first.metric]?.values;
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

/** @throws FieldcraftError as `compareRuns` */
function openRun(path: string): OpenedRun {
  const folder = findRun(path);
  const model = join(folder, 'model');
  if (existsSync(join(folder, 'report.json')) && existsSync(join(model, modelFileName)))
    return { folder, report: loadReport(join(folder, 'report.json')), tasks: readModelFile(model).tasks };
  if (existsSync(join(folder, 'config.json')) && !existsSync(join(folder, modelFileName))) {
    throw new FieldcraftError('FC_RUN_FOLDER', {
      what: 'the run is not finished',
      where: folder,
      fix: `go on with it: fieldcraft train --resume --out ${path}`,
    });
  }
  const latest = existsSync(join(folder, 'latest')) ? `did you mean "${join(path, 'latest')}"?` : undefined;
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'the folder is no run',
    where: path,
    expected: 'a folder with report.json and predictions, such as runs/legal/latest',
    ...(latest === undefined ? {} : { fix: latest }),
  });
}

/** The folder that a path means; where there is nothing, with the names beside it that are most like it. */
function findRun(path: string): string {
  try {
    const folder = resolveRunFolder(path);
    if (existsSync(folder)) return folder;
  } catch (error) {
    if (!(error instanceof FieldcraftError)) throw error;
  }
  const parent = dirname(path);
  const near = existsSync(parent) ? nearestNames(basename(path), readdirSync(parent)) : [];
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'there is no such run folder',
    where: path,
    fix:
      near.length === 0
        ? 'train first, or name another folder'
        : `did you mean ${near.map((name) => `"${join(parent, name)}"`).join(' or ')}?`,
  });
}
