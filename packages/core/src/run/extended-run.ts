/** A finished run that heads are added to: its encoder and its heads stay as they are, and the new run has all of them. */
import { cpSync, existsSync } from 'node:fs';
import { FieldcraftError } from '../foundation/index.js';
import type { RunReport } from '../report/index.js';
import { wantedBase, withDropout, type Base, type PreferredBases } from './base.js';
import { assertSameBase, openFinishedRun, type FinishedRun } from './finished-run.js';
import { predictionsFile } from './kept-predictions.js';
import type { TrainOptions } from './options.js';

export type ExtendedRun = FinishedRun;

/**
 * Opens the run that `addTo` names.
 * @param offered the tasks that there are to add.
 * @throws FieldcraftError FC_CONFIG for a task that the run has, for another base than the run's, and for options that make no sense with it; as
 * `openFinishedRun`.
 */
export function openExtendedRun(
  options: TrainOptions,
  { offered, preferred }: { offered: readonly string[]; preferred: PreferredBases },
): ExtendedRun | undefined {
  const { addTo: folder, compareSingle, licence } = options;
  if (folder === undefined) return undefined;
  if (compareSingle) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'heads that are added share nothing that learns, so that there is nothing to compare',
      where: '--compare-single with --add-to',
      fix: 'leave --compare-single out',
    });
  }
  const run = openFinishedRun(folder, { purpose: 'the run to add to', licence });
  assertSameBase(options, wantedBase(options, preferred), run);
  const known = run.model.tasks.map(({ name }) => name);
  assertNewTasks(folder, { known, offered, named: options.tasks !== undefined });
  return run;
}

function assertNewTasks(
  where: string,
  { known, offered, named }: { known: readonly string[]; offered: readonly string[]; named: boolean },
): void {
  const there = offered.filter((name) => known.includes(name));
  if (there.length === 0) return;
  const others = offered.filter((name) => !known.includes(name));
  throw new FieldcraftError('FC_CONFIG', {
    what: `the run already has a head for ${there.join(', ')}`,
    where,
    fix:
      others.length > 0 && !named
        ? `name the tasks to add with --tasks: ${others.join(', ')}`
        : 'give the new task another name, with --task-name for files of your own, or train anew',
  });
}

/** What the run was trained from, with the encoder that came of it. */
export function baseOfRun({ model, report }: ExtendedRun, { dropout }: Pick<TrainOptions, 'dropout'>): Base {
  const { id, source, revision } = report.base;
  const { tokenizer } = model;
  return { id, source, revision, folder: undefined, config: withDropout(model.config, dropout), tokenizer };
}

/** A report that has the tasks of the run before those that were added. */
export function joinReports({ folder, report: before }: ExtendedRun, added: RunReport): RunReport {
  const kept = before.tasks.map(({ name }) => name);
  const licences = new Map([...before.licences, ...added.licences].map((licence) => [licence.of, licence]));
  const note = `The encoder and the heads of ${kept.join(', ')} are those of the run ${folder}, unchanged; their figures are from its report.`;
  return {
    ...added,
    base: before.base,
    ...(before.curriculum ? { curriculum: before.curriculum } : {}),
    profileNotes: [note, ...added.profileNotes],
    tasks: [...before.tasks, ...added.tasks],
    licences: [...licences.values()],
    warnings: [...new Set([...before.warnings, ...added.warnings])],
  };
}

/** Keeps what the run predicted beside what the new heads did, so that both can be compared. */
export function copyPredictions({ folder, model }: ExtendedRun, to: string): void {
  for (const { name } of model.tasks) {
    const from = predictionsFile(folder, name);
    if (existsSync(from)) cpSync(from, predictionsFile(to, name));
  }
}
