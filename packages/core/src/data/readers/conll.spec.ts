/** CoNLL files whose words hold spaces or miss their tags, and those with escaped brackets. */
import { expect, test } from '@jest/globals';
import { readFiles } from '../spec-files.js';

const read = (options: Record<string, unknown>, content: string) =>
  readFiles({ format: 'conll', kind: 'token-classification', options, files: { 'a.txt': content } });

test('last-space: the tag stands behind the last space; a missing one is O; a tag without a word is left out', async () => {
  const { raws, notes } = await read(
    { separator: 'last-space', scheme: 'iob2' },
    'along O\n<111>  B-DSC\nMPam 1/2  O\n O\n% \n. O\n\n\nnext B-MAT\n',
  );
  expect(raws).toMatchObject([
    { where: 'a.txt:1', text: 'along <111> MPam 1/2 % .', entities: [{ start: 6, end: 11, label: 'DSC' }] },
    { where: 'a.txt:9', text: 'next', entities: [{ start: 0, end: 4, label: 'MAT' }] },
  ]);
  expect(notes).toMatchObject({ 'words without a tag (read as O)': 1, 'tags without a word (left out)': 1 });
});

test('last-space: a line of one word alone is refused', async () => {
  await expect(read({ separator: 'last-space' }, 'word\n')).rejects.toMatchObject({
    code: 'FC_FILE_FORMAT',
    parts: { where: 'a.txt:1' },
  });
});

test('penn: brackets and quotation marks are put right, and offsets count what is written', async () => {
  const { raws, notes } = await read(
    { scheme: 'iob1', escapes: 'penn' },
    "-LRB- NN O O\nHMM NN O I-Method\n-RRB- NN O O\n`` NN O O\n'' NN O O\n;-RRB- NN O O\n",
  );
  expect(raws[0]).toMatchObject({ text: '( HMM ) " " ;)', entities: [{ start: 2, end: 5, label: 'Method' }] });
  expect(notes).toMatchObject({ 'words with escaped brackets or quotation marks (put right)': 5 });
});

test('without it they stay as written', async () => {
  const { raws } = await read({}, '-LRB- O\n');
  expect(raws[0]?.text).toBe('-LRB-');
});
