/** A dataset by its card: its files found and their checksums compared, read, labels renamed, divided into parts, leaks closed. */
import { dirname, join } from 'node:path';
import { assemble, notesOf, partsOf, type Placed } from './assemble.js';
import { findFiles, verifyFiles, type FilesFolder, type FindFilesOptions } from './card-files.js';
import { findDataCard, type DataCard, type SplitRule } from './data-card.js';
import { askForeignQuestions } from './foreign-questions.js';
import {
  contentParts,
  labelsOf,
  partNames,
  truthOf,
  type AnyDataset,
  type Example,
  type PartName,
  type Splits,
} from './examples.js';
import { removeLeakage, seenInTraining, separateDocuments } from './leakage.js';
import { makeNormaliser } from './near-duplicates.js';
import { readFormat } from './read-format.js';
import { count, type SourceFile, type Tally } from './readers/reader.js';
import { repairWith } from './repairs.js';
import { cutDev, splitByDate, splitByShares, type SplitResult } from './splits.js';
import { testedOn } from './tested-on.js';

export interface LoadOptions extends FindFilesOptions {
  /** Hand-written samples to take where the data cannot be had: `<folder>/<name>.{train,dev,test}.jsonl`. */
  samples?: { folder: string; name: string };
  /** `published` leaves a published split as it is, repeats and leaks included. Default `cleaned`: by the card's rules. */
  split?: 'cleaned' | 'published';
}

/**
 * Loads a dataset as its card says. Its `origin` tells where from; what was found and done is in `notes`.
 * @throws FieldcraftError FC_CHECKSUM where a file is not the one that the card describes; FC_NOT_FOUND where neither data nor samples are there;
 * FC_DOWNLOAD where the download fails and there are no samples; FC_DATA, FC_FILE_FORMAT where a file does not hold what the card says
 */
export async function loadDataset(card: DataCard, options: LoadOptions = {}): Promise<AnyDataset> {
  const found = await findFiles(card, options);
  if ('why' in found) {
    if (options.samples !== undefined) return loadSamples(card, options.samples, found.why.parts.what);
    throw found.why;
  }
  const dataset = askForeignQuestions(await loadFolder(card, found, options.split), card.foreignQuestions);
  if (card.titles !== undefined) return withTitles(dataset, await loadTitles(card, options));
  if (card.testOn === undefined) return dataset;
  // Samples, and a folder that was named, are this card's alone.
  const { samples: _, folder: __, ...places } = options;
  return testedOn(dataset, await loadDataset(findDataCard(card.testOn, dirname(card.path)), places));
}

/** The titles of a card's codes, by code, from the card that it names for them. */
async function loadTitles(card: DataCard, options: LoadOptions): Promise<Record<string, string>> {
  const { ownFolder, mirror, cacheFolder, download } = options;
  const titles = findDataCard(card.titles ?? '', dirname(card.path));
  const { splits } = await loadDataset(titles, { ...{ ownFolder, mirror, cacheFolder }, download: download === true });
  return Object.fromEntries(splits.train.map(({ id, text }) => [id, text]));
}

/** Codes that training has are labels, and those that have a title: what stands in no other list cannot be assigned. */
function withTitles(dataset: AnyDataset, titles: Record<string, string>): AnyDataset {
  const known = dataset.splits.train.flatMap((example) => labelsOf(example));
  return { ...dataset, titles, labels: [...new Set([...known, ...Object.keys(titles)])].sort() };
}

async function loadFolder(card: DataCard, data: FilesFolder, split: LoadOptions['split']): Promise<AnyDataset> {
  await verifyFiles(card, data.folder);
  const tally: Tally = new Map();
  const files: SourceFile[] = card.files.map(({ path, part }) => ({
    path: join(data.folder, path),
    name: path,
    ...(part === undefined ? {} : { part }),
  }));
  const raws = readFormat(card.reader.format, card.reader.options, { files, kind: card.task, tally });
  const read = await assemble(raws, {
    kind: card.task,
    labels: card.task === 'code-assignment' ? undefined : card.labels,
    dropUnlisted: card.unlisted === 'drop',
    labelSource: card.path,
    repair: repairWith(card.repairs),
    tally,
  });
  const asPublished = split === 'published' && card.split.rule === 'published';
  const placed = card.repeats === 'keep' || asPublished ? read : withoutRepeats(read, tally);
  const labels = labelSet(card);
  const other = (name: string) => loadFolder(findDataCard(name, dirname(card.path)), data, split);
  const { splits, rule } =
    card.split.rule === 'like'
      ? divideLike(placed, await other(card.split.card))
      : card.split.rule === 'published' && card.split.devLike !== undefined
        ? cutDevLike(partsOf(placed), await other(card.split.devLike))
        : divide(placed, card.split, labels);
  const dataset: AnyDataset = {
    name: card.name,
    kind: card.task,
    splits,
    labels,
    origin: data.origin,
    card,
    notes: notesOf(tally),
    splitRule: rule,
    licence: { name: card.licence.name, commercial: card.licence.commercial },
  };
  const similarity = card.leakage === 'drop-near' ? 'near' : 'exact';
  const apart = card.documents === 'keep' ? dataset : separateDocuments(dataset);
  const cleaned = card.leakage === 'keep' ? apart : removeLeakage(apart, { similarity });
  // Parts that we made ourselves have no other form.
  if (card.split.rule !== 'published' || cleaned === dataset) return cleaned;
  const seen = seenInTraining(dataset.splits, { similarity, documents: card.documents });
  return asPublished ? { ...dataset, seen, notes: [...dataset.notes, leftIn] } : { ...cleaned, seen };
}

const leftIn =
  'train and dev are as published: what also stands in a part that is held out was left in, as was asked for';

/** The first of those that say the same, letter case and spacing of their texts aside. */
function withoutRepeats(placed: readonly Placed[], tally: Tally): Placed[] {
  const seen = new Set<string>();
  const normalise = makeNormaliser();
  return placed.filter(({ example, part }) => {
    const said = JSON.stringify([part, normalise(contentParts(example)), truthOf(example)]);
    if (seen.has(said)) {
      count(tally, 'rows that repeat an earlier one, label and all (left out)');
      return false;
    }
    seen.add(said);
    return true;
  });
}

/** Our labels in the card's order, dropped ones left out. */
export function labelSet(card: DataCard): string[] {
  return [...new Set(Object.values(card.labels).filter((label) => label !== null))];
}

async function loadSamples(
  card: DataCard,
  { folder, name }: { folder: string; name: string },
  why: string,
): Promise<AnyDataset> {
  const tally: Tally = new Map();
  const files: SourceFile[] = partNames.map((part) => ({
    path: join(folder, `${name}.${part}.jsonl`),
    name: `${name}.${part}.jsonl`,
    part,
  }));
  const labels = labelSet(card);
  // Sentences in sequence are nothing without their document.
  const columns = card.task === 'sequential-classification' ? { group: 'group' } : {};
  const raws = readFormat('json-lines', { offsets: 'utf-16', ...columns }, { files, kind: card.task, tally });
  const placed = await assemble(raws, {
    kind: card.task,
    labels: Object.fromEntries(labels.map((label) => [label, label])),
    labelSource: card.path,
    tally,
  });
  const { splits } = divide(placed, { rule: 'published', seed: 0 }, labels);
  const borne = new Set(placed.flatMap(({ example }) => labelsOf(example)));
  return {
    name: card.name,
    kind: card.task,
    splits,
    labels: labels.filter((label) => borne.has(label)),
    origin: 'samples',
    card,
    notes: [`hand-written samples were taken, since ${why}`, ...notesOf(tally)],
    splitRule: 'parts as written',
    licence: { name: 'Apache-2.0', commercial: true },
  };
}

function divide(
  placed: readonly Placed[],
  split: Exclude<SplitRule, { rule: 'like' }>,
  labels: readonly string[],
): SplitResult<Example> {
  const examples = placed.map(({ example }) => example);
  switch (split.rule) {
    case 'none':
      return { splits: { train: examples, dev: [], test: [] }, rule: 'everything in train' };
    case 'date':
      return splitByDate(examples, split);
    case 'shares':
      return splitByShares(examples, { ...split, labels });
    case 'published': {
      const published = partsOf(placed);
      if (split.dev === undefined) return { splits: published, rule: 'parts as published' };
      return cutDev(published, { dev: split.dev, seed: split.seed, labels, by: byDocument(published.train) });
    }
  }
}

/** Documents in the parts in which another dataset has them; those that it does not have are learnt from. */
function divideLike(placed: readonly Placed[], { name, splits: other }: AnyDataset): SplitResult<Example> {
  const partOf = new Map(
    partNames.flatMap((part) => other[part].map(({ group }): [string | undefined, PartName] => [group, part])),
  );
  const splits: Splits<Example> = { train: [], dev: [], test: [] };
  for (const { example } of placed) splits[partOf.get(example.group) ?? 'train'].push(example);
  return { splits, rule: `documents in the parts that ${name} has them in` };
}

/** The texts of another dataset's dev part as dev; the rest of the parts stay as they are. */
function cutDevLike({ train, test }: Splits<Example>, { name, splits: other }: AnyDataset): SplitResult<Example> {
  const normalise = makeNormaliser();
  const keyOf = (example: Example) => normalise(contentParts(example));
  const held = new Set(other.dev.map(keyOf));
  const isDev = (example: Example) => held.has(keyOf(example));
  return {
    splits: { train: train.filter((example) => !isDev(example)), dev: train.filter(isDev), test },
    rule: `the texts that ${name} has in dev as dev, of the published train part`,
  };
}

function byDocument(examples: readonly Example[]): 'group' | 'text' {
  return examples.every((example) => example.group !== undefined) ? 'group' : 'text';
}
