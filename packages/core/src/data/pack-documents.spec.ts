/** Packing: every token once, in windows that are full, with the offsets and words that masking reads. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { maskTokens, trainWordPiece } from '../text/index.js';
import { packDocuments } from './pack-documents.js';
import { errorOf } from './spec-files.js';

const documents = [
  {
    id: 'a',
    paragraphs: ['The lessee shall pay the rent.', 'The lessor shall repair the roof, the walls and the doors.'],
  },
  { id: 'b', paragraphs: ['Rent is due.'] },
];
const tokenizer = trainWordPiece(
  documents.flatMap(({ paragraphs }) => paragraphs),
  { vocabularySize: 120 },
);
const { clsId, sepId } = tokenizer;

test('windows hold every token once, are full but for the last of a document, and cut no word', async () => {
  const windows = await packDocuments(documents, tokenizer, { maxLength: 12 });
  for (const [i, { paragraphs }] of documents.entries()) {
    const own = windows.filter(({ document }) => document === i);
    const text = paragraphs.join('\n');
    const alone = await tokenizer.encodeMany(paragraphs, { addSpecialTokens: false });
    const inside = own.flatMap(({ ids }) => [...ids.subarray(1, -1)]);
    expect(inside).toEqual(alone.flatMap(({ ids }) => [...ids]));
    for (const [w, window] of own.entries()) {
      expect([window.ids[0], window.ids.at(-1)]).toEqual([clsId, sepId]);
      expect([...window.specialMask]).toEqual([...window.ids].map((id) => (id === clsId || id === sepId ? 1 : 0)));
      expect(window.ids.length).toBeLessThanOrEqual(12);
      const next = own[w + 1];
      const word = next?.wordIds[1] ?? -1;
      expect(window.wordIds.at(-2)).not.toBe(word);
      // The word that did not fit would have gone over the edge.
      if (next) expect(window.ids.length + next.wordIds.filter((id) => id === word).length).toBeGreaterThan(12);
      for (const [k, id] of window.ids.entries()) {
        if (window.specialMask[k] === 1) continue;
        const piece = (tokenizer.idToToken(id) ?? '').replace('##', '');
        expect(text.slice(window.starts[k], window.ends[k]).toLowerCase()).toBe(piece);
      }
    }
  }
});

test('whole words are masked across the seam of two paragraphs', async () => {
  const [window] = await packDocuments(documents, tokenizer, { maxLength: 512 });
  if (window === undefined) throw new Error('no window');
  const { labels } = maskTokens(window, { tokenizer, seed: 1, draw: [0], probability: 1, wholeWords: true });
  expect([...labels].filter((label) => label !== -100)).toHaveLength(window.ids.length - 2);
  // "rent" "." "The": the first word of the second paragraph has a number of its own.
  expect(new Set(window.wordIds).size - 1).toBe(
    'The lessee shall pay the rent . The lessor shall repair the roof , the walls and the doors .'.split(' ').length,
  );
});

test('a word longer than a window is cut; a window without room is an error', async () => {
  const long = [{ id: 'x', paragraphs: ['rentrentrentrent'] }];
  const lengths = (await packDocuments(long, tokenizer, { maxLength: 4 })).map(({ ids }) => ids.length);
  expect(Math.max(...lengths)).toBe(4);
  expect(await errorOf(() => packDocuments(documents, tokenizer, { maxLength: 2 }))).toMatchObject({
    code: 'FC_CONFIG',
  });
});

test('tokens come from the cache the second time', async () => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'fieldcraft-pack-'));
  const first = await packDocuments(documents, tokenizer, { maxLength: 10, cacheFolder });
  expect(readdirSync(cacheFolder)).toHaveLength(1);
  const again = await packDocuments(documents, tokenizer, { maxLength: 10, cacheFolder });
  expect(again.map(({ ids }) => [...ids])).toEqual(first.map(({ ids }) => [...ids]));
});
