/** Masking keeps its shares, its words and its seed. */
import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ignoredLabel, maskTokens, preferTerms } from './masking.js';
import { loadTokenizer } from './tokenizer.js';

const golden = fileURLToPath(new URL('../../src/text/golden', import.meta.url));
const tokenizer = loadTokenizer(join(golden, 'bert-uncased'));
const text = 'The tenant pays the rent on the first day of each month, without deduction. '.repeat(400);

test('15 % are predicted; of those 80 % are masked, 10 % random, 10 % unchanged; special tokens never', async () => {
  const encoding = await tokenizer.encode(text);
  const { ids, labels } = maskTokens(encoding, { tokenizer, seed: 1, draw: [0, 0] });
  const counts = { chosen: 0, masked: 0, same: 0 };
  for (const [i, label] of labels.entries()) {
    if (label === ignoredLabel) expect(ids[i]).toBe(encoding.ids[i]);
    else {
      expect(label).toBe(encoding.ids[i]);
      expect(encoding.specialMask[i]).toBe(0);
      counts.chosen++;
      if (ids[i] === tokenizer.maskId) counts.masked++;
      else if (ids[i] === label) counts.same++;
    }
  }
  expect(counts.chosen / ids.length).toBeCloseTo(0.15, 1);
  expect(counts.masked / counts.chosen).toBeCloseTo(0.8, 1);
  expect(counts.same / counts.chosen).toBeCloseTo(0.1, 1);
});

test('the same draw gives the same mask, another draw another', async () => {
  const encoding = await tokenizer.encode(text);
  const draw = (...path: number[]) => maskTokens(encoding, { tokenizer, seed: 7, draw: path });
  expect(draw(3, 1)).toEqual(draw(3, 1));
  expect(draw(3, 1).ids).not.toEqual(draw(4, 1).ids);
});

test('whole words are hidden whole', async () => {
  const encoding = await tokenizer.encode('unusual landlords negotiate '.repeat(200));
  const { labels } = maskTokens(encoding, { tokenizer, seed: 2, draw: [0], wholeWords: true });
  let pieces = 0;
  for (let i = 2; i < labels.length - 1; i++) {
    if (encoding.wordIds[i] !== encoding.wordIds[i - 1]) continue;
    pieces++;
    expect(labels[i] === ignoredLabel).toBe(labels[i - 1] === ignoredLabel);
  }
  expect(pieces).toBeGreaterThan(100);
});

test('a short text has one prediction, an empty one none, a tokenizer without mask an error', async () => {
  const count = async (short: string) =>
    maskTokens(await tokenizer.encode(short), { tokenizer, seed: 1, draw: [0], probability: 0 }).labels.filter(
      (label) => label !== ignoredLabel,
    ).length;
  expect(await count('the rent')).toBe(1);
  expect(await count('')).toBe(0);
  const encoding = await tokenizer.encode('the');
  const maskless = { tokenizer: { ...tokenizer, maskId: undefined }, seed: 1, draw: [0] };
  expect(() => maskTokens(encoding, maskless)).toThrow('no mask token');
});

test('terms are hidden more often, all pieces or none, and 15 % of the tokens all the same', async () => {
  const terms = await preferTerms(['estoppel', 'Lease'], tokenizer, { preference: 4 });
  const sentence = 'Then the estoppel of a lease was, as they said, of no use to the other side.';
  const encoding = await tokenizer.encode(sentence);
  const counts = { term: 0, terms: 0, other: 0, others: 0, tokens: 0, torn: 0 };
  const wordAt = (word: string) => encoding.wordIds[encoding.starts.indexOf(sentence.indexOf(word))] ?? -1;
  const words = new Set([wordAt('estoppel'), wordAt('lease')]);
  for (let draw = 0; draw < 1500; draw++) {
    const { labels } = maskTokens(encoding, { tokenizer, seed: 5, draw: [draw], wholeWords: true, terms });
    labels.forEach((label, i) => {
      if (encoding.specialMask[i] === 1) return;
      const kind = words.has(encoding.wordIds[i] ?? -1) ? 'term' : 'other';
      counts[`${kind}s`]++;
      counts.tokens++;
      if (label !== ignoredLabel) counts[kind]++;
      if (encoding.wordIds[i] === encoding.wordIds[i - 1] && encoding.specialMask[i - 1] === 0)
        counts.torn += (label === ignoredLabel) === (labels[i - 1] === ignoredLabel) ? 0 : 1;
    });
  }
  expect([words.size, counts.torn]).toEqual([2, 0]);
  // A text this short has one hidden word where none was drawn, which adds a little.
  expect((counts.term + counts.other) / counts.tokens).toBeGreaterThan(0.14);
  expect((counts.term + counts.other) / counts.tokens).toBeLessThan(0.17);
  expect(counts.term / counts.terms / (counts.other / counts.others)).toBeGreaterThan(3);
  expect(counts.term / counts.terms / (counts.other / counts.others)).toBeLessThan(5);
});

test('without a term in the text, masking is as without terms', async () => {
  const encoding = await tokenizer.encode(text);
  const terms = await preferTerms(['estoppel'], tokenizer);
  const options = { tokenizer, seed: 7, draw: [1] };
  expect(maskTokens(encoding, { ...options, terms })).toEqual(maskTokens(encoding, options));
});
