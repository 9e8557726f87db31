/** Looking at corpora: what a list and a check say of them. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { checkCorpus, listCorpora } from './check-corpus.js';

const cards = join(dirname(fileURLToPath(import.meta.url)), '../../../../data-cards');

test('every card is listed, with its size and where its text may be had', () => {
  const listings = listCorpora({ cards });
  const names = listings.map(({ card }) => card.name);
  expect(names).toEqual([...names].sort());
  const contracts = listings.find(({ card }) => card.name === 'contracts-unlabelled');
  expect(contracts?.bytes).toBe(2_687_832);
  expect(contracts?.places.at(-1)).toBe('download');
});

test("one's own text is counted; a card that is not there is an error with the nearest names", async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'fieldcraft-corpus-')), 'notes.txt');
  writeFileSync(path, 'One note.\nMore of it.\n\nAnother note.\n');
  expect(await checkCorpus({ path })).toEqual({
    ...{ name: 'notes.txt', title: 'notes.txt', field: '', origin: 'files', problems: [] },
    licence: { name: 'the licence of your files', commercial: 'unknown' },
    counts: { documents: 2, paragraphs: 3, words: 7, bytes: 33, repeats: 0 },
  });
  await expect(checkCorpus({ card: 'text-medqad' }, { cards })).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
});
