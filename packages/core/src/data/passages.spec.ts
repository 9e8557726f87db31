/** Passages are taken from where they stand, and only if they are still the words that were labelled. */
import { expect, test } from '@jest/globals';
import { sha256 } from '../foundation/index.js';
import { readPassages } from './passages.js';
import { writeFiles } from './spec-files.js';

const folder = writeFiles({ 'a/x.txt': 'Title\n\nThe lessee\n   insures it.\n\nEnd' });
const passage = {
  file: 'a/x.txt',
  start: 7,
  end: 33,
  sha256: sha256('The lessee\n   insures it.\n'),
  labels: ['Insurance'],
};

test('the words with single spaces, and their document', () => {
  expect(readPassages([passage], folder)).toEqual([
    { id: 'a/x.txt:7', text: 'The lessee insures it.', labels: ['Insurance'], group: 'a/x.txt' },
  ]);
});

test('other words, paths that climb out, damaged lists', () => {
  expect(() => readPassages([{ ...passage, start: 8 }], folder)).toThrow(
    expect.objectContaining({ code: 'FC_CHECKSUM' }),
  );
  for (const wrong of [
    { ...passage, file: '../x' },
    { ...passage, labels: undefined },
  ]) {
    expect(() => readPassages([wrong], folder)).toThrow(expect.objectContaining({ code: 'FC_FILE_FORMAT' }));
  }
});
