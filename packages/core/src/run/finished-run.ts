/** A finished run that another one stands on: heads are added to it, or a student learns from it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadModelFolder, modelFileName, type LoadedModel } from '../export/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { loadReport, type RunReport } from '../report/index.js';
import type { TrainOptions } from './options.js';
import { readConfig } from './saved-config.js';

export interface FinishedRun {
  readonly folder: string;
  readonly model: LoadedModel;
  readonly report: RunReport;
  /** Of each of its tasks: a hash over its examples. */
  readonly data: Readonly<Record<string, string>>;
}

/**
 * @param purpose what the run is to the new one, such as `the run to add to`.
 * @throws FieldcraftError FC_NOT_FOUND or FC_RUN_FOLDER for a folder that is no finished run; FC_LICENCE where it may not be used as the new run
 * asks; FC_TOKENIZER where its tokenizer is not the one that it was trained with.
 */
export function openFinishedRun(
  folder: string,
  { purpose, licence }: { purpose: string } & Pick<TrainOptions, 'licence'>,
): FinishedRun {
  if (!existsSync(join(folder, 'report.json')) || !existsSync(join(folder, 'model', modelFileName))) {
    const begun = existsSync(join(folder, 'config.json'));
    throw new FieldcraftError(begun ? 'FC_RUN_FOLDER' : 'FC_NOT_FOUND', {
      what: begun ? `${purpose} is not finished` : `${purpose} is not there`,
      where: folder,
      fix: begun
        ? `go on with it first: fieldcraft train --resume --out ${folder}`
        : 'name the folder of a finished run, such as runs/legal/latest',
    });
  }
  const report = loadReport(join(folder, 'report.json'));
  const closed = report.licences.filter(({ commercial }) => commercial !== true);
  if (licence === 'commercial' && closed.length > 0) {
    throw new FieldcraftError('FC_LICENCE', {
      what: `${purpose} may not be used commercially, or its licences are not known`,
      where: folder,
      got: closed.map(({ of, name }) => `${of} (${name})`).join(', '),
      fix: 'train a run with --licence commercial first',
    });
  }
  return { folder, model: loadModelFolder(join(folder, 'model')), report, data: readConfig(folder)?.data ?? {} };
}

/** @throws FieldcraftError FC_CONFIG where options name another base than the run has */
export function assertSameBase(options: Pick<TrainOptions, 'base'>, base: string, run: FinishedRun): void {
  if (options.base === undefined || base === run.report.base.id) return;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'the new run has the encoder of the finished one, not another base',
    where: '--base',
    expected: run.report.base.id,
    got: base,
    fix: 'leave --base out, or train all tasks anew on that base',
  });
}
