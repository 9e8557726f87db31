/** Documents with a table of codes a part: cut short, counted once, each document with its text. */
import { expect, test } from '@jest/globals';
import { readFiles } from '../spec-files.js';

const files = {
  'train/trainD.tsv': 'S1\ti10\nS1\tr60.9\nS1\tr60.1\n',
  'train/texts/S1.txt': 'Oedema.\nHigh blood pressure.\n',
  'train/texts/S2.txt': 'Well.\n',
  'test/testD.tsv': 'S3\tz20.818\n',
  'test/texts/S3.txt': 'Contact.\n',
};
const read = (more: Record<string, string> = {}, options = {}) =>
  readFiles({
    ...{ format: 'coded-documents', kind: 'code-assignment', files: { ...files, ...more } },
    options: { codes: 'D.tsv', texts: 'texts', characters: 3, ...options },
  });

test('a document is an example, its codes in capitals, cut short, each once; one without codes stays', async () => {
  const { raws, notes } = await read();
  expect(raws).toEqual([
    ...[
      {
        where: 'train/texts/S1.txt:1',
        id: 'S1',
        text: files['train/texts/S1.txt'],
        labels: ['I10', 'R60'],
        part: 'train',
      },
    ],
    ...[{ where: 'train/texts/S2.txt:1', id: 'S2', text: 'Well.\n', labels: [], part: 'train' }],
    ...[{ where: 'test/texts/S3.txt:1', id: 'S3', text: 'Contact.\n', labels: ['Z20'], part: 'test' }],
  ]);
  expect(notes).toEqual({ 'rows whose code, cut short, its document has already (counted once)': 1 });
  const whole = await read({}, { characters: undefined });
  expect(whole.raws[0]?.labels).toEqual(['I10', 'R60.9', 'R60.1']);
});

test('codes without a text, and rows of another shape, are refused', async () => {
  await expect(read({ 'dev/devD.tsv': 'S9\ta00\n' })).rejects.toMatchObject({
    code: 'FC_FILE_FORMAT',
    message: expect.stringContaining('S9'),
  });
  await expect(read({ 'dev/devD.tsv': 'S9 a00\n' })).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
});
