import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkData, listData } from './check-data.js';

/** A vertical whose task names the card unfair-tos, with three samples. */
function writeVertical(folder: string): string {
  const task = { kind: 'multi-label', data: 'unfair-tos', samples: 'terms' };
  mkdirSync(join(folder, 'samples'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(folder, 'vertical.js'),
    `export default ${JSON.stringify({ name: 'law', tasks: { terms: task } })};`,
  );
  for (const [part, label] of Object.entries({ train: 'arbitration', dev: 'arbitration', test: 'jurisdiction' })) {
    const row = JSON.stringify({ text: `A sentence of ${part}.`, labels: [label] });
    writeFileSync(join(folder, 'samples', `terms.${part}.jsonl`), `${row}\n`);
  }
  return pathToFileURL(join(folder, 'vertical.js')).href;
}

let folder = '';
let vertical = '';
const saved = { mirror: process.env['FIELDCRAFT_MIRROR'], cache: process.env['FIELDCRAFT_CACHE'] };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldcraft-check-'));
  vertical = writeVertical(folder);
  // Nothing of this machine is to be found.
  delete process.env['FIELDCRAFT_MIRROR'];
  process.env['FIELDCRAFT_CACHE'] = folder;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  for (const [name, value] of [
    ['FIELDCRAFT_MIRROR', saved.mirror],
    ['FIELDCRAFT_CACHE', saved.cache],
  ] as const) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

describe('checks of data', () => {
  test('one’s own file, divided as training would', async () => {
    const path = join(folder, 'tickets.jsonl');
    const rows = Array.from({ length: 320 }, (_, i) => ({
      text: `${(i * 7919) % 1000} parcels ${i}`,
      label: i % 4 ? 'a' : 'b',
    }));
    writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
    const { kind, labels, origin, folds, quality } = await checkData({ kind: 'classification', data: path });
    expect({ kind, labels, origin, folds }).toEqual({
      kind: 'classification',
      labels: ['a', 'b'],
      origin: 'files',
      folds: undefined,
    });
    expect(quality.parts.reduce((sum, { examples }) => sum + examples, 0)).toBe(320);
  });

  test('small data is cross-validated', async () => {
    const path = join(folder, 'few.jsonl');
    const rows = Array.from({ length: 40 }, (_, i) => JSON.stringify({ text: `text ${i}`, label: i % 2 ? 'a' : 'b' }));
    writeFileSync(path, rows.join('\n'));
    expect((await checkData({ kind: 'classification', data: path })).folds).toBe(5);
  });

  test('a card without its data: the samples of the vertical that uses it, or an error', async () => {
    const { origin, notes, labels } = await checkData({ card: 'unfair-tos' }, { verticals: [vertical] });
    expect(origin).toBe('samples');
    expect(notes[0]).toContain('hand-written samples were taken');
    expect(labels).toEqual(['arbitration', 'jurisdiction']);
    await expect(checkData({ card: 'unfair-tos' })).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
  });

  test('an unknown card', async () => {
    await expect(checkData({ card: 'unfair-tso' })).rejects.toThrow('did you mean "unfair-tos"?');
  });
});

test('every card is listed with where its data can be had', async () => {
  const listings = await listData({ verticals: [vertical] });
  const places = Object.fromEntries(listings.map(({ card, places }) => [card.name, places]));
  expect(places['unfair-tos']).toEqual(['download', 'samples']);
  expect(places['contracts-unlabelled']).toEqual(['download']);
  for (const { bytes } of listings) expect(bytes).toBeGreaterThan(1000);
});
