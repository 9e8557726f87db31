/** Documents as lists of sentences and labels. */
import { expect, test } from '@jest/globals';
import { readFiles } from '../spec-files.js';

const read = (content: string) =>
  readFiles({ format: 'sentence-lists', kind: 'classification', files: { 'a.jsonl': content } });

test('one example a sentence; a line is a document, whatever id it bears', async () => {
  const { raws } = await read(
    '{"abstract_id":0,"sentences":["We ask.","We find."],"labels":["objective","result"],"confs":[1,0.5]}\n\n' +
      '{"abstract_id":0,"sentences":["They ask."],"labels":["background"]}\n',
  );
  expect(raws).toEqual([
    { where: 'a.jsonl:1.1', text: 'We ask.', labels: ['objective'], group: 'a.jsonl:1' },
    { where: 'a.jsonl:1.2', text: 'We find.', labels: ['result'], group: 'a.jsonl:1' },
    { where: 'a.jsonl:3.1', text: 'They ask.', labels: ['background'], group: 'a.jsonl:3' },
  ]);
});

test.each([
  ['a label too few', '{"sentences":["a","b"],"labels":["x"]}', 'FC_DATA', /2 labels/],
  ['no list', '{"sentences":"a","labels":["x"]}', 'FC_DATA', /list of texts/],
  ['no such key', '{"text":["a"],"labels":["x"]}', 'FC_DATA', /the keys text, labels/],
  ['no JSON', '{"sentences":', 'FC_FILE_FORMAT', /a\.jsonl:1/],
])('%s is refused', async (_, content, code, message) => {
  await expect(read(content)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});
