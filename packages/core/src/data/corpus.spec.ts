/** Corpora: their layouts, one's own files, damaged ones, and cards. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../foundation/index.js';
import { loadCorpus, loadOwnCorpus, measureCorpus } from './corpus.js';
import { findCorpusCard, listCorpusCards, readCorpusCard } from './corpus-card.js';
import { listDataCards } from './data-card.js';
import { unwrap } from './read-corpus.js';
import { errorOf, writeFiles } from './spec-files.js';
import { cards } from './spec-mirror.js';
import { readPackedText } from './text-file.js';

const twoCases = 'A man of 54 years.\nHe had fever.\n\nA woman of 31 years.\r\n\r\nA child.\n';

test('a file holds documents between blank lines, and paragraphs are its lines', async () => {
  const folder = writeFiles({ 'cases.txt': twoCases, 'cases.txt.gz': gzipSync(twoCases) });
  const plain = await loadOwnCorpus(join(folder, 'cases.txt'));
  expect(plain.documents.map(({ paragraphs }) => paragraphs)).toEqual([
    ['A man of 54 years.', 'He had fever.'],
    ['A woman of 31 years.'],
    ['A child.'],
  ]);
  expect(plain).toMatchObject({ name: 'cases.txt', origin: 'files', licence: { commercial: 'unknown' } });
  const packed = await loadOwnCorpus(join(folder, 'cases.txt.gz'), { name: 'cases', field: 'biomedical' });
  expect(packed.documents.map(({ paragraphs }) => paragraphs)).toEqual(plain.documents.map((d) => d.paragraphs));
  expect(packed).toMatchObject({ name: 'cases', field: 'biomedical' });
  expect(packed.documents.map(({ id }) => id)).toEqual(['cases.txt.gz#1', 'cases.txt.gz#2', 'cases.txt.gz#3']);
});

test('a folder holds a document a file, in folders of it too; a blank one is none', async () => {
  const folder = writeFiles({
    'b.txt': 'One\nparagraph.\n\nAnother.',
    'a/c.txt': 'Text.',
    'd.txt': ' \n',
    'e.md': 'No.',
  });
  const { documents } = await loadOwnCorpus(folder);
  expect(documents).toEqual([
    { id: 'a/c.txt', paragraphs: ['Text.'] },
    { id: 'b.txt', paragraphs: ['One paragraph.', 'Another.'] },
  ]);
});

test('JSON Lines hold a document a line', async () => {
  const lines = ['{"text":"First.\\n\\nSecond."}', '', '{"id":"x-7","text":"Third.","year":2001}'].join('\n');
  const { documents } = await loadOwnCorpus(join(writeFiles({ 'notes.jsonl': lines }), 'notes.jsonl'));
  expect(documents).toEqual([
    { id: 'notes.jsonl:1', paragraphs: ['First.', 'Second.'] },
    { id: 'x-7', paragraphs: ['Third.'] },
  ]);
});

describe('a text as it was set in type', () => {
  test.each([
    [
      'hard line breaks',
      'This Agreement is made\nas of May 13, 1997.\n\n1.   TERM.',
      ['This Agreement is made as of May 13, 1997.', '1. TERM.'],
    ],
    ['Windows line ends and a lone return', 'One\r\ntwo.\rThree.', ['One two.', 'Three.']],
    ['page marks and numbers', 'before\n<PAGE>   2\n\n  - 2 -\n\nafter', ['before', 'after']],
    ['tags of tables', '<TABLE>\n<CAPTION>\nFees\n<S>   <C>\nFirst year\n</TABLE>', ['Fees', 'First year']],
    [
      'no blank lines',
      'It ended so.\n"Then," he said,\nhe left. Later\nhe came.\n(He did.)',
      ['It ended so.', '"Then," he said, he left. Later he came.', '(He did.)'],
    ],
    ['leaders', 'Term ............ 4\nFee . . . . . . . 5', ['Term ... 4 Fee ... 5']],
    ['a number that a line begins with', 'dated as of May 13,\n1997, between', ['dated as of May 13, 1997, between']],
  ])('%s', (_, text, expected) => {
    expect(unwrap(text)).toEqual(expected);
  });
});

describe('what is no corpus', () => {
  const packed = gzipSync(twoCases.repeat(50));
  test.each([
    ['cut.txt.gz', packed.subarray(0, packed.length - 12), 'FC_FILE_FORMAT', /cannot be unpacked/],
    ['fake.txt.gz', 'plain text', 'FC_FILE_FORMAT', /cannot be unpacked/],
    ['latin.txt.gz', gzipSync(Buffer.from('caf\xe9', 'latin1')), 'FC_FILE_FORMAT', /not UTF-8/],
    ['empty.txt', '\n\n', 'FC_DATA', /holds no text/],
    ['table.csv', 'a,b', 'FC_FILE_FORMAT', /not a corpus/],
    ['other.jsonl', '{"body":"x"}', 'FC_DATA', /no text[\s\S]*other\.jsonl:1/],
    ['broken.jsonl', '{"text":"a"}\n{"text":', 'FC_FILE_FORMAT', /broken\.jsonl:2/],
  ])('%s', async (name, content, code, message) => {
    const path = join(writeFiles({ [name]: content }), name);
    expect(await errorOf(() => loadOwnCorpus(path))).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('a path that is not there', async () => {
    expect(await errorOf(() => loadOwnCorpus('/nowhere/text.txt'))).toMatchObject({ code: 'FC_NOT_FOUND' });
  });

  test('a packed file that unpacks to more than a file may hold', async () => {
    const path = join(writeFiles({ 'bomb.txt.gz': gzipSync(Buffer.alloc(2_000_000)) }), 'bomb.txt.gz');
    const error = await errorOf(() => readPackedText(path, 1_000_000));
    expect(error).toMatchObject({ code: 'FC_DATA', message: expect.stringMatching(/too large/) });
  });
});

test('figures of a corpus', () => {
  const documents = [{ id: 'a', paragraphs: ['Two words', 'naïve', 'TWO words'] }];
  expect(measureCorpus({ documents })).toEqual({ documents: 1, paragraphs: 3, words: 5, bytes: 24, repeats: 1 });
});

describe('cards', () => {
  test.each(listCorpusCards(cards))('the card %s is valid', (name) => {
    const card = findCorpusCard(name, cards);
    expect(card.name).toBe(name);
    expect(card.files.length).toBeGreaterThan(0);
    expect(card.path).toContain('corpora');
  });

  test('are not among those of labelled data, and may have the name of one', () => {
    expect(listDataCards(cards)).not.toContain('text-medquad');
    expect(listDataCards(cards)).toContain('contracts-unlabelled');
    expect(listCorpusCards(cards)).toContain('contracts-unlabelled');
    expect(() => findCorpusCard('text-medqad', cards)).toThrow(/no corpus card "text-medqad"[\s\S]*text-medquad/);
  });

  const page = readFileSync(join(cards, 'corpora/text-craft.md'), 'utf8');
  const cardOf = (text: string) => join(writeFiles({ 'text-craft.md': text }), 'text-craft.md');

  test.each([
    ['an unknown layout', page.replace('layout: documents-by', 'layout: by'), /layout/],
    [
      'both ways to list files',
      page.replace('layout:', `manifest: { path: a.tsv, files: 1, sha256: ${sha256('')} }\nlayout:`),
      /either files or manifest/,
    ],
    [
      'a manifest that climbs out',
      page.replace('files:', `manifest: { path: ../../a.tsv, files: 1, sha256: ${sha256('')} }\nx:`),
      /one folder above/,
    ],
  ])('%s', (_, text, message) => {
    expect(() => readCorpusCard(cardOf(text))).toThrow(
      expect.objectContaining({ code: 'FC_DATA_CARD', message: expect.stringMatching(message) }),
    );
  });

  test('a corpus of a card is read from its folder, and only if its files are the ones described', async () => {
    const content = gzipSync(twoCases);
    const text = page
      .replace('craft-articles.txt.gz', 'cases.txt.gz')
      .replace(/bytes: \d+/, `bytes: ${content.length}`)
      .replace(/sha256: \w+/, `sha256: ${sha256(content)}`);
    const card = readCorpusCard(cardOf(text));
    const folder = writeFiles({ 'cases.txt.gz': content });
    const corpus = await loadCorpus(card, { folder });
    expect(corpus).toMatchObject({ name: 'text-craft', field: 'biomedical', licence: { commercial: true }, card });
    expect(corpus.documents).toHaveLength(3);
    writeFileSync(join(folder, 'cases.txt.gz'), gzipSync('Other text.'));
    expect(await errorOf(() => loadCorpus(card, { folder }))).toMatchObject({ code: 'FC_CHECKSUM' });
    expect(
      await errorOf(() => loadCorpus(card, { mirror: folder, ownFolder: folder, cacheFolder: folder })),
    ).toMatchObject({
      code: 'FC_NOT_FOUND',
    });
  });
});
