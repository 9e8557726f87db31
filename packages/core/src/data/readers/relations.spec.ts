/** Relations between entities: SciERC's documents, the ADE corpus, and records of one's own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadFiles } from '../load-files.js';
import { readFormat } from '../read-format.js';
import type { FormatName } from './index.js';
import type { RawExample, Tally } from './reader.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-relations-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(format: FormatName, files: Record<string, string>, options: Record<string, unknown> = {}) {
  const tally: Tally = new Map();
  const written = Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return { path, name };
  });
  const examples: RawExample[] = [];
  const request = { files: written, kind: 'relation-extraction' as const, tally };
  for await (const example of readFormat(format, options, request)) examples.push(example);
  return { examples, tally };
}

test('SciERC: tokens count through the document, ends inclusive; sentences are examples', async () => {
  const document = {
    doc_key: 'D1',
    sentences: [
      ['We', 'parse', '.'],
      ['Trees', 'help', 'parsing', 'of', 'text', '.'],
    ],
    ner: [
      [],
      [
        [3, 3, 'Method'],
        [5, 7, 'Task'],
        [7, 7, 'Material'],
        [7, 7, 'Generic'],
      ],
    ],
    relations: [
      [],
      [
        [3, 3, 5, 7, 'USED-FOR'],
        [3, 3, 4, 4, 'COMPARE'],
      ],
    ],
  };
  const { examples, tally } = await read('scierc-relations', { 'train.json': `${JSON.stringify(document)}\n` });
  expect(examples).toMatchObject([
    { id: 'D1:1', group: 'D1', text: 'We parse .', entities: [], relations: [] },
    {
      ...{ id: 'D1:2', text: 'Trees help parsing of text .', relations: [{ head: 0, tail: 1, label: 'USED-FOR' }] },
      entities: [
        { start: 0, end: 5, label: 'Method' },
        { start: 11, end: 26, label: 'Task' },
        { start: 22, end: 26, label: 'Material' },
      ],
    },
  ]);
  expect([...tally.values()]).toEqual([1, 1]);
  await expect(read('scierc-relations', { 'bad.json': '{"doc_key": 1}\n' })).rejects.toMatchObject({
    code: 'FC_FILE_FORMAT',
  });
});

const options = {
  relations: {
    'AE.rel': { mention: 'Effect', relation: 'causes' },
    'DOSE.rel': { mention: 'Dose', relation: 'dose' },
  },
};

test('ADE: one example a sentence, mentions at the places that are as far apart as published', async () => {
  const said = 'Rash after aspirin, and again rash after aspirin 5 mg.';
  const { examples, tally } = await read(
    'ade-relations',
    {
      'AE.rel': `7|${said}|rash|130|134|aspirin|141|148\n7|${said}|Rash|100|104|aspirin|111|118\n7|${said}|Rash|100|104|aspirin|111|118\n`,
      'DOSE.rel': `7|${said}|5 mg|149|153|aspirin|141|148\n`,
    },
    options,
  );
  expect(examples).toHaveLength(1);
  const [{ entities = [], relations, group } = { entities: [] }] = examples;
  expect(group).toBe('7');
  expect(entities.map(({ start, end, label }) => [start, said.slice(start, end), label])).toEqual([
    [41, 'aspirin', 'Drug'],
    [30, 'rash', 'Effect'],
    [11, 'aspirin', 'Drug'],
    [0, 'Rash', 'Effect'],
    [49, '5 mg', 'Dose'],
  ]);
  expect(relations).toEqual([
    { head: 0, tail: 1, label: 'causes' },
    { head: 2, tail: 3, label: 'causes' },
    { head: 0, tail: 4, label: 'dose' },
  ]);
  expect([...tally.values()]).toEqual([1]);
});

test('ADE: a row whose sentence lacks a mention, and one of another form, are refused', async () => {
  const rows = (line: string) => read('ade-relations', { 'AE.rel': `${line}\n` }, options);
  await expect(rows('7|No such words.|rash|1|5|aspirin|6|9')).rejects.toMatchObject({ code: 'FC_DATA' });
  await expect(rows('7|No such words.|rash')).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
});

test('records name entities and relations by their numbers', async () => {
  const file = (row: object) => {
    const data = join(folder, 'own.jsonl');
    writeFileSync(data, `${JSON.stringify({ text: '😀 Ann met Bob', ...row })}\n`);
    return loadFiles({ kind: 'relation-extraction', data });
  };
  const mentions = [
    { start: 2, end: 5, label: 'Person' },
    { start: 10, end: 13, label: 'Person' },
  ];
  const { splits, labels } = await file({ mentions, relations: [{ head: 0, tail: 1, label: 'met' }] });
  expect(labels).toEqual(['met']);
  expect(splits.train[0]).toMatchObject({
    mentions: [
      { start: 3, end: 6 },
      { start: 11, end: 14 },
    ],
    relations: [{ head: 0, tail: 1, label: 'met' }],
  });
  for (const relations of [[{ head: 0, tail: 2, label: 'met' }], [{ head: 1, tail: 1, label: 'met' }], ['met']])
    await expect(file({ mentions, relations })).rejects.toMatchObject({ code: 'FC_DATA' });
});
