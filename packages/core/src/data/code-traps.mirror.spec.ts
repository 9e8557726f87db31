/** With the mirror: what the source of the clinical cases warns of, and of the table of codes, and what became of it. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { findDataCard } from './data-card.js';
import { partNames } from './examples.js';
import { loadDataset } from './load-dataset.js';
import { cards, loadMirrored, mirror, sourceOf, splitsOf } from './spec-mirror.js';

const distinct = (examples: readonly { codes: string[] }[]) => new Set(examples.flatMap(({ codes }) => codes));

const described = mirror === undefined ? describe.skip : describe;
described('traps of codes and their titles (needs FIELDCRAFT_MIRROR)', () => {
  test('codiesp: documents and rows as published', async () => {
    const { files } = z
      .object({
        files: z.array(z.object({ file: z.string(), examples: z.int().optional(), rows: z.int().optional() })),
      })
      .parse(sourceOf('codiesp-diagnoses'));
    const splits = await splitsOf('codiesp-diagnoses', 'code-assignment');
    for (const part of partNames) {
      const { examples } = files.find(({ file }) => file === `${part}/${part}D.tsv`)!;
      expect(splits[part].length).toBe(examples);
      expect(splits[part].filter(({ codes }) => codes.length === 0)).toEqual([]);
    }
  });

  test('codiesp: 809, 625 and 597 categories, 99 of test and 111 of dev not in train; every one has a title', async () => {
    const dataset = await loadMirrored('codiesp-diagnoses');
    const splits = await splitsOf('codiesp-diagnoses', 'code-assignment');
    const [train, dev, held] = partNames.map((part) => distinct(splits[part])) as [
      Set<string>,
      Set<string>,
      Set<string>,
    ];
    expect([train.size, dev.size, held.size]).toEqual([809, 625, 597]);
    expect([...held].filter((code) => !train.has(code))).toHaveLength(99);
    expect([...dev].filter((code) => !train.has(code))).toHaveLength(111);
    expect([...train, ...dev, ...held].filter((code) => dataset.titles?.[code] === undefined)).toEqual([]);
    expect(dataset.labels).toHaveLength(1918);
  });

  test('codiesp: whole codes are 1,767, 1,158 and 1,143, of which 439 of test are not in train', async () => {
    const card = findDataCard('codiesp-diagnoses', cards);
    const reader = { ...card.reader, options: { ...card.reader.options, characters: undefined } };
    const { splits } = await loadDataset({ ...card, reader }, { mirror });
    const [train, dev, held] = partNames.map((part) =>
      distinct(splits[part].filter((example) => 'codes' in example)),
    ) as [Set<string>, Set<string>, Set<string>];
    expect([train.size, dev.size, held.size]).toEqual([1767, 1158, 1143]);
    expect([...held].filter((code) => !train.has(code))).toHaveLength(439);
    const codes = splits.train.flatMap((example) => ('codes' in example ? example.codes : []));
    expect(codes.filter((code) => code !== code.toUpperCase())).toEqual([]);
    expect(codes).toHaveLength(5639);
  });

  test('icd10cm: 1,918 categories of three characters, their codes the ids, 22 chapters; nothing else is read', async () => {
    const dataset = await loadMirrored('icd10cm-categories');
    expect(dataset.splits.train).toHaveLength(1918);
    expect(dataset.splits.train.filter(({ id }) => !/^[A-Z][0-9A-Z]{2}$/.test(id))).toEqual([]);
    expect(dataset.labels).toHaveLength(22);
    expect(dataset.splits.train[0]).toMatchObject({ id: 'A00', text: 'Cholera' });
    expect(findDataCard('icd10cm-categories', cards).files).toHaveLength(1);
  });

  test('neither may be used commercially: the licence of the titles is not stated', () => {
    for (const name of ['codiesp-diagnoses', 'icd10cm-categories'])
      expect(findDataCard(name, cards).licence.commercial).toBe('unknown');
  });
});
