/** The user's own files as a dataset: formats found out, one file divided into parts, small data into folds. */
import { basename } from 'node:path';
import { FieldcraftError } from '../foundation/index.js';
import { assemble, notesOf, partsOf, type Placed } from './assemble.js';
import {
  labelsOf,
  partNames,
  type AnyDataset,
  type Example,
  type Licence,
  type PartName,
  type TaskKind,
} from './examples.js';
import { detectFormat, readFormat, sourceFiles } from './read-format.js';
import type { FormatName } from './readers/index.js';
import type { Tally } from './readers/reader.js';
import {
  crossValidationBelow,
  cutDev,
  defaultShares,
  kFold,
  splitByDate,
  splitByShares,
  type SplitResult,
} from './splits.js';

export interface FileOptions {
  kind: TaskKind;
  /** Files (or brat folders) of the parts; `dev` is cut from `train` where it is missing. */
  train?: string;
  dev?: string;
  test?: string;
  /** One file without parts, divided here; or with a column that says the part. */
  data?: string;
  /** Default: found out from the extension and the content. */
  format?: FormatName;
  textColumn?: string;
  /** The second text, of tasks on pairs. */
  secondColumn?: string;
  labelColumn?: string;
  groupColumn?: string;
  dateColumn?: string;
  partColumn?: string;
  /** More options of the reader. */
  readerOptions?: Record<string, unknown>;
  /** The label set; another label is an error. Default: the labels there are, sorted. */
  labels?: string[];
  /** Divide by `dateColumn` instead of by shares. */
  splitBy?: 'shares' | 'date';
  seed?: number;
  name?: string;
  licence?: Licence;
}

/** @throws FieldcraftError FC_CONFIG for files that do not go together; FC_NOT_FOUND, FC_FILE_FORMAT, FC_DATA while reading */
export async function loadFiles(options: FileOptions): Promise<AnyDataset> {
  const { kind, train, dev, test, data, seed = 0 } = options;
  if ((data === undefined) === (train === undefined)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'give either one file to be divided (data) or a file for train',
      got: data === undefined ? 'neither' : 'both',
      fix: 'for example --data all.csv, or --train a.jsonl --dev b.jsonl --test c.jsonl',
    });
  }
  if (train !== undefined && test === undefined) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the test part is missing: without it nothing honest can be said about the model',
      got: `train${dev === undefined ? '' : ' and dev'} alone`,
      fix: 'give --test, or give one file as --data to have it divided',
    });
  }
  const tally: Tally = new Map();
  const placed: Placed[] = [];
  const paths: [string | undefined, PartName | undefined][] = [
    [data, undefined],
    [train, 'train'],
    [dev, 'dev'],
    [test, 'test'],
  ];
  for (const [path, part] of paths) {
    if (path === undefined) continue;
    // Not spread into one call's arguments: there are more rows in a file than a stack holds.
    for (const one of await readPath(path, part, options, tally)) placed.push(one);
  }
  const examples = placed.map(({ example }) => example);
  const labels = options.labels ?? [...new Set(examples.flatMap((example) => labelsOf(example)))].sort();
  const whole = data !== undefined && options.partColumn === undefined;
  const { splits, rule, folds } = whole ? divideWhole(examples, options, labels) : divideParts(placed, labels, seed);
  return {
    name: options.name ?? basename(data ?? train ?? ''),
    kind,
    splits,
    labels,
    ...(folds === undefined ? {} : { folds }),
    origin: 'files',
    notes: notesOf(tally),
    splitRule: rule,
    licence: options.licence ?? { name: 'the licence of your files', commercial: 'unknown' },
  };
}

async function readPath(
  path: string,
  part: PartName | undefined,
  options: FileOptions,
  tally: Tally,
): Promise<Placed[]> {
  const format = options.format ?? (await detectFormat(path, options.kind));
  const columns = {
    text: options.textColumn,
    second: options.secondColumn,
    label: options.labelColumn,
    group: options.groupColumn,
    date: options.dateColumn,
    part: options.partColumn,
  };
  const given = Object.fromEntries(Object.entries(columns).filter(([, column]) => column !== undefined));
  const files = sourceFiles(path).map((file) => (part === undefined ? file : { ...file, part }));
  const raws = readFormat(format, { ...given, ...options.readerOptions }, { files, kind: options.kind, tally });
  const labels =
    options.labels === undefined ? undefined : Object.fromEntries(options.labels.map((label) => [label, label]));
  const placed = await assemble(raws, { kind: options.kind, labels, labelSource: 'the label set given', tally });
  if (placed.length === 0) throw new FieldcraftError('FC_DATA', { what: 'a data file holds no examples', where: path });
  return placed;
}

interface Division extends SplitResult<Example> {
  folds?: ReturnType<typeof kFold>;
}

function divideWhole(examples: readonly Example[], options: FileOptions, labels: readonly string[]): Division {
  const { seed = 0, splitBy = 'shares', groupColumn } = options;
  if (splitBy === 'date') return splitByDate(examples, defaultShares);
  const by = groupColumn === undefined ? {} : { by: 'both' as const };
  if (examples.length >= crossValidationBelow)
    return splitByShares(examples, { ...defaultShares, seed, labels, ...by });
  return {
    splits: { train: [...examples], dev: [], test: [] },
    folds: kFold(examples, 5, seed, { labels, ...by }),
    rule: `fewer than ${crossValidationBelow} examples: 5-fold cross-validation, stratified by label, seed ${seed}`,
  };
}

function divideParts(placed: readonly Placed[], labels: readonly string[], seed: number): Division {
  const splits = partsOf(placed);
  const missing = partNames.filter((part) => part !== 'dev' && splits[part].length === 0);
  if (missing.length > 0) {
    throw new FieldcraftError('FC_DATA', {
      what: `there are no examples for ${missing.join(' and ')}`,
      fix: 'check the column that says the part',
    });
  }
  if (splits.dev.length > 0) return { splits, rule: 'parts as given' };
  return cutDev(splits, { dev: defaultShares.dev, seed, labels });
}
