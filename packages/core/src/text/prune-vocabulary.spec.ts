/** Smaller vocabularies: what is kept of them, and that everything can still be read. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadTokenizer, pruneVocabulary, trainWordPiece, type Tokenizer } from './index.js';

let folder = '';
let whole: Tokenizer;
const lease = 'the tenant shall pay the rent to the landlord on the first day of the month';
const novel = 'whale ships and sailors sailed over oceans with harpoons and captains in stormy weather';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldcraft-prune-'));
  whole = trainWordPiece(Array<string>(5).fill(`${lease} ${novel}`), { vocabularySize: 400 });
  whole.save(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pieces = async (tokenizer: Tokenizer, text: string) => {
  const { ids } = await tokenizer.encode(text);
  return Array.from(ids, (id) => tokenizer.idToToken(id));
};

test('keeps what the texts need, the special tokens and all letters, under new numbers', async () => {
  const size = 105;
  const { tokenizer, kept, fertility } = await pruneVocabulary(folder, { texts: [lease, lease], size });
  expect(whole.vocabularySize).toBeGreaterThan(size);
  expect(tokenizer.vocabularySize).toBe(size);
  expect(kept).toHaveLength(size);
  kept.forEach((before, now) => expect(tokenizer.idToToken(now)).toBe(whole.idToToken(before)));
  expect([...kept]).toEqual([...kept].sort((a, b) => a - b));
  // Whole words of the lease stay whole; those of the novel come apart, and none gets unknown.
  expect(await pieces(tokenizer, 'the tenant shall pay')).toEqual(['[CLS]', 'the', 'tenant', 'shall', 'pay', '[SEP]']);
  const foreign = await pieces(tokenizer, 'whale');
  expect(foreign.length).toBeGreaterThan((await pieces(whole, 'whale')).length);
  expect(foreign).not.toContain('[UNK]');
  expect(await tokenizer.decode((await tokenizer.encode(novel)).ids)).toBe(novel);
  expect(fertility.before).toBe(1);
  expect(fertility.after).toBeGreaterThanOrEqual(1);
});

test('is saved and loaded as any other tokenizer, and all of it kept where there is room', async () => {
  const { tokenizer } = await pruneVocabulary(folder, { texts: [lease], size: 110 });
  const to = join(folder, 'pruned');
  tokenizer.save(to);
  expect(loadTokenizer(to).hash).toBe(tokenizer.hash);
  expect(tokenizer.hash).not.toBe(whole.hash);
  const all = await pruneVocabulary(folder, { texts: [lease], size: 10_000 });
  expect(all.tokenizer.hash).toBe(whole.hash);
  expect(all.fertility.after).toBe(all.fertility.before);
});

test('has room for letters, and texts to choose by', async () => {
  await expect(pruneVocabulary(folder, { texts: [lease], size: 20 })).rejects.toMatchObject({ code: 'FC_CONFIG' });
  await expect(pruneVocabulary(folder, { texts: [' '], size: 110 })).rejects.toMatchObject({ code: 'FC_DATA' });
});
