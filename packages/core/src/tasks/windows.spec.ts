/** Windows of texts: those of the tokenizer, and brought together again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomText, tokenizer } from './spec-support.js';
import { byExample, joinWindows, readWindows, windowNotes } from './windows.js';

test('features are the windows that the tokenizer cuts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(randomText(['A']), { minLength: 1, maxLength: 3 }), async (texts) => {
      const options = { maxLength: 12, stride: 4 };
      const features = await readWindows(
        texts.map(({ text }) => text),
        tokenizer,
        options,
      );
      const groups = byExample(texts.length, features);
      for (const [i, { text }] of texts.entries()) {
        const expected = await tokenizer.encodeWindows(text, options);
        expect(groups[i]?.map(({ feature }) => Array.from(feature.ids))).toEqual(
          expected.map(({ ids }) => Array.from(ids)),
        );
        const whole = await tokenizer.encode(text);
        const joined = joinWindows(groups[i]!.map(({ feature }) => feature));
        for (const field of ['starts', 'ends', 'wordIds'] as const) {
          expect(Array.from(joined[field])).toEqual(Array.from(whole[field].subarray(1, -1)));
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('a text without tokens has one window of special tokens', async () => {
  const features = await readWindows(['', ' \u200b '], tokenizer, { maxLength: 8, stride: 2 });
  expect(features.map(({ ids, stretch }) => [ids.length, stretch.count])).toEqual([
    [2, 0],
    [2, 0],
  ]);
  expect(joinWindows(features.slice(0, 1)).starts.length).toBe(0);
  expect(windowNotes(2, features)).toEqual([]);
});

test('a token counts in the window where it has the most context', async () => {
  const features = await readWindows(['a b c d e f g h i j'], tokenizer, { maxLength: 8, stride: 4 });
  expect(features.map(({ stretch }) => [stretch.offset, stretch.count])).toEqual([
    [0, 6],
    [2, 6],
    [4, 6],
  ]);
  expect(Array.from(joinWindows(features).window)).toEqual([0, 0, 0, 0, 1, 1, 2, 2, 2, 2]);
  expect(windowNotes(1, features)).toEqual(['1 of 1 texts are longer than one window and are read in 3 windows']);
});

test('tokens come from the cache where there is one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-tasks-'));
  const options = { maxLength: 8, stride: 4, cacheFolder: folder };
  const first = await readWindows(['a b c d e f g h i j', 'k'], tokenizer, options);
  expect(await readWindows(['a b c d e f g h i j', 'k'], tokenizer, options)).toEqual(first);
  rmSync(folder, { recursive: true });
});
