/** A trained vocabulary is the same every time, splits known words little, and saves like any other. */
import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTokenizer } from './tokenizer.js';
import { trainWordPiece } from './train-vocabulary.js';

const texts = [
  'The supplier shall deliver the goods; the supplier delivers them within thirty days.',
  'The tenant pays the rent. The tenants pay the rents, and the café pays too.',
  'Deliver, delivering, delivered: the deliverable is delivered by the supplier.',
];

test('merges follow the counts', async () => {
  const tokenizer = trainWordPiece(texts, { vocabularySize: 200 });
  expect(tokenizer).toMatchObject({ padId: 0, unkId: 1, clsId: 2, sepId: 3, maskId: 4 });
  expect(tokenizer.vocabularySize).toBeLessThanOrEqual(200);
  const { ids } = await tokenizer.encode('The supplier delivers café rents', { addSpecialTokens: false });
  const pieces = Array.from(ids, (id) => tokenizer.idToToken(id));
  expect(pieces.slice(0, 2)).toEqual(['the', 'supplier']);
  // 'café' occurs once, and a pair that occurs once is not merged.
  expect(pieces.slice(2).join(' ')).toBe('deliver ##s c ##a ##f ##e ren ##ts');
  expect(pieces).not.toContain('[UNK]');
});

test('the same texts give the same tokenizer, and case is kept on request', async () => {
  const options = { vocabularySize: 150, lowercase: false };
  const tokenizer = trainWordPiece(texts, options);
  expect(trainWordPiece(texts, options).hash).toBe(tokenizer.hash);
  expect(tokenizer.tokenToId('T')).toBeDefined();
  expect(trainWordPiece(texts, { vocabularySize: 150 }).tokenToId('T')).toBeUndefined();
});

test('counts stay true through repeated letters', async () => {
  const tokenizer = trainWordPiece(['aaaa aaaa aaaa aaaaa aaaaa aa'], { vocabularySize: 120 });
  const { ids } = await tokenizer.encode('aaaa aaaaa', { addSpecialTokens: false });
  expect(Array.from(ids, (id) => tokenizer.idToToken(id))).toEqual(['aaaa', 'aaaaa']);
});

test('it is saved and loaded like any other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-trained-'));
  const tokenizer = trainWordPiece(texts, { vocabularySize: 150 });
  tokenizer.save(folder);
  expect(loadTokenizer(folder).hash).toBe(tokenizer.hash);
  rmSync(folder, { recursive: true });
});

test('nothing to learn from is an error', () => {
  expect(() => trainWordPiece(['', ' '], { vocabularySize: 200 })).toThrow('no words');
  expect(() => trainWordPiece(texts, { vocabularySize: 50 })).toThrow('too small');
});
