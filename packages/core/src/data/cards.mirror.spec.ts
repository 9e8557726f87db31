/** With the mirror: every card's figures are what loading its dataset gives. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findDataCard, listDataCards, type DataCard } from './data-card.js';
import { isOfKind, partNames, type AnyDataset } from './examples.js';
import { loadDataset } from './load-dataset.js';
import { findDuplicates } from './near-duplicates.js';
import { readPassages } from './passages.js';
import { checkQuality } from './quality.js';
import { cards, findingsOf, loadMirrored as load, mirror } from './spec-mirror.js';

/** The figures of a card as the dataset has them. */
function countsOf(dataset: AnyDataset): DataCard['counts'] {
  const { parts, findings } = checkQuality(dataset);
  const perPart = (figure: (part: (typeof parts)[number]) => number) => {
    const [train = 0, dev = 0, test = 0] = parts.map(figure);
    return { train, dev, test };
  };
  return {
    examples: perPart((part) => part.examples),
    ...(parts.some((part) => part.groups !== undefined) ? { groups: perPart((part) => part.groups ?? 0) } : {}),
    // Of codes, thousands, the numbers are in the specs of their sources.
    labels: Object.fromEntries(
      (dataset.titles ? [] : dataset.labels).map((label) => [label, perPart((part) => part.labels[label] ?? 0)]),
    ),
    notes: dataset.notes,
    quality: Object.fromEntries(findings.map(({ code, count }) => [code, count])),
  };
}

const described = mirror === undefined ? describe.skip : describe;
described('datasets of the mirror (needs FIELDCRAFT_MIRROR)', () => {
  const published = listDataCards(cards).filter((name) => !findDataCard(name, cards).source.startsWith('file:'));

  test.each(published)('%s is as its card says', async (name) => {
    const dataset = await load(name);
    expect(countsOf(dataset)).toEqual(dataset.card?.counts);
    expect(dataset.origin).toBe('mirror');
  });

  test('no text of a held-out part stands in a part that is learnt from', () => {
    for (const name of ['unfair-tos', 'cuad-clauses', 'e-ner', 'sec-filings-ner']) {
      expect(findingsOf(name)).not.toContain('duplicates-across');
      expect(findingsOf(name)).not.toContain('near-duplicates-across');
    }
  });

  test('unfair-tos: the published fold, with the leaks its card speaks of', async () => {
    const card = findDataCard('unfair-tos', cards);
    const { splits } = await loadDataset(
      { ...card, leakage: 'keep', split: { rule: 'published', seed: 0 } },
      { mirror },
    );
    expect([splits.train.length, splits.test.length]).toEqual([13_567, 3816]);
    const train = new Set(splits.train.map(({ text }) => text));
    expect(splits.test.filter(({ text }) => train.has(text))).toHaveLength(277);
  });

  test('cuad-clauses: a kind is known or masked, every text is there once', async () => {
    const dataset = await load('cuad-clauses');
    if (!isOfKind(dataset, 'multi-label')) throw new Error('another kind');
    const all = partNames.flatMap((part) => dataset.splits[part]);
    expect(new Set(findDuplicates(all.map(({ text }) => text))).size).toBe(all.length);
    for (const { labels, masked = [] } of all) {
      expect(labels.filter((label) => masked.includes(label))).toEqual([]);
      expect(masked.length).toBeLessThan(38);
    }
    const known = (part: 'train' | 'test', label: string) =>
      dataset.splits[part].filter((e) => e.masked?.includes(label) !== true);
    for (const label of dataset.labels) {
      const no = (part: 'train' | 'test') => known(part, label).filter((e) => !e.labels.includes(label)).length;
      // A fifth of the No rows of every kind is for testing, near enough.
      expect(Math.abs(no('test') / (no('test') + no('train')) - 2 / 9)).toBeLessThan(0.1);
    }
  });

  test('entities stand where their words are', async () => {
    for (const name of ['e-ner', 'sec-filings-ner']) {
      const dataset = await load(name);
      if (!isOfKind(dataset, 'token-classification')) throw new Error('another kind');
      for (const { text, entities, words = [] } of dataset.splits.test) {
        expect(words.map(([from, to]) => text.slice(from, to)).join(' ')).toBe(text);
        const [starts, ends] = [new Set(words.map(([from]) => from)), new Set(words.map(([, to]) => to))];
        for (const { start, end } of entities) expect(starts.has(start) && ends.has(end)).toBe(true);
      }
    }
  });

  const list = join(cards, '../packages/legal/evaluation/clause-kinds-negatives.json');
  (existsSync(list) ? test : test.skip)('the labelled paragraphs are the words that were labelled', () => {
    const { paragraphs } = JSON.parse(readFileSync(list, 'utf8')) as { paragraphs: unknown[] };
    const passages = readPassages(paragraphs, join(mirror ?? '', 'data/legal/contracts-unlabelled'));
    expect(passages).toHaveLength(100);
  });
});
