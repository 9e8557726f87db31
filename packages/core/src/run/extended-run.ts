/** A finished run that heads are added to: its encoder and its heads stay as they are, and the new run has all of them. */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadModelFolder, modelFileName, type LoadedModel } from '../export/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { loadReport, type RunReport } from '../report/index.js';
import { wantedBase, withDropout, type Base, type PreferredBases } from './base.js';
import { predictionsFile } from './kept-predictions.js';
import type { TrainOptions } from './options.js';
import { readConfig } from './saved-config.js';

export interface ExtendedRun {
  readonly folder: string;
  readonly model: LoadedModel;
  readonly report: RunReport;
  /** Of each of its tasks: a hash over its examples. */
  readonly data: Readonly<Record<string, string>>;
}

/**
 * Opens the run that `addTo` names.
 * @param offered the tasks that there are to add.
 * @throws FieldcraftError FC_NOT_FOUND or FC_RUN_FOLDER for a folder that is no finished run; FC_CONFIG for a task that the run has, for another
 * base than the run's, and for options that make no sense with it; FC_LICENCE; FC_TOKENIZER where its tokenizer is not the one that it was trained with.
 */
export function openExtendedRun(
  options: TrainOptions,
  { offered, preferred }: { offered: readonly string[]; preferred: PreferredBases },
): ExtendedRun | undefined {
  const { addTo: folder, compareSingle, licence } = options;
  if (folder === undefined) return undefined;
  if (!existsSync(join(folder, 'report.json')) || !existsSync(join(folder, 'model', modelFileName))) {
    const begun = existsSync(join(folder, 'config.json'));
    throw new FieldcraftError(begun ? 'FC_RUN_FOLDER' : 'FC_NOT_FOUND', {
      what: begun ? 'the run to add to is not finished' : 'there is no run to add to',
      where: folder,
      fix: begun
        ? `go on with it first: fieldcraft train --resume --out ${folder}`
        : 'name the folder of a finished run, such as runs/legal/latest',
    });
  }
  const report = loadReport(join(folder, 'report.json'));
  const base = wantedBase(options, preferred);
  if (options.base !== undefined && base !== report.base.id) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a head is added to the encoder that the run has, not to another base',
      where: '--base',
      expected: report.base.id,
      got: base,
      fix: 'leave --base out, or train all tasks anew on that base',
    });
  }
  if (compareSingle) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'heads that are added share nothing that learns, so that there is nothing to compare',
      where: '--compare-single with --add-to',
      fix: 'leave --compare-single out',
    });
  }
  const closed = report.licences.filter(({ commercial }) => commercial !== true);
  if (licence === 'commercial' && closed.length > 0) {
    throw new FieldcraftError('FC_LICENCE', {
      what: 'the run to add to may not be used commercially, or its licences are not known',
      where: folder,
      got: closed.map(({ of, name }) => `${of} (${name})`).join(', '),
      fix: 'train a run with --licence commercial first',
    });
  }
  const model = loadModelFolder(join(folder, 'model'));
  assertNewTasks(folder, { known: model.tasks.map(({ name }) => name), offered, named: options.tasks !== undefined });
  return { folder, model, report, data: readConfig(folder)?.data ?? {} };
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
