/** With the mirror: each trap that the biomedical and scientific sources name, and what became of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { findDataCard } from './data-card.js';
import { partNames } from './examples.js';
import { readPart } from './readers/records.js';
import { cards, findingsOf, loadMirrored, mirror, sourceOf, splitsOf } from './spec-mirror.js';

const published = {
  ...{ 'bc5cdr-ner': '', 'ncbi-disease-ner': '', hoc: '', chemprot: '', scicite: '', 'acl-arc': '', csabstruct: '' },
  ...{ 'matscholar-ner': '', scierc: 'ner-conll/', multicite: '' },
};
const names = [...Object.keys(published), 'ade-corpus-v2'];

const sourceSchema = z.object({
  files: z.array(
    z.object({
      file: z.string(),
      split: z.string().optional(),
      sha256: z.string(),
      examples: z.number().optional(),
      sentences: z.number().optional(),
      entities: z.record(z.string(), z.number()).or(z.number()).optional(),
    }),
  ),
  licence: z.object({ stated: z.string(), non_commercial: z.boolean().nullable() }),
});
const sourceFiles = (name: string) => sourceSchema.parse(sourceOf(name)).files;

/** Texts of one part that stand word for word in another. */
const shared = (from: readonly { text: string }[], other: readonly { text: string }[]) => {
  const texts = new Set(other.map(({ text }) => text));
  return from.filter(({ text }) => texts.has(text)).length;
};
const repeats = (part: readonly { text: string }[]) => part.length - new Set(part.map(({ text }) => text)).size;
/** Examples that repeat an earlier text with another label than that had. */
function conflicts(part: readonly { text: string; label: string }[]): number {
  const first = new Map<string, string>();
  for (const { text, label } of part) if (!first.has(text)) first.set(text, label);
  return part.filter(({ text, label }) => first.get(text) !== label).length;
}

const described = mirror === undefined ? describe.skip : describe;
described('traps of the biomedical and scientific sources (needs FIELDCRAFT_MIRROR)', () => {
  test.each(Object.entries(published))('%s has the published number of examples a part', async (name, folder) => {
    const { splits } = await loadMirrored(name, 'keep');
    const counts = Object.fromEntries(
      sourceFiles(name).flatMap(({ file, split, examples, sentences }) =>
        split !== undefined && file.startsWith(folder) && examples !== undefined
          ? [[readPart(split, 'split', file), sentences ?? examples]]
          : [],
      ),
    );
    expect(Object.fromEntries(partNames.map((part) => [part, splits[part].length]))).toEqual(counts);
  });

  test.each(['bc5cdr-ner', 'ncbi-disease-ner'])('%s has the published number of entities a type', async (name) => {
    const splits = await splitsOf(name, 'token-classification', 'keep');
    for (const { split, entities } of sourceFiles(name)) {
      if (split === undefined || typeof entities !== 'object') continue;
      const found: Record<string, number> = {};
      for (const { entities: spans } of splits[readPart(split, 'split', name)])
        for (const { label } of spans) found[label] = (found[label] ?? 0) + 1;
      expect(found).toEqual(entities);
    }
  });

  test.each(names)(
    '%s: files are those of the mirror, and a licence counts as commercial only where one is stated',
    (name) => {
      const card = findDataCard(name, cards);
      const { files, licence } = sourceSchema.parse(sourceOf(name));
      const sums = new Map(files.map(({ file, sha256 }) => [file, sha256]));
      for (const { path, sha256 } of card.files) expect(sha256).toBe(sums.get(path));
      const stated = !/^(no licence|not) stated/.test(licence.stated);
      expect(card.licence.commercial).toBe(
        stated && licence.non_commercial === false ? true : licence.non_commercial ? false : 'unknown',
      );
    },
  );

  test.each(names)('%s: no text of a held-out part stands in a part that is learnt from', (name) => {
    expect(findingsOf(name)).not.toContain('duplicates-across');
    expect(findingsOf(name)).not.toContain('near-duplicates-across');
  });

  test.each([
    ['bc5cdr-ner', { train: 7, dev: 19, test: 16 }],
    ['ncbi-disease-ner', { train: 24, dev: 5, test: 1 }],
    ['hoc', { train: 7, dev: 4, test: 6 }],
    ['chemprot', { train: 25, dev: 0, test: 4 }],
    ['scicite', { train: 1, dev: 2, test: 0 }],
    ['acl-arc', { train: 418, dev: 43, test: 52 }],
    ['multicite', { train: 47, dev: 26, test: 27 }],
    ['matscholar-ner', { train: 0, dev: 0, test: 0 }],
  ])('%s as published: texts that repeat in train, and those of dev and test that stand in it', async (name, found) => {
    const { train, dev, test: held } = (await loadMirrored(name, 'keep')).splits;
    expect({ train: repeats(train), dev: shared(dev, train), test: shared(held, train) }).toEqual(found);
  });

  test('csabstruct: whole abstracts of test stand in train, and some of dev in test; afterwards none', async () => {
    const abstracts = async (leakage?: 'keep') => {
      const splits = await splitsOf('csabstruct', 'sequential-classification', leakage);
      return partNames.map((part) => {
        const texts = new Map<string, string>();
        for (const { group = '', text } of splits[part]) texts.set(group, `${texts.get(group) ?? ''}\n${text}`);
        return [...texts.values()].map((text) => ({ text }));
      });
    };
    const [train = [], dev = [], held = []] = await abstracts('keep');
    expect([train.length, dev.length, held.length]).toEqual([1668, 295, 226]);
    expect([shared(held, train), shared(dev, train), shared(dev, held)]).toEqual([26, 0, 6]);
    // One more of train is nearly one that is held out.
    const [cleaned = [], cleanedDev = [], whole = []] = await abstracts();
    expect([cleaned.length, cleanedDev.length, whole.length]).toEqual([1668 - 26 - 1, 295 - 6, 226]);
  });

  test('conflicting labels are where the sources say', async () => {
    for (const [name, expected] of [
      ['chemprot', 25],
      ['acl-arc', 23],
    ] as const) {
      const { train } = await splitsOf(name, 'classification', 'keep');
      expect(conflicts(train)).toBe(expected);
    }
  });

  test('ade-corpus-v2: one example for each sentence of an article; no article in two parts; none on both sides', async () => {
    const splits = await splitsOf('ade-corpus-v2', 'classification', 'keep');
    const all = partNames.flatMap((part) => splits[part]);
    const positive = all.filter(({ label }) => label === 'adverse-effect');
    const negative = all.filter(({ label }) => label === 'none');
    expect(new Set(positive.map(({ text }) => text)).size).toBe(4271);
    expect(new Set(negative.map(({ text }) => text)).size).toBe(16_695 - 70);
    expect(shared(positive, negative)).toBe(0);
    const [with_, without] = [positive, negative].map((part) => new Set(part.map(({ group }) => group)));
    expect([...(with_ ?? [])].filter((document) => without?.has(document)).length).toBe(1594);
    const documents = partNames.map((part) => new Set(splits[part].map(({ group }) => group)));
    expect(documents.reduce((sum, part) => sum + part.size, 0)).toBe(new Set(all.map(({ group }) => group)).size);
  });

  test('hoc: labels have names, most sentences none, and the abstracts of a part are those of the published list', async () => {
    const splits = await splitsOf('hoc', 'multi-label', 'keep');
    for (const part of partNames) {
      const list = readFileSync(join(mirror ?? '', `data/biomedical/hoc/${part}_pmid.tsv`), 'utf8');
      const listed = list.split(',').map((name) => name.trim().replace(/\.txt$/, ''));
      expect(new Set(splits[part].map(({ group }) => group))).toEqual(new Set(listed));
    }
    const bare = splits.train.filter(({ labels }) => labels.length === 0).length;
    expect(bare).toBe(9034);
  });

  test('chemprot: every text marks two entities, and the rare classes are missing where the source says', async () => {
    const splits = await splitsOf('chemprot', 'classification', 'keep');
    for (const { text } of partNames.flatMap((part) => splits[part]))
      expect([text.split('<< ').length, text.split('[[ ').length].every((pieces) => pieces >= 2)).toBe(true);
    expect(splits.dev.filter(({ label }) => label === 'AGONIST-INHIBITOR')).toEqual([]);
    expect(splits.test.filter(({ label }) => label === 'SUBSTRATE_PRODUCT-OF')).toEqual([]);
  });

  test('multicite: labels are sets in our order of names, documents lie in one part', async () => {
    const splits = await splitsOf('multicite', 'multi-label', 'keep');
    const all = partNames.flatMap((part) => splits[part]);
    expect(all.every(({ labels }) => labels.length > 0 && new Set(labels).size === labels.length)).toBe(true);
    const documents = partNames.map((part) => new Set(splits[part].map(({ group }) => group)));
    expect(documents.reduce((sum, part) => sum + part.size, 0)).toBe(new Set(all.map(({ group }) => group)).size);
    const several = splits.train.filter(({ labels }) => labels.length > 1).length;
    expect(several / splits.train.length).toBeCloseTo(0.14, 2);
  });

  test('scierc: types that touch stay two entities, brackets are brackets', async () => {
    const { train } = await splitsOf('scierc', 'token-classification');
    const spans = train.reduce((sum, { entities }) => sum + entities.length, 0);
    expect(spans).toBe(5572);
    expect(train.filter(({ text }) => /-[LR][RSC]B-/.test(text))).toEqual([]);
  });

  test('matscholar-ner: lines without a tag or a word are counted, words may hold spaces', async () => {
    const { notes } = await loadMirrored('matscholar-ner');
    expect(notes).toContain('32 words without a tag (read as O)');
    const { train } = await splitsOf('matscholar-ner', 'token-classification');
    const words = train.flatMap(({ text, words = [] }) => words.map(([from, to]) => text.slice(from, to)));
    // Three lines of the published 110,541 have no word.
    expect(words.length).toBe(110_541 - 3);
    expect(words.filter((word) => word.includes(' '))).toEqual(['MPam 1/2', 'MPam 1/2']);
  });

  test('entities stand where their words are', async () => {
    for (const name of ['bc5cdr-ner', 'ncbi-disease-ner', 'scierc', 'matscholar-ner']) {
      for (const { text, entities, words = [] } of (await splitsOf(name, 'token-classification')).test) {
        expect(words.map(([from, to]) => text.slice(from, to)).join(' ')).toBe(text);
        const [starts, ends] = [new Set(words.map(([from]) => from)), new Set(words.map(([, to]) => to))];
        for (const { start, end } of entities) expect(starts.has(start) && ends.has(end)).toBe(true);
      }
    }
  });
});
