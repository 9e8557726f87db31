/** Two runs on the same test examples: which differences of their scores are more than chance. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearestNames } from '../data/index.js';
import { modelFileName, readModelFile, resolveRunFolder, type SavedTask } from '../export/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { loadReport, type RunComparison, type RunReport } from '../report/index.js';
import { differenceOf, judge, openSide, resamples, type Difference, type Side } from './compare-kept.js';

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
  return { ...described, resamples, tasks: judge(compared), notCompared };
}

const describe = ({ folder, report: { run, base } }: OpenedRun): RunComparison['a'] => ({
  folder,
  name: run.name,
  base: base.id,
  profile: run.profile,
});

/** The difference of one task, or why there is none. */
function compareTask(name: string, a: OpenedRun, b: OpenedRun): Difference | string {
  const [ofA, ofB] = [sideOf(a, name), sideOf(b, name)];
  if (ofA === undefined) return 'run A does not have it';
  if (ofB === undefined) return 'run B does not have it';
  return differenceOf(ofA, ofB);
}

function sideOf({ folder, report, tasks }: OpenedRun, name: string): Side | undefined {
  const saved = tasks.find((task) => task.name === name);
  if (saved === undefined) return undefined;
  const reported = report.tasks.find((one) => one.name === name)?.seeds[0]?.test?.metrics[saved.mainMetric] ?? NaN;
  return openSide(folder, saved, reported);
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
