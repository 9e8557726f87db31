/** Cards: every one in the repository is valid; damaged ones say where. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../foundation/index.js';
import { findDataCard, listDataCards, readDataCard } from './data-card.js';
import { cardDownloads } from './download-dataset.js';
import { writeFiles } from './spec-files.js';

const cards = join(dirname(fileURLToPath(import.meta.url)), '../../../../data-cards');
const example = readFileSync(join(cards, 'e-ner.md'), 'utf8');

/** The card as `name.md`, changed, with further files beside it. */
function cardWith(change: (text: string) => string, files: Record<string, string> = {}, name = 'e-ner'): string {
  return join(writeFiles({ [`${name}.md`]: change(example), ...files }), `${name}.md`);
}

test.each(listDataCards(cards))('the card %s is valid', (name) => {
  const card = findDataCard(name, cards);
  expect(card.name).toBe(name);
  expect(card.files.length).toBeGreaterThan(0);
  expect(Object.keys(card.counts.labels)).toEqual([...new Set(Object.values(card.labels).filter((l) => l !== null))]);
});

test('the files of a card lie in a folder called like it, or in the one that it names', () => {
  expect(readDataCard(join(cards, 'e-ner.md')).folder).toBe('e-ner');
  const named = cardWith((text) => text.replace('field: legal', 'folder: filings\nfield: legal'));
  expect(readDataCard(named).folder).toBe('filings');
  expect(() => readDataCard(cardWith((text) => text.replace('field: legal', 'folder: ../x\nfield: legal')))).toThrow(
    /folder: a kebab-case name/,
  );
});

describe('a damaged card', () => {
  test.each([
    [
      'an unknown key',
      (t: string) => t.replace('language: en', 'language: en\nlicense: x'),
      /Unrecognized key: "license"/,
    ],
    [
      'a wrong licence',
      (t: string) => t.replace('commercial: false', 'commercial: maybe'),
      /:10[\s\S]*licence\.commercial/,
    ],
    ['no checksum', (t: string) => t.replace(/sha256: \w+/, 'sha256: abc'), /files\.0\.sha256: a SHA-256/],
    ['a path that climbs out', (t: string) => t.replace('path: all.csv', 'path: ../all.csv'), /files\.0\.path/],
    ['a reader that is not there', (t: string) => t.replace('format: conll', 'format: conl'), /reader\.format/],
    [
      'an option the reader has not',
      (t: string) => t.replace('separator: comma', 'seperator: comma'),
      /reader\.options/,
    ],
    ['a missing section', (t: string) => t.replace('## Limits', '## Limitations'), /"## Limits" is missing/],
    ['broken YAML', (t: string) => t.replace('labels:', 'labels: ['), /not YAML/],
    ['no front matter', (t: string) => t.replace('---\n', ''), /front matter is missing/],
    ['shares above one', (t: string) => t.replace('test: 0.2', 'test: 1.2'), /split\.test/],
  ])('%s', (_, change, message) => {
    expect(() => readDataCard(cardWith(change))).toThrow(
      expect.objectContaining({ code: 'FC_DATA_CARD', message: expect.stringMatching(message) }),
    );
  });

  test('another name than its file, and an unknown name', () => {
    expect(() => readDataCard(cardWith((t) => t, {}, 'e-nor'))).toThrow(/named after its dataset/);
    expect(() => findDataCard('unfair-to', cards)).toThrow(/did you mean "unfair-tos"/);
  });
});

describe('a manifest', () => {
  const manifest = `path\tbytes\tsha256\tupstream\na/b.txt\t3\t${'0'.repeat(64)}\tup stream/b.txt\n`;
  const withManifest = (hash: string) => (text: string) =>
    text.replace(/files:\n( {2}.*\n)+/, `manifest: {path: m.tsv, sha256: ${hash}, files: 1}\n`);

  test('lists the files, and is checked itself', () => {
    const path = cardWith(withManifest(sha256(manifest)), { 'm.tsv': manifest });
    expect(readDataCard(path).files).toEqual([
      { path: 'a/b.txt', bytes: 3, sha256: '0'.repeat(64), upstream: 'up stream/b.txt' },
    ]);
    expect(cardDownloads(readDataCard(path))[0]?.url).toMatch(/\/up%20stream\/b\.txt$/);
    const other = cardWith(withManifest('f'.repeat(64)), { 'm.tsv': manifest });
    expect(() => readDataCard(other)).toThrow(/differs from its checksum/);
  });

  test('changes the hash of the card, as any word of the card does', () => {
    const hashes = [(t: string) => t, (t: string) => `${t}\nmore`].map((change) => readDataCard(cardWith(change)).hash);
    expect(new Set(hashes).size).toBe(2);
  });
});
