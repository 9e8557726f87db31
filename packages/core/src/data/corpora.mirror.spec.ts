/** With the mirror: every corpus is as its card and its source say, and none is without a card. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadCorpus, measureCorpus } from './corpus.js';
import { findCorpusCard, listCorpusCards, type CorpusCard } from './corpus-card.js';
import { cards, mirror } from './spec-mirror.js';

interface Source {
  task?: string;
  task_type?: string;
  files: { file: string; sha256: string }[];
  counts?: { documents: number };
  totals?: { documents: number };
  licence: { non_commercial: unknown };
}

const folderOf = (field: string, name: string) => join(mirror ?? '', 'data', field, name);
const sourceOf = ({ field, folder }: CorpusCard) =>
  JSON.parse(readFileSync(join(folderOf(field, folder), 'SOURCE.json'), 'utf8')) as Source;

const described = mirror === undefined ? describe.skip : describe;
described('corpora of the mirror (needs FIELDCRAFT_MIRROR)', () => {
  test.each(listCorpusCards(cards))('%s is as its card and its source say', async (name) => {
    const card = findCorpusCard(name, cards);
    const source = sourceOf(card);
    const corpus = await loadCorpus(card, { mirror });
    expect(corpus.origin).toBe('mirror');
    expect(measureCorpus(corpus)).toEqual(card.counts);
    expect(corpus.documents).toHaveLength((source.totals ?? source.counts)?.documents ?? 0);
    const sums = new Map(source.files.map(({ file, sha256 }) => [file, sha256]));
    for (const { path, sha256 } of card.files) expect(sha256).toBe(sums.get(path));
    if (source.licence.non_commercial !== false) expect(card.licence.commercial).not.toBe(true);
  });

  test('every folder of text without labels has a card', () => {
    const known = new Set(listCorpusCards(cards).map((name) => findCorpusCard(name, cards).folder));
    for (const field of readdirSync(join(mirror ?? '', 'data'))) {
      for (const name of readdirSync(folderOf(field, ''))) {
        const path = join(folderOf(field, name), 'SOURCE.json');
        if (!existsSync(path)) continue;
        const { task, task_type } = JSON.parse(readFileSync(path, 'utf8')) as Source;
        if ((task ?? task_type ?? '').startsWith('unlabelled')) expect([...known]).toContain(name);
      }
    }
  });
});
