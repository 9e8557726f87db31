/** Where a run's tasks come from: a vertical of the workspace, or the user's own files. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FieldcraftError } from '../foundation/index.js';
import {
  findDataCard,
  loadDataset,
  loadFiles,
  suggestNames,
  type AnyDataset,
  type FileOptions,
} from '../data/index.js';
import type { LossOptions, TaskDefinition, Vertical } from '../tasks/index.js';
import type { RunEvent } from './events.js';
import type { TrainOptions } from './options.js';

/** A task's data and settings, before anything is tokenised. */
export interface SourceTask {
  readonly name: string;
  readonly dataset: AnyDataset;
  readonly loss: LossOptions | undefined;
  readonly maxLength: number | undefined;
  /** Path of a list of labelled passages on which false alarms are counted. */
  readonly falseAlarms: string | undefined;
}

export interface LoadedVertical {
  readonly vertical: Vertical;
  /** The package's folder: samples and evaluation lists lie in it. */
  readonly folder: string;
}

/** Imports a vertical's module. @throws FieldcraftError FC_NOT_FOUND if it exports no vertical */
export async function loadVertical(module: string): Promise<LoadedVertical> {
  const loaded = (await import(module)) as { default?: Vertical };
  if (!loaded.default?.tasks) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: 'a module exports no vertical',
      where: module,
      expected: '`export default defineVertical({ ... })`',
    });
  }
  let folder = dirname(fileURLToPath(module));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return { vertical: loaded.default, folder };
}

/** Loads every task's data. Tasks whose licence is refused are left out, with a note. */
export async function loadSources(
  options: TrainOptions,
  source: LoadedVertical | undefined,
  { cards, emit }: { cards: string; emit: (event: RunEvent) => void },
): Promise<SourceTask[]> {
  if (!source) return [await loadOwnFiles(options)];
  const chosen = chooseTasks(source.vertical, options.tasks);
  const loaded: SourceTask[] = [];
  for (const [name, definition] of chosen) {
    const card = findDataCard(definition.data, cards);
    if (options.licence === 'commercial' && card.licence.commercial !== true) {
      emit({
        kind: 'note',
        level: 'warning',
        text: `${name} is left out: the licence of ${card.name} (${card.licence.name}) does not permit commercial use`,
      });
      continue;
    }
    emit({ kind: 'phase', phase: `reading ${card.name}` });
    const dataset = await loadDataset(card, {
      download: true,
      ...(definition.samples === undefined
        ? {}
        : { samples: { folder: join(source.folder, 'samples'), name: definition.samples } }),
      onProgress: ({ file, bytesDone, bytes }) => emit({ kind: 'download', file, received: bytesDone, total: bytes }),
    });
    loaded.push({
      name,
      dataset,
      loss: lossOf(definition.loss, options),
      maxLength: definition.maxLength,
      falseAlarms:
        definition.kind === 'multi-label' && definition.falseAlarms !== undefined
          ? join(source.folder, definition.falseAlarms)
          : undefined,
    });
  }
  if (loaded.length > 0) return loaded;
  throw new FieldcraftError('FC_LICENCE', {
    what: 'no task is left whose data permits commercial use',
    where: source.vertical.name,
    fix: 'drop --licence commercial, or train on data of your own',
  });
}

function chooseTasks(vertical: Vertical, names: readonly string[] | undefined): [string, TaskDefinition][] {
  const all = Object.entries(vertical.tasks);
  const unknown = names?.find((name) => !Object.hasOwn(vertical.tasks, name));
  if (unknown !== undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `${vertical.name} has no task ${unknown}`,
      where: '--tasks',
      expected: all.map(([name]) => name).join(', '),
      fix: suggestNames(unknown, Object.keys(vertical.tasks)),
    });
  }
  return all.filter(([name]) => names === undefined || names.includes(name));
}

/** The options of the run come before those of the vertical. */
function lossOf(
  own: LossOptions | undefined,
  { labelSmoothing, focalGamma, classWeights }: TrainOptions,
): LossOptions | undefined {
  const given = {
    ...own,
    ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
    ...(focalGamma === undefined ? {} : { focalGamma }),
    ...(classWeights === undefined ? {} : { classWeights }),
  };
  return Object.keys(given).length === 0 ? undefined : given;
}

async function loadOwnFiles(options: TrainOptions): Promise<SourceTask> {
  const { task: kind, train, dev, test, data, textColumn, labelColumn, groupColumn, dateColumn, seed } = options;
  if (kind === undefined || (train === undefined && data === undefined)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a run needs a vertical, or a task with data',
      expected: '`fieldcraft train legal`, or `fieldcraft train --task classification --data file.csv`',
      got: kind === undefined ? 'neither a vertical nor --task' : '--task without --train or --data',
    });
  }
  const given = { train, dev, test, data, textColumn, labelColumn, groupColumn, dateColumn };
  const files: FileOptions = { kind, seed, ...(dateColumn === undefined ? {} : { splitBy: 'date' }) };
  for (const [key, value] of Object.entries(given)) if (value !== undefined) Object.assign(files, { [key]: value });
  const dataset = await loadFiles(files);
  return { name: kind, dataset, loss: lossOf(undefined, options), maxLength: undefined, falseAlarms: undefined };
}
