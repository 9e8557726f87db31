/** Kinds and columns are found out from what files hold, and what cannot be is said with the option that helps. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recogniseFile, stemOf, type FileHints } from './recognise.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldcraft-recognise-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function recognise(content: string, hints: FileHints = {}, name = 'own.csv') {
  writeFileSync(join(folder, name), content);
  return recogniseFile(join(folder, name), hints);
}

describe('the kind of task', () => {
  test.each<[string, string, string, object]>([
    ['one label a row', 'text,label\na,fire\nb,theft\nc,fire\n', 'classification', {}],
    ['one label with a comma in it', 'text,label\na,"fire, theft"\nb,water\nc,water\n', 'classification', {}],
    [
      'several labels in a cell',
      'text,label\na,fire\nb,theft\nc,fire; theft\nd,\n',
      'multi-label',
      { labelSeparator: ';' },
    ],
    [
      'several labels by commas',
      'text,label\na,fire\nb,theft\nc,"fire, theft"\n',
      'multi-label',
      { labelSeparator: ',' },
    ],
    ['lists of labels in cells', 'text,label\na,"[""fire""]"\nb,[]\n', 'multi-label', {}],
  ])('%s', async (_, content, kind, options) => {
    expect(await recognise(content)).toEqual({
      kind,
      format: 'delimited',
      readerOptions: { text: 'text', label: 'label', ...options },
      truth: 'column "label"',
    });
  });

  test.each([
    ['{"text":"a","labels":["fire","theft"]}', 'multi-label'],
    ['{"text":"a","label":"fire"}', 'classification'],
    ['{"text":"Acme","entities":[{"start":0,"end":4,"label":"ORG"}]}', 'token-classification'],
    ['{"text":"Acme","entities":[]}\n{"text":"Acme","entities":[[0,4,"ORG"]]}', 'token-classification'],
  ])('JSON Lines %s', async (content, kind) => {
    expect(await recognise(content, {}, 'own.jsonl')).toMatchObject({ kind, format: 'json-lines' });
  });

  test('tagged words, once they are called so, and pairs by their second column', async () => {
    expect(await recognise('Acme B-ORG\n', {}, 'own.conll')).toMatchObject({
      kind: 'token-classification',
      readerOptions: {},
    });
    const pairs = 'text,other,label\na,b,yes\nc,d,no\n';
    expect(await recognise(pairs, { secondColumn: 'other' })).toMatchObject({
      kind: 'pair-classification',
      readerOptions: { text: 'text', second: 'other', label: 'label' },
    });
  });

  test('queries and what they should find, named or not', async () => {
    const kind = 'retrieval';
    const usual = await recognise('text,second\na,b\nc,d\n', { kind });
    expect(usual).toMatchObject({ kind, readerOptions: { text: 'text', label: 'second' } });
    const columns = { textColumn: 'title', secondColumn: 'abstract' };
    const named = await recognise('title,abstract,year\na,b,1\nc,d,2\n', { kind, ...columns });
    expect(named).toMatchObject({ kind, readerOptions: { text: 'title', second: 'abstract', label: 'abstract' } });
  });

  test('a kind that is given counts more than what is seen', async () => {
    const given = await recognise('text,label\na,fire\nb,theft\n', { kind: 'multi-label' });
    expect(given).toMatchObject({ kind: 'multi-label', readerOptions: { text: 'text', label: 'label' } });
  });
});

describe('the columns', () => {
  test('are named, usual, or the one that is left over; delimiters are found out', async () => {
    const named = await recognise('id,body,topic\n1,a,x\n2,b,y\n', { textColumn: 'body', labelColumn: 'topic' });
    expect(named.readerOptions).toEqual({ text: 'body', label: 'topic' });
    const left = await recognise('Text;Art\na;x\nb;y\n');
    expect(left.readerOptions).toEqual({ delimiter: ';', text: 'Text', label: 'Art' });
  });

  test.each<[string, FileHints, RegExp]>([
    ['body,topic\na,x\n', {}, /which column holds the text is not clear[^]*body, topic[^]*--text-column/],
    ['text,topic,date\na,x,1\n', {}, /which column holds the label is not clear[^]*--label-column/],
    ['text,topic\na,x\n', { labelColumn: 'topics' }, /no column "topics"[^]*--label-column: did you mean "topic"/],
    ['text,label\na,x\n', { groupColumn: 'docs' }, /no column "docs"[^]*--group-column/],
    ['text\na\n', {}, /which column holds the label is not clear[^]*one column alone: text/],
    ['text,label\na,x\n', { kind: 'multilabel' }, /no kind of task "multilabel"[^]*did you mean "multi-label"/],
  ])('%j with %j', async (content, hints, message) => {
    await expect(recognise(content, hints)).rejects.toThrow(message);
  });

  test('values that are nearly all different are no labels', async () => {
    const rows = (label: (i: number) => string) =>
      `text,label\n${Array.from({ length: 40 }, (_, i) => `t${i},${label(i)}`).join('\n')}\n`;
    await expect(recognise(rows((i) => `because of ${i}`))).rejects.toThrow(
      /nearly every row has another[^]*--label-column/,
    );
    await expect(recognise(rows((i) => `${i / 40}`))).rejects.toThrow(/--kind regression/);
  });

  test('a file that is not there, and one of an unknown kind', async () => {
    await expect(recogniseFile(join(folder, 'none.csv'), {})).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
    await expect(recognise('x', {}, 'own.docx')).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
  });
});

test('the name of a file without its ending', () => {
  expect(['/a/claims.csv', 'b/claims.2024.csv', '.csv'].map(stemOf)).toEqual(['claims', 'claims.2024', '.csv']);
});
