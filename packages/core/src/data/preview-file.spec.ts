/** Previews: columns and rows as they stand, delimiters found out. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { previewFile } from './preview-file.js';
import { writeFiles } from './spec-files.js';

const preview = (name: string, content: string, options?: Parameters<typeof previewFile>[1]) =>
  previewFile(join(writeFiles({ [name]: content }), name), options);

test('CSV: columns and rows, as many as asked for, cells with line breaks whole', async () => {
  expect(await preview('a.csv', 'text,label\n"one\ntwo",a\nthree,b\nfour,c\n', { rows: 2 })).toEqual({
    format: 'delimited',
    readerOptions: {},
    columns: ['text', 'label'],
    rows: [
      { text: 'one\ntwo', label: 'a' },
      { text: 'three', label: 'b' },
    ],
  });
});

test.each([
  ['a.csv', 'Text;Art\neins, zwei;a\n', { delimiter: ';' }],
  ['a.csv', 'Text|Art\neins|a\n', { delimiter: '|' }],
  ['a.tsv', 'Text\tArt\neins, zwei\ta\n', {}],
])('the delimiter of %s %j', async (name, content, readerOptions) => {
  expect(await preview(name, content)).toMatchObject({ readerOptions, columns: ['Text', 'Art'] });
});

test('JSON Lines: the columns of all rows', async () => {
  const { columns, rows } = await preview('a.jsonl', '{"text":"x"}\n\n{"text":"y","labels":["a"]}\n');
  expect(columns).toEqual(['text', 'labels']);
  expect(rows).toHaveLength(2);
});

test('formats without columns have none', async () => {
  expect(await preview('a.conll', 'Acme B-ORG\n', { kind: 'token-classification' })).toEqual({
    format: 'conll',
    readerOptions: {},
    columns: [],
    rows: [],
  });
});

test('a file that is not there, and one of an unknown format', async () => {
  await expect(previewFile('/nowhere/a.csv')).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
  await expect(preview('a.docx', 'x')).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
});
