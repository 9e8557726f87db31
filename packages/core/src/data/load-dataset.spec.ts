/** Datasets by their cards: checksums, labels, parts, leaks, samples, downloads. */
import { readFileSync, readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '../foundation/index.js';
import { readDataCard, type DataCard } from './data-card.js';
import { loadDataset } from './load-dataset.js';
import { errorOf, writeFiles } from './spec-files.js';

const rows = [
  ...['Quick', 'Brown', 'Lazy'].map((word, i) => ({
    text: `${word} foxes jump`,
    label: 'p',
    doc: `d${i}`,
    split: 'train',
  })),
  { text: 'Dogs sleep', label: 'n', doc: 'd1', split: 'train' },
  { text: 'A heading', label: 'n', doc: 'd0', split: 'train' },
  { text: 'a heading', label: 'n', doc: 'd9', split: 'test' },
  { text: 'Cats stare', label: 'p', doc: 'd9', split: 'test' },
  { text: '  ', label: 'p', doc: 'd9', split: 'test' },
  { text: 'odd', label: 'p', doc: 'd9', split: 'dev' },
];
const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');

interface CardOptions {
  content?: string;
  hash?: string;
  labels?: string;
  extra?: string;
}

function makeCard({
  content = lines,
  hash = sha256(content),
  labels = '{p: positive, n: negative}',
  extra = '',
}: CardOptions = {}): { card: DataCard; mirror: string } {
  const folder = writeFiles({
    'data/general/made/rows.jsonl': content,
    'cards/made.md': `---
name: made
title: Made for the specs
field: general
task: classification
language: en
version: '1'
licence: {name: CC0-1.0, commercial: true, statedIn: here}
source: https://example.org/made
citation: none
files: [{path: rows.jsonl, bytes: ${Buffer.byteLength(content)}, sha256: ${hash}, upstream: up stream.jsonl}]
reader: {format: json-lines, options: {part: split, group: doc}}
labels: ${labels}
split: {rule: published}
${extra}
problems: []
counts: {examples: {train: 0, dev: 0, test: 0}, labels: {}, notes: [], quality: {}}
---
${['What it is', 'Where it comes from', 'Known problems and what we did', 'Limits'].map((s) => `## ${s}\n\nx\n`).join('\n')}`,
  });
  return { card: readDataCard(join(folder, 'cards/made.md')), mirror: folder };
}

/** Neither mirror nor cache has anything. */
const nowhere = () => ({ mirror: '/nowhere', cacheFolder: writeFiles({}) });

describe('from the mirror', () => {
  test('labels renamed, parts as published, empty texts left out, everything said', async () => {
    const { card, mirror } = makeCard();
    const dataset = await loadDataset(card, { mirror });
    expect(dataset).toMatchObject({
      name: 'made',
      kind: 'classification',
      labels: ['positive', 'negative'],
      origin: 'mirror',
      notes: ['1 empty texts (left out)'],
      splitRule: 'parts as published',
      licence: { name: 'CC0-1.0', commercial: true },
    });
    expect(dataset.splits.test).toEqual([
      { id: 'rows.jsonl:6', text: 'a heading', label: 'negative', group: 'd9' },
      { id: 'rows.jsonl:7', text: 'Cats stare', label: 'positive', group: 'd9' },
    ]);
  });

  test('rows that say the same once more are left out, and documents kept on one side, where the card says so', async () => {
    const content = `${lines}${JSON.stringify({ ...rows[0], text: 'quick  foxes jump' })}\n${JSON.stringify({ ...rows[0], label: 'n' })}\n${JSON.stringify({ ...rows[0], text: 'Owls', doc: 'd9' })}\n`;
    const { card, mirror } = makeCard({ content, extra: 'repeats: drop\ndocuments: apart' });
    const { splits, notes } = await loadDataset(card, { mirror });
    // The same text with another label stays: it says something else.
    expect(splits.train.map(({ text }) => text).filter((text) => /quick|owls/i.test(text))).toEqual([
      'Quick foxes jump',
      'Quick foxes jump',
    ]);
    expect(splits.dev).toEqual([]);
    expect(notes).toContain('1 rows that repeat an earlier one, label and all (left out)');
    expect(notes.at(-1)).toBe(
      '1 train examples of documents that also stand in dev or test were dropped, and 1 dev examples of those in test',
    );
  });

  test('leaks are closed where the card says so', async () => {
    const { card, mirror } = makeCard({ extra: 'leakage: drop-exact' });
    const dataset = await loadDataset(card, { mirror });
    expect(dataset.splits.train.map(({ text }) => text)).not.toContain('A heading');
    expect(dataset.notes.at(-1)).toMatch(/^1 train examples/);
  });

  test('dropped labels of single-label data leave no label, which is an error', async () => {
    const { card, mirror } = makeCard({ labels: '{p: positive, n: null}' });
    await expect(loadDataset(card, { mirror })).rejects.toMatchObject({
      code: 'FC_DATA',
      parts: { where: 'rows.jsonl:4' },
    });
  });

  test('a label outside the card', async () => {
    const { card, mirror } = makeCard({ labels: '{p: positive, m: negative}' });
    await expect(loadDataset(card, { mirror })).rejects.toMatchObject({
      code: 'FC_DATA',
      parts: { what: 'the label "n" is not in the label set', where: 'rows.jsonl:4' },
    });
  });

  test('a checksum that differs names the file, the expected and the got', async () => {
    const { card, mirror } = makeCard({ hash: 'a'.repeat(64) });
    await expect(loadDataset(card, { mirror })).rejects.toMatchObject({
      code: 'FC_CHECKSUM',
      parts: {
        where: join(mirror, 'data/general/made/rows.jsonl'),
        expected: expect.stringContaining('aaaa'),
        got: expect.stringContaining(sha256(lines)),
      },
    });
  });

  test('a file that is missing, an example without a part', async () => {
    const { card } = makeCard();
    await expect(loadDataset(card, { folder: writeFiles({}) })).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
    const partless = makeCard({ content: lines.replace('"split":"dev"', '"split":null') });
    await expect(loadDataset(partless.card, { mirror: partless.mirror })).rejects.toMatchObject({
      code: 'FC_DATA',
      parts: { where: 'rows.jsonl:9' },
    });
  });
});

describe('without data', () => {
  const samples = {
    folder: writeFiles({
      's.train.jsonl': '{"text":"x","label":"positive"}\n{"text":"y","label":"positive"}\n',
      's.dev.jsonl': '{"text":"z","label":"positive"}\n',
      's.test.jsonl': '{"text":"u","label":"positive"}\n',
    }),
    name: 's',
  };

  test('samples take its place and say so', async () => {
    const dataset = await loadDataset(makeCard().card, { ...nowhere(), samples });
    expect(dataset).toMatchObject({ origin: 'samples', labels: ['positive'], licence: { name: 'Apache-2.0' } });
    expect(dataset.notes[0]).toBe('hand-written samples were taken, since the data of made is not on this machine');
    expect(dataset.splits.train).toHaveLength(2);
  });

  test('without samples the error says where to get it', async () => {
    await expect(loadDataset(makeCard().card, nowhere())).rejects.toMatchObject({
      code: 'FC_NOT_FOUND',
      parts: { fix: expect.stringContaining('FIELDCRAFT_MIRROR') },
    });
  });

  test('a sample with a label outside the card', async () => {
    const folder = writeFiles({
      's.train.jsonl': '{"text":"x","label":"other"}',
      's.dev.jsonl': '',
      's.test.jsonl': '',
    });
    await expect(loadDataset(makeCard().card, { ...nowhere(), samples: { folder, name: 's' } })).rejects.toMatchObject({
      code: 'FC_DATA',
    });
  });
});

describe('by download', () => {
  const closers: (() => void)[] = [];
  afterEach(() => closers.splice(0).forEach((close) => close()));

  async function serve(
    answer: (request: IncomingMessage, response: ServerResponse, n: number) => void,
  ): Promise<string> {
    let n = 0;
    const server = createServer((request, response) => answer(request, response, ++n));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close().closeAllConnections());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
  }

  test('a connection that drops and a wrong answer are tried again; the second time the cache has it', async () => {
    const urls: (string | undefined)[] = [];
    const base = await serve((request, response, n) => {
      urls.push(request.url);
      if (n === 1) {
        response.writeHead(200, { 'content-length': lines.length });
        response.write(lines.slice(0, 20), () => request.socket.destroy());
      } else if (n === 2) response.end('wrong bytes');
      else response.end(lines);
    });
    const { card } = makeCard({ extra: `download: ${base}` });
    const seen: number[] = [];
    const options = {
      ...nowhere(),
      download: true,
      retryDelay: 1,
      onProgress: ({ bytesDone }: { bytesDone: number }) => seen.push(bytesDone),
    };
    const dataset = await loadDataset(card, options);
    expect(dataset.origin).toBe('download');
    expect(urls).toEqual(Array(3).fill('/base/up%20stream.jsonl'));
    expect(seen).toEqual([0, Buffer.byteLength(lines)]);
    expect(readFileSync(join(options.cacheFolder, 'data/general/made/rows.jsonl'), 'utf8')).toBe(lines);
    expect((await loadDataset(card, options)).origin).toBe('cache');
    expect(urls).toHaveLength(3);
  });

  test('two that want it at once: one brings it, the other takes that', async () => {
    let requests = 0;
    const base = await serve((_, response) => {
      requests++;
      response.end(lines);
    });
    const { card } = makeCard({ extra: `download: ${base}` });
    const options = { ...nowhere(), download: true };
    const datasets = await Promise.all([loadDataset(card, options), loadDataset(card, options)]);
    expect(datasets.map(({ origin }) => origin)).toEqual(['download', 'download']);
    expect(requests).toBe(1);
    expect(readdirSync(join(options.cacheFolder, 'data/general'))).toEqual(['made']);
  });

  test('another thing where the dataset belongs is left as it is', async () => {
    const base = await serve((_, response) => response.end(lines));
    const { card } = makeCard({ extra: `download: ${base}` });
    const cacheFolder = writeFiles({ 'data/general/made': 'a file' });
    const error = await errorOf(() => loadDataset(card, { mirror: '/nowhere', cacheFolder, download: true }));
    expect(error).toMatchObject({ code: 'FC_DISK', parts: { where: join(cacheFolder, 'data/general/made') } });
    expect(readFileSync(join(cacheFolder, 'data/general/made'), 'utf8')).toBe('a file');
  });

  test('a connection that brings nothing more is given up', async () => {
    const base = await serve((_, response) => {
      response.writeHead(200, { 'content-length': lines.length });
      response.write(lines.slice(0, 20));
    });
    const { card } = makeCard({ extra: `download: ${base}` });
    const options = { ...nowhere(), download: true, attempts: 1, stallTimeout: 50 };
    const error = await errorOf(() => loadDataset(card, options));
    expect(error).toMatchObject({ code: 'FC_DOWNLOAD', parts: { got: expect.stringContaining('no byte for') } });
  });

  test('a server without the file: an error, or samples', async () => {
    const base = await serve((_, response) => response.writeHead(404).end());
    const { card } = makeCard({ extra: `download: ${base}` });
    const options = { ...nowhere(), download: true, retryDelay: 1, attempts: 2 };
    const error = await errorOf(() => loadDataset(card, options));
    expect(error).toMatchObject({ code: 'FC_DOWNLOAD', parts: { got: expect.stringContaining('404') } });
  });

  test('bytes that stay wrong are never kept', async () => {
    const base = await serve((_, response) => response.end(`${lines}and more`));
    const { card } = makeCard({ extra: `download: ${base}` });
    const error = await errorOf(() => loadDataset(card, { ...nowhere(), download: true, retryDelay: 1 }));
    expect(error).toMatchObject({ code: 'FC_CHECKSUM', parts: { got: 'more bytes than that' } });
  });
});
