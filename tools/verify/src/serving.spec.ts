/** A few of the requests that `npm run verify -- serving fuzz` draws: no test may take its minutes. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { createFuzzer } from './serving/fuzz.js';
import { fuzzServer } from './serving/fuzz-requests.js';
import { writeSmallBundle } from './serving/small-bundle.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a seed draws the same requests again', () => {
  const [a, b, c] = [createFuzzer(7), createFuzzer(7), createFuzzer(8)];
  const drawn = Array.from({ length: 50 }, () => a.next());
  expect(Array.from({ length: 50 }, () => b.next())).toEqual(drawn);
  expect(Array.from({ length: 50 }, () => c.next())).not.toEqual(drawn);
});

test('random requests are answered, and by no fault', async () => {
  const bundle = await writeSmallBundle(join(folder, 'bundle'), { seed: 1 });
  const work = join(folder, 'work');
  mkdirSync(work);
  await expect(fuzzServer({ bundle, work, count: 150, seed: 5 })).resolves.toMatch(/^150 requests of seed 5/);
}, 120_000);
