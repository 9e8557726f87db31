/** With the mirror: each trap that the legal sources name, and what became of it. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { findDataCard } from './data-card.js';
import { partNames, type PartName } from './examples.js';
import { normaliseText } from './near-duplicates.js';
import { cards, findingsOf, loadChanged, mirror, sourceOf, splitsOf } from './spec-mirror.js';

const names = ['overruling', 'contract-nli', 'contract-nli-held-out', 'opp115-majority', 'lexdemod', 'ledgar-1k'];

const sourceSchema = z.object({
  files: z.array(z.object({ file: z.string(), sha256: z.string() })),
  licence: z.object({ name: z.string(), non_commercial: z.boolean().or(z.literal('unknown')) }),
});
const labelCounts = z.record(z.string(), z.number());

/** A dataset as it was published: nothing dropped. */
const asPublished = (name: string) => loadChanged(name, { leakage: 'keep', documents: 'keep', repeats: 'keep' });

/** How often each label stands in a part, by its published name. */
function countsOf(part: readonly { labels: string[] }[], names: Readonly<Record<string, string | null>>) {
  return Object.fromEntries(
    Object.entries(names).flatMap(([published, ours]) =>
      ours === null ? [] : [[published, part.filter(({ labels }) => labels.includes(ours)).length]],
    ),
  );
}

const shared = (from: readonly { text: string }[], other: readonly { text: string }[]): number => {
  const texts = new Set(other.map(({ text }) => normaliseText(text)));
  return from.filter(({ text }) => texts.has(normaliseText(text))).length;
};

const described = mirror === undefined ? describe.skip : describe;
described('traps of the legal sources (needs FIELDCRAFT_MIRROR)', () => {
  test.each(names)('%s: files are those of the mirror, and the licence is as free as it was stated to be', (name) => {
    const card = findDataCard(name, cards);
    const { files, licence } = sourceSchema.parse(sourceOf(name));
    const sums = new Map(files.map(({ file, sha256 }) => [file, sha256]));
    for (const { path, sha256 } of card.files) expect(sha256).toBe(sums.get(path));
    const expected = { true: false, false: true, unknown: 'unknown' }[String(licence.non_commercial)];
    expect(card.licence.commercial).toBe(expected);
  });

  test.each(names.filter((name) => name !== 'contract-nli-held-out'))(
    '%s: no text of a held-out part stands in a part that is learnt from',
    (name) => {
      expect(findingsOf(name)).not.toContain('duplicates-across');
      expect(findingsOf(name)).not.toContain('near-duplicates-across');
    },
  );

  test('overruling: repeats are left out before the division, doubled quotation marks put right, prompts not read', async () => {
    const published = (await asPublished('overruling')).splits;
    expect(partNames.reduce((sum, part) => sum + published[part].length, 0)).toBe(2394);
    const splits = await splitsOf('overruling', 'classification');
    const all = partNames.flatMap((part) => splits[part]);
    expect(new Set(all.map(({ text }) => text)).size).toBe(1504);
    expect(all).toHaveLength(1504);
    expect(all.filter(({ text }) => text.includes('""'))).toEqual([]);
    expect(all.every(({ id }) => id.startsWith('test.tsv'))).toBe(true);
  });

  test('contract-nli: contracts, pairs and labels are the published ones; one contract twice in test; statements are long texts’ second', async () => {
    const { counts } = z
      .object({ counts: z.record(z.string(), z.object({ documents: z.number(), labels: labelCounts })) })
      .parse(sourceOf('contract-nli'));
    const dataset = await asPublished('contract-nli');
    for (const [part, name] of [
      ['train', 'train_truncated'],
      ['dev', 'dev'],
      ['test', 'test'],
    ] as const) {
      const examples = dataset.splits[part].flatMap((e) => ('second' in e && 'label' in e ? [e] : []));
      expect(new Set(examples.map(({ group }) => group)).size).toBe(counts[name]?.documents);
      const bearing = examples.map(({ label }) => ({ labels: [label] }));
      expect(countsOf(bearing, dataset.card?.labels ?? {})).toEqual(counts[name]?.labels);
      expect(new Set(examples.map(({ second }) => second)).size).toBe(17);
      if (part === 'test') expect(new Set(examples.map(({ text }) => text)).size).toBe(122);
    }
  });

  test('contract-nli-held-out: four statements are in test alone, thirteen elsewhere', async () => {
    const splits = await splitsOf('contract-nli-held-out', 'pair-classification');
    const statements = (part: PartName) => new Set(splits[part].map(({ second }) => second));
    expect(partNames.map((part) => statements(part).size)).toEqual([13, 13, 4]);
    for (const part of ['train', 'dev'] as const)
      expect([...statements('test')].filter((statement) => statements(part).has(statement))).toEqual([]);
  });

  test('opp115-majority: rows of one segment are one example, the spreadsheet’s error is none, the published leaks are found', async () => {
    const { counts } = z
      .object({ counts: z.object({ unique_segments: labelCounts, segments_with_more_than_one_label: labelCounts }) })
      .parse(sourceOf('opp115-majority'));
    const { train, dev, test: held } = await splitsOf('opp115-majority', 'multi-label', 'keep');
    const { train: segments = 0, validation, test: heldSegments } = counts.unique_segments;
    // One train segment is #NAME?.
    expect([train.length + 1, dev.length, held.length]).toEqual([segments, validation, heldSegments]);
    const several = [train, dev, held].map((part) => part.filter(({ labels }) => labels.length > 1).length);
    expect(several).toEqual(Object.values(counts.segments_with_more_than_one_label));
    expect([train, dev, held].flat().filter(({ text }) => text === '#NAME?')).toEqual([]);
    expect(shared(dev, train) > 0 && shared(held, train) > 0 && shared(held, dev) > 0).toBe(true);
    expect(held.filter(({ labels }) => labels.includes('do-not-track'))).toHaveLength(3);
  });

  test('lexdemod: vectors are the published labels, None is none; no sentence is on two sides, whoever the agent', async () => {
    const part = z.object({ examples: z.number(), label_counts: labelCounts, more_than_one_label: z.number() });
    const { counts } = z.object({ counts: z.record(z.string(), part) }).parse(sourceOf('lexdemod'));
    const dataset = await asPublished('lexdemod');
    for (const name of partNames) {
      const examples = dataset.splits[name].flatMap((e) => ('labels' in e ? [e] : []));
      const { None, ...labels } = counts[name]?.label_counts ?? {};
      expect(examples).toHaveLength(counts[name]?.examples ?? 0);
      expect(countsOf(examples, dataset.card?.labels ?? {})).toEqual(labels);
      expect(examples.filter(({ labels }) => labels.length === 0)).toHaveLength(None ?? 0);
      expect(examples.filter(({ labels }) => labels.length > 1)).toHaveLength(counts[name]?.more_than_one_label ?? 0);
    }
    expect(shared(dataset.splits.test, dataset.splits.train)).toBe(66);
    const splits = await splitsOf('lexdemod', 'multi-label');
    const sentences = partNames.map((name) => new Set(splits[name].map(({ group }) => group)));
    expect(sentences.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(sentences.flatMap((s) => [...s])).size);
  });

  test('ledgar-1k: provisions without the question around them; every title of dev and test is in train', async () => {
    const { counts } = z
      .object({
        counts: z.object({
          examples: z.number(),
          classes_that_occur: z.number(),
          largest: z.array(z.tuple([z.string(), z.number()])),
        }),
      })
      .parse(sourceOf('ledgar-1k'));
    const published = await asPublished('ledgar-1k');
    const all = partNames.flatMap((part) => published.splits[part].flatMap((e) => ('label' in e ? [e] : [])));
    expect(all).toHaveLength(counts.examples);
    expect(published.labels).toHaveLength(counts.classes_that_occur);
    for (const [title, count] of counts.largest)
      expect(all.filter(({ label }) => label === published.card?.labels[title])).toHaveLength(count);
    expect(all.filter(({ text }) => text.includes('appropriate section title'))).toEqual([]);
    const words = all.map(({ text }) => text.split(/\s+/).length).sort((a, b) => a - b);
    expect([words.at(-1), words[500]]).toEqual([669, 76]);
    const { train, dev, test: held } = await splitsOf('ledgar-1k', 'classification');
    expect(train.length + dev.length + held.length).toBe(999);
    const learnt = new Set(train.map(({ label }) => label));
    expect([...dev, ...held].filter(({ label }) => !learnt.has(label))).toEqual([]);
  });
});
