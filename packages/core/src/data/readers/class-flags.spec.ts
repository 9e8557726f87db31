/** Numbered flags beside a sentence and its place in a document. */
import { expect, test } from '@jest/globals';
import { readFiles } from '../spec-files.js';

const header = 'labels\tsentence\tindex\n';
const read = (rows: string) =>
  readFiles({ format: 'class-flags', kind: 'multi-label', options: { classes: 3 }, files: { 'a.tsv': header + rows } });

test('flags that are set are labels, quotation marks are plain, the document is the group', async () => {
  const { raws } = await read('0_1,1_0,2_1\tA "new vessel\t77_s0\n0_0,1_0,2_0\tNone .\t77_s10\n');
  expect(raws).toEqual([
    { where: 'a.tsv:2', id: '77_s0', text: 'A "new vessel', labels: ['0', '2'], group: '77' },
    { where: 'a.tsv:3', id: '77_s10', text: 'None .', labels: [], group: '77' },
  ]);
});

test.each([
  ['too few flags', '0_1,1_0\ttext\t7_s0\n'],
  ['flags in another order', '1_0,0_1,2_0\ttext\t7_s0\n'],
  ['a flag that is neither 0 nor 1', '0_2,1_0,2_0\ttext\t7_s0\n'],
  ['no place', '0_0,1_0,2_0\ttext\t7\n'],
  ['a column too many', '0_0,1_0,2_0\ttext\t7_s0\tmore\n'],
])('%s is refused by its line', async (_, row) => {
  await expect(read(row)).rejects.toMatchObject({ code: 'FC_FILE_FORMAT', parts: { where: 'a.tsv:2' } });
});
