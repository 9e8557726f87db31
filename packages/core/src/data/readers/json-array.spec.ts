/** One array of objects a file: lists of one text, labels in one text, documents out of ids. */
import { expect, test } from '@jest/globals';
import { readFiles } from '../spec-files.js';

const options = { text: 'x', label: 'y', id: 'id', labelSeparator: ' ', groupUpTo: '_' };

test('labels are a set in any order, a list of one text is that text, the document is the id without its number', async () => {
  const rows = [
    { id: 'ab_1_0', x: 'We follow <cite>them</cite>.', y: 'uses similarities' },
    { id: 'ab_1_1', x: ['Unlike them, we do not.'], y: 'differences' },
  ];
  const { raws, notes } = await readFiles({
    format: 'json-array',
    kind: 'multi-label',
    options,
    files: { 'a.json': JSON.stringify(rows) },
  });
  expect(raws).toEqual([
    {
      ...{ where: 'a.json:1', id: 'ab_1_0', group: 'ab_1' },
      ...{ text: 'We follow <cite>them</cite>.', labels: ['uses', 'similarities'] },
    },
    { where: 'a.json:2', id: 'ab_1_1', group: 'ab_1', text: 'Unlike them, we do not.', labels: ['differences'] },
  ]);
  expect(notes).toEqual({ 'texts that were a list of one text': 1 });
});

test.each([
  ['no JSON', '[{"x":', 'FC_FILE_FORMAT', /JSON/],
  ['no array', '{"x":"a"}', 'FC_FILE_FORMAT', /array of objects/],
  ['an array of texts', '["a"]', 'FC_FILE_FORMAT', /array of objects/],
  ['two texts in one row', '[{"id":"a_1","x":["a","b"],"y":"c"}]', 'FC_DATA', /a text or a number/],
])('%s is refused', async (_, content, code, message) => {
  const work = readFiles({ format: 'json-array', kind: 'multi-label', options, files: { 'a.json': content } });
  await expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});
