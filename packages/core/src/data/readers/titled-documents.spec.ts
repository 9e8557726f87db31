/** Documents with titles, many in one file, plain and packed. */
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { readFiles } from '../spec-files.js';

const content = 'On cats\nCats are described.\n\n\nOn dogs\r\nDogs are.\r\n';
const read = (files: Record<string, string | Uint8Array>, options: Record<string, unknown> = {}) =>
  readFiles({ format: 'titled-documents', kind: 'retrieval', files, options });

test('a title and its text, whether packed or not', async () => {
  const expected = (name: string) => [
    { where: `${name}:1`, text: 'On cats', second: 'Cats are described.' },
    { where: `${name}:5`, text: 'On dogs', second: 'Dogs are.' },
  ];
  expect((await read({ 'a.txt': content })).raws).toEqual(expected('a.txt'));
  expect((await read({ 'a.txt.gz': gzipSync(content) })).raws).toEqual(expected('a.txt.gz'));
});

test('documents that the card leaves out are counted; one that is not there is an error', async () => {
  const { raws, notes } = await read({ 'a.txt': content }, { leaveOut: ['a.txt:5'] });
  expect(raws.map(({ text }) => text)).toEqual(['On cats']);
  expect(notes).toEqual({ 'documents (left out, as the card says)': 1 });
  await expect(read({ 'a.txt': content }, { leaveOut: ['a.txt:2'] })).rejects.toMatchObject({
    code: 'FC_DATA',
    message: expect.stringContaining('a.txt:2'),
  });
});

test('a document without a text, one with more, and what is no archive are refused', async () => {
  const refused = { code: 'FC_FILE_FORMAT' };
  await expect(read({ 'a.txt': 'alone\n' })).rejects.toMatchObject(refused);
  await expect(read({ 'a.txt': 'one\ntwo\nthree\n' })).rejects.toMatchObject(refused);
  await expect(read({ 'a.gz': 'no archive' })).rejects.toMatchObject(refused);
  await expect(read({ 'a.gz': gzipSync(Uint8Array.of(0xff, 0xfe)) })).rejects.toMatchObject(refused);
});
