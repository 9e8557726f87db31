/** `npm run verify -- datasets`: every dataset and corpus of the mirror is loaded, counted against its SOURCE.json and its card, and its traps are listed. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  checkQuality,
  findCorpusCard,
  findDataCard,
  listCorpusCards,
  listDataCards,
  loadCorpus,
  loadDataset,
  measureCorpus,
  workspaceRoot,
} from '@fieldcraft/core';
import type { AnyDataset, CorpusCard, DataCard } from '@fieldcraft/core';
import { createChecks } from './checks.js';
import { publishedSize, readSource, type Source } from './datasets/published-sizes.js';
import { findTraps, type Trap } from './datasets/traps.js';

export const datasetsUsage =
  'datasets [NAME ...]   every dataset and corpus of the mirror: parts, counts as its source says, what was removed, licence, traps';

/** One line a dataset, and one a trap below it. True if all are as their sources and cards say, and every trap has a test. */
export async function checkDatasets(names: readonly string[], print: (line: string) => void): Promise<boolean> {
  const checks = createChecks(print);
  const cards = join(workspaceRoot(), 'data-cards');
  const mirror = process.env['FIELDCRAFT_MIRROR'];
  const labelled = listDataCards(cards);
  const corpora = listCorpusCards(cards);
  const unknown = names.filter((name) => !labelled.includes(name) && !corpora.includes(name));
  const chosenCards = [
    ...[...labelled, ...unknown].filter((name) => isAsked(name, names)).map((name) => findDataCard(name, cards)),
    ...corpora.filter((name) => isAsked(name, names)).map((name) => findCorpusCard(name, cards)),
  ];
  const read = new Set<string>();
  for (const card of chosenCards) {
    const { name } = card;
    // A person's own data has no source but itself.
    if (card.source.startsWith('file:')) continue;
    const folder = join(resolve(workspaceRoot(), mirror ?? ''), 'data', card.field, card.folder);
    read.add(`${card.field}/${card.folder}`);
    if (mirror === undefined || mirror === '' || !existsSync(folder)) {
      checks.skip(
        name,
        mirror ? `the mirror has no data/${card.field}/${card.folder}` : 'FIELDCRAFT_MIRROR is not set',
      );
      continue;
    }
    try {
      const { found, traps } = 'layout' in card ? await checkText(card, folder) : await checkDataset(card, folder);
      checks.pass('layout' in card ? `${name} (text without labels)` : name, found);
      for (const { trap, shown } of traps) print(`          ${trap}\n            ${shown}`);
    } catch (error) {
      checks.fail(name, error instanceof Error ? error.message : String(error));
    }
  }
  if (names.length === 0 && mirror) reportUnread(resolve(workspaceRoot(), mirror), read, checks.skip);
  return checks.finish();
}

const isAsked = (name: string, names: readonly string[]): boolean => names.length === 0 || names.includes(name);

/** A corpus against its card and its source. @throws Error with the first difference */
async function checkText(card: CorpusCard, folder: string): Promise<{ found: string; traps: readonly Trap[] }> {
  const source = readSource(folder);
  if (source === undefined) throw new Error('there is no SOURCE.json to compare with');
  const counts = measureCorpus(await loadCorpus(card, { folder }));
  if (!isDeepStrictEqual(counts, card.counts))
    throw new Error(`counts are ${JSON.stringify(counts)}, where the card says ${JSON.stringify(card.counts)}`);
  const documents = (source.totals ?? source.counts)?.documents;
  if (documents !== counts.documents)
    throw new Error(`${counts.documents} documents are read, where its source counts ${documents ?? 'none'}`);
  checkLicence(card, source);
  const { paragraphs, words } = counts;
  const licence = `${card.licence.name} (commercial use: ${commercial(card)})`;
  return {
    found: `${documents} documents as published; ${paragraphs} paragraphs, ${words} words; ${licence}`,
    traps: [],
  };
}

/** @throws Error with the first difference */
async function checkDataset(card: DataCard, folder: string): Promise<{ found: string; traps: readonly Trap[] }> {
  const source = readSource(folder);
  if (source === undefined) throw new Error('there is no SOURCE.json to compare with');
  // What carries over is learnt from what of a dataset fits the other one: the dataset has a card of its own, which is counted.
  const published =
    card.testOn === undefined
      ? checkSize(card, source, sizesOf(await loadWhole(card, folder)))
      : `tested on ${card.testOn}`;
  const dataset = await loadDataset(card, { folder });
  checkAgainstCard(card, dataset);
  checkLicence(card, source);
  const { train, dev, test } = card.counts.examples;
  const removed = dataset.notes.length > 0 ? `; ${dataset.notes.join('; ')}` : '';
  const licence = `${card.licence.name} (commercial use: ${commercial(card)})`;
  return {
    found: `${published}; loaded ${train}/${dev}/${test} (train/dev/test)${removed}; ${licence}`,
    traps: findTraps(card.folder, source.known_issues),
  };
}

/** In its published parts, with nothing taken out or added. */
function loadWhole(card: DataCard, folder: string): Promise<AnyDataset> {
  const split: DataCard['split'] = card.split.rule === 'published' ? { rule: 'published', seed: 0 } : { rule: 'none' };
  const { foreignQuestions: _, ...rest } = card;
  return loadDataset({ ...rest, split, leakage: 'keep', repeats: 'keep', documents: 'keep' }, { folder });
}

const sizesOf = ({ splits }: AnyDataset): number[] => [splits.train.length, splits.dev.length, splits.test.length];

function checkSize(card: DataCard, source: Source, sizes: readonly number[]): string {
  const size = publishedSize(source, card);
  const parts = sizes.filter((count) => count > 0).join('/');
  const all = sizes.reduce((sum, count) => sum + count, 0);
  if (size === undefined) return `${parts} read (its source counts nothing)`;
  if (all !== size.examples) {
    const expected = size.since === undefined ? '' : `, of which ${size.examples} are expected here (${size.since})`;
    throw new Error(`${all} examples are read, where its source counts ${size.published}${expected}`);
  }
  return size.since === undefined
    ? `${parts} as published`
    : `${parts} of ${size.published} published rows (${size.since})`;
}

/** What loading gives is what the card says it gives. */
function checkAgainstCard(card: DataCard, dataset: AnyDataset): void {
  const { parts, findings } = checkQuality(dataset);
  const perPart = (figure: (part: (typeof parts)[number]) => number) => {
    const [train = 0, dev = 0, test = 0] = parts.map(figure);
    return { train, dev, test };
  };
  const found = {
    examples: perPart((part) => part.examples),
    // Of codes, thousands, the numbers are in the specs of their sources.
    labels: Object.fromEntries(
      (dataset.titles ? [] : dataset.labels).map((label) => [label, perPart((part) => part.labels[label] ?? 0)]),
    ),
    notes: dataset.notes,
    quality: Object.fromEntries(findings.map(({ code, count }) => [code, count])),
  };
  const { examples, labels, notes, quality } = card.counts;
  for (const [what, expected] of Object.entries({ examples, labels, notes, quality })) {
    const got = found[what as keyof typeof found];
    if (!isDeepStrictEqual(got, expected))
      throw new Error(`${what} are ${JSON.stringify(got)}, where the card says ${JSON.stringify(expected)}`);
  }
}

/** A card may not be freer than its source. */
function checkLicence(card: Pick<DataCard, 'licence'>, { licence }: Source): void {
  if (card.licence.commercial === true && licence.non_commercial !== false)
    throw new Error(
      `the card permits commercial use, and its source says: ${licence.stated ?? licence.name ?? 'nothing'}`,
    );
}

const commercial = ({ licence }: Pick<DataCard, 'licence'>): string =>
  ({ true: 'yes', false: 'no', unknown: 'not stated, so no' })[String(licence.commercial)] ?? '';

/** Datasets that lie in the mirror and that no card reads. */
function reportUnread(mirror: string, read: ReadonlySet<string>, skip: (name: string, reason: string) => void): void {
  for (const field of readdirSync(join(mirror, 'data')).sort()) {
    for (const name of readdirSync(join(mirror, 'data', field)).sort()) {
      const path = join(mirror, 'data', field, name, 'SOURCE.json');
      if (read.has(`${field}/${name}`) || !existsSync(path)) continue;
      skip(name, 'no card reads it as a dataset of its own');
    }
  }
}
