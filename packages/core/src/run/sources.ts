/** Where a run's tasks come from: a vertical of the workspace, or the user's own files. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveDataset } from '../checkpoint/index.js';
import { FieldcraftError, sha256 } from '../foundation/index.js';
import {
  findDataCard,
  loadDataset,
  loadFiles,
  suggestNames,
  type AnyDataset,
  type DataCard,
  type Example,
  type FileOptions,
  type Licence,
  type TaskKind,
} from '../data/index.js';
import { settingsOf, type LossOptions, type TaskDefinition, type TaskSettings, type Vertical } from '../tasks/index.js';
import type { RunEvent } from './events.js';
import { addExtraData, extraFiles, type ExtraData } from './extra-data.js';
import type { TrainOptions } from './options.js';
import { canDownload } from './reachable.js';

/** A task's data and settings, before anything is tokenised. */
export interface SourceTask {
  readonly name: string;
  readonly dataset: AnyDataset;
  readonly loss: LossOptions | undefined;
  readonly settings?: TaskSettings;
  readonly maxLength: number | undefined;
  readonly weight?: number | undefined;
  /** What of a file of one's own joined its training part. */
  readonly extra?: ExtraData | undefined;
  /** Path of a list of labelled passages on which false alarms are counted. */
  readonly falseAlarms: string | undefined;
}

/** The names of the tasks that a run is asked for, before any data is looked at. */
export function namesOfTasks(options: TrainOptions, source: LoadedVertical | undefined): string[] {
  if (source) return chooseTasks(source.vertical, options.tasks).map(([name]) => name);
  return [options.taskName ?? options.task ?? ''];
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

/**
 * Loads every task's data. A task whose licence is refused is left out with a warning, and so is one whose data cannot be had, unless the
 * options name it.
 * @throws FieldcraftError FC_LICENCE or FC_NOT_FOUND if no task is left; as `loadDataset` for a task that was named; the reason of `signal`.
 */
export async function loadSources(
  options: TrainOptions,
  source: LoadedVertical | undefined,
  { cards, emit, signal }: LoadHooks,
): Promise<SourceTask[]> {
  if (!source) return withExtra([await loadOwnFiles(options)], options, emit);
  extraFiles(options.extraData ?? [], Object.keys(source.vertical.tasks));
  const { folder } = source;
  const mustHave = options.tasks !== undefined;
  const loaded: SourceTask[] = [];
  let missing: FieldcraftError | undefined;
  for (const [name, definition] of chooseTasks(source.vertical, options.tasks)) {
    const leaveOut = (why: string) => emit({ kind: 'note', level: 'warning', text: `${name} is left out: ${why}` });
    const refused = refusedTask(definition, options, cards);
    if (refused !== undefined) {
      leaveOut(refused);
      continue;
    }
    try {
      loaded.push(await loadTask(name, definition, { options, folder, mustHave, cards, emit, signal }));
    } catch (error) {
      if (mustHave || !cannotBeHad(error)) throw error;
      missing = error;
      leaveOut(whyMissing(error));
    }
  }
  if (loaded.length > 0) return withExtra(loaded, options, emit);
  if (missing) throw missing;
  throw new FieldcraftError('FC_LICENCE', {
    what: 'no task is left whose data permits commercial use',
    where: source.vertical.name,
    fix: 'drop --licence commercial, or train on data of your own',
  });
}

export interface LoadHooks {
  /** Folder of the data cards. */
  readonly cards: string;
  readonly emit: (event: RunEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface TaskRequest extends LoadHooks {
  readonly options: TrainOptions;
  /** The vertical's package. */
  readonly folder: string;
  /** Whether the options name the task: then a download is tried whatever it takes. */
  readonly mustHave: boolean;
}

/** Loads one task's data. @throws FieldcraftError as `loadDataset`; the reason of `signal` */
export async function loadTask(
  name: string,
  definition: TaskDefinition,
  { options, folder, mustHave, cards, emit, signal }: TaskRequest,
): Promise<SourceTask> {
  const card = findDataCard(definition.data, cards);
  emit({ kind: 'phase', phase: `reading ${card.name}` });
  signal?.throwIfAborted();
  const download =
    refusedLicence(card, options) === undefined &&
    !isHere(card) &&
    (await mayDownload(card, { mustHave: mustHave && definition.samples === undefined }));
  const split = options.split === 'published' ? 'published' : 'cleaned';
  const dataset = await loadCard(card, { definition, folder, download, split, emit, signal });
  return { name, dataset, ...optionsOf(definition, options, folder) };
}

/** Why what stands under this licence is not to be learnt from; undefined where it may. */
export function refusedLicence(
  { name, licence }: { readonly name: string; readonly licence: Licence },
  { licence: wanted }: Pick<TrainOptions, 'licence'>,
): string | undefined {
  if (wanted !== 'commercial' || licence.commercial === true) return undefined;
  return licence.commercial === false
    ? `the licence of ${name} (${licence.name}) does not permit commercial use`
    : `it is not known that the licence of ${name} (${licence.name}) permits commercial use`;
}

/** The same of a task. Its samples, of our own words, stand under a licence of their own: they are taken where the data is not here. */
export function refusedTask(
  { data, samples }: Pick<TaskDefinition, 'data' | 'samples'>,
  options: Pick<TrainOptions, 'licence'>,
  cards: string,
): string | undefined {
  const card = findDataCard(data, cards);
  const refused = refusedLicence(card, options);
  return refused !== undefined && (samples === undefined || isHere(card)) ? refused : undefined;
}

/** Whether data is nowhere to be had, as against damaged. */
export const cannotBeHad = (error: unknown): error is FieldcraftError =>
  error instanceof FieldcraftError && (error.code === 'FC_NOT_FOUND' || error.code === 'FC_DOWNLOAD');

/** What is said of that in a line. */
export const whyMissing = ({ parts: { what, fix, where } }: FieldcraftError): string =>
  [what, fix ?? where].filter((part) => part !== undefined).join('; ');

/** Examples of one's own join those of the tasks that they are for. */
async function withExtra(
  sources: readonly SourceTask[],
  { extraData = [] }: TrainOptions,
  emit: (event: RunEvent) => void,
): Promise<SourceTask[]> {
  const known = sources.map(({ name }) => name);
  const entries = extraData.filter((entry) => known.some((name) => entry.startsWith(`${name}=`)));
  for (const entry of extraData.filter((one) => !entries.includes(one)))
    emit({ kind: 'note', level: 'warning', text: `extra data is not used, since its task is not trained: ${entry}` });
  const files = extraFiles(entries, known);
  return Promise.all(
    sources.map(async (source) => {
      const file = files.get(source.name);
      return file === undefined ? source : { ...source, ...(await addExtraData(source.dataset, file)) };
    }),
  );
}

const isHere = ({ field, folder }: DataCard): boolean => resolveDataset({ field, name: folder }) !== undefined;

/** Without a network every download would be tried several times before the samples are taken: then the server is asked first. */
async function mayDownload(card: DataCard, { mustHave }: { mustHave: boolean }): Promise<boolean> {
  if (!mustHave) return canDownload(card);
  return process.env['HF_HUB_OFFLINE'] !== '1' && card.download !== undefined;
}

/** The data of a card: on this machine, downloaded, or where neither is possible the vertical's own samples. */
async function loadCard(
  card: DataCard,
  { definition: { samples }, folder, download, split, emit, signal }: CardPlace,
): Promise<AnyDataset> {
  return loadDataset(card, {
    ...{ download, split },
    ...(signal === undefined ? {} : { signal }),
    ...(samples === undefined ? {} : { samples: { folder: join(folder, 'samples'), name: samples } }),
    onProgress: ({ file, bytesDone, bytes }) => emit({ kind: 'download', file, received: bytesDone, total: bytes }),
  });
}

interface CardPlace {
  readonly definition: TaskDefinition;
  /** The vertical's package. */
  readonly folder: string;
  readonly download: boolean;
  readonly split: 'cleaned' | 'published';
  readonly emit: (event: RunEvent) => void;
  readonly signal: AbortSignal | undefined;
}

function optionsOf(
  definition: TaskDefinition,
  options: TrainOptions,
  folder: string,
): Omit<SourceTask, 'name' | 'dataset'> {
  return {
    loss: lossOf(definition.loss, options),
    settings: settingsOf(definition),
    maxLength: definition.maxLength,
    weight: definition.weight,
    falseAlarms:
      definition.kind === 'multi-label' && definition.falseAlarms !== undefined
        ? join(folder, definition.falseAlarms)
        : undefined,
  };
}

function chooseTasks(vertical: Vertical, names: readonly string[] | undefined): [string, TaskDefinition][] {
  const unknown = names?.find((name) => !Object.hasOwn(vertical.tasks, name));
  if (unknown !== undefined) throw noSuchTask(vertical, unknown, '--tasks');
  return Object.entries(vertical.tasks).filter(([name, { byDefault = true }]) =>
    names === undefined ? byDefault : names.includes(name),
  );
}

/** @param where the option that names it */
export function noSuchTask({ name, tasks }: Vertical, task: string, where: string): FieldcraftError {
  const names = Object.keys(tasks);
  return new FieldcraftError('FC_NOT_FOUND', {
    what: `${name} has no task ${task}`,
    where,
    expected: names.join(', '),
    fix: suggestNames(task, names),
  });
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
  const { task: kind, train, dev, test, data } = options;
  if (kind === undefined || (train === undefined && data === undefined)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a run needs a vertical, or a task with data',
      expected: '`fieldcraft train legal`, or `fieldcraft train --task classification --data file.csv`',
      got: kind === undefined ? 'neither a vertical nor --task' : '--task without --train or --data',
    });
  }
  const dataset = await readOwn(kind, { train, dev, test, data, ...columnsOf(options) });
  const settings = settingsOf(options);
  return { ...plainTask(options.taskName ?? kind, dataset), settings, loss: lossOf(undefined, options) };
}

/**
 * A task on one file that is divided. Where it is of the run's own kind, the columns that the options name are its too.
 * @throws FieldcraftError as `loadFiles`
 */
export async function loadOwnTask(
  { name, kind, data }: { readonly name: string; readonly kind: TaskKind; readonly data: string },
  options: TrainOptions,
): Promise<SourceTask> {
  return plainTask(name, await readOwn(kind, { data, ...(kind === options.task ? columnsOf(options) : {}) }));
}

const plainTask = (name: string, dataset: AnyDataset): SourceTask => ({
  ...{ name, dataset },
  ...{ loss: undefined, maxLength: undefined, falseAlarms: undefined },
});

const columnsOf = ({ textColumn, secondColumn, labelColumn, groupColumn, dateColumn }: TrainOptions) => ({
  ...{ textColumn, secondColumn, labelColumn, groupColumn, dateColumn },
});

/** Not divided by the training seed: seeds are compared on the same parts. */
function readOwn(
  kind: TaskKind,
  given: Pick<TrainOptions, 'train' | 'dev' | 'test' | 'data'> & Partial<ReturnType<typeof columnsOf>>,
): Promise<AnyDataset> {
  const files: FileOptions = { kind, seed: 0, ...(given.dateColumn === undefined ? {} : { splitBy: 'date' }) };
  for (const [key, value] of Object.entries(given)) if (value !== undefined) Object.assign(files, { [key]: value });
  return loadFiles(files);
}

/** A hash over all examples and their parts: a resumed run must see the data that it began with. */
export function fingerprint({ splits }: AnyDataset): string {
  const hashOf = (part: readonly Example[]) => sha256(part.map((example) => sha256(JSON.stringify(example))).join());
  return sha256([splits.train, splits.dev, splits.test].map(hashOf).join());
}
