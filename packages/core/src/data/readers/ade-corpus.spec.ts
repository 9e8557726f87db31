/** Relations and sentences without any, as sentences with and without an adverse effect. */
import { expect, test } from '@jest/globals';
import { readFiles } from '../spec-files.js';

const read = (positive: string, negative: string) =>
  readFiles({
    format: 'ade-corpus',
    kind: 'classification',
    options: { positive: 'a.rel', negative: 'b.txt' },
    files: { 'a.rel': positive, 'b.txt': negative },
  });

test('one example for each sentence of an article, its article the group', async () => {
  const { raws, notes } = await read(
    '1|Drowsiness and rash after zapolin.|Drowsiness|90|100|zapolin|117|124\n' +
      '1|Drowsiness and rash after zapolin.|rash|105|109|zapolin|117|124\n' +
      '2|Drowsiness and rash after zapolin.|rash|5|9|zapolin|17|24\n',
    '2 NEG Zapolin was given.\n2 NEG Zapolin was given.\n3 NEG Zapolin was given.\n',
  );
  const [text, without] = ['Drowsiness and rash after zapolin.', 'Zapolin was given.'];
  expect(raws).toEqual([
    { where: 'a.rel:1', text, labels: ['positive'], group: '1' },
    { where: 'a.rel:3', text, labels: ['positive'], group: '2' },
    { where: 'b.txt:1', text: without, labels: ['negative'], group: '2' },
    { where: 'b.txt:3', text: without, labels: ['negative'], group: '3' },
  ]);
  expect(Object.values(notes)).toEqual([1, 1]);
});

test.each([
  ['a column too few', '1|Rash.|Rash|0|4|x|5\n', '', 'FC_FILE_FORMAT', 'a.rel:1'],
  ['a mention that is not in its sentence', '1|Rash after x.|Fever|0|5|x|5|6\n', '', 'FC_FILE_FORMAT', 'a.rel:1'],
  ['a line of the other file', '', '1|Rash.\n', 'FC_FILE_FORMAT', 'b.txt:1'],
  ['a sentence on both sides', '1|Rash after x.|Rash|0|4|x|5|6\n', '1 NEG Rash after x.\n', 'FC_DATA', 'b.txt:1'],
])('%s is refused by its line', async (_, positive, negative, code, where) => {
  await expect(read(positive, negative)).rejects.toMatchObject({ code, parts: { where } });
});

test('a file that is missing is named', async () => {
  const work = readFiles({
    format: 'ade-corpus',
    kind: 'classification',
    options: { positive: 'a.rel', negative: 'b.txt' },
    files: { 'a.rel': '' },
  });
  await expect(work).rejects.toMatchObject({ code: 'FC_NOT_FOUND', parts: { where: 'b.txt' } });
});
