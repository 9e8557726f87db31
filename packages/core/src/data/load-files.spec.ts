/** The user's own files, found out, divided, and refused where they do not fit. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { partNames, type AnyDataset } from './examples.js';
import { loadFiles } from './load-files.js';
import { summariseParts } from './quality.js';
import { detectFormat } from './read-format.js';
import { writeFiles } from './spec-files.js';

function csv(n: number): string {
  const stream = random(1, 'csv');
  const rows = Array.from({ length: n }, (_, i) => {
    const text = Array.from({ length: 12 }, () => `w${stream.integer(9999)}`).join(' ');
    return `"${text}",${i % 3 === 0 ? 'yes' : 'no'},doc${i % 50},2020-01-${String((i % 28) + 1).padStart(2, '0')}`;
  });
  return `body,answer,document,day\n${rows.join('\n')}\n`;
}

const sizesOf = (dataset: AnyDataset) => partNames.map((part) => dataset.splits[part].length);
const columns = { textColumn: 'body', labelColumn: 'answer' };
const file = (name: string, content: string) => join(writeFiles({ [name]: content }), name);

describe('one file', () => {
  test('is divided 80/10/10, the same each time; labels are sorted', async () => {
    const data = file('all.csv', csv(1000));
    const dataset = await loadFiles({ kind: 'classification', data, ...columns });
    expect(dataset).toMatchObject({ name: 'all.csv', kind: 'classification', labels: ['no', 'yes'], origin: 'files' });
    expect(dataset.splitRule).toBe(
      '80 % train, 10 % dev, 10 % test, stratified by label, near duplicates together, seed 0',
    );
    const sizes = sizesOf(dataset);
    expect(sizes.map((size) => Math.round(size / 10))).toEqual([80, 10, 10]);
    expect((await loadFiles({ kind: 'classification', data, ...columns })).splits).toEqual(dataset.splits);
  });

  test('documents stay whole, or the newest are tested', async () => {
    const data = file('all.csv', csv(1000));
    const grouped = await loadFiles({ kind: 'classification', data, ...columns, groupColumn: 'document' });
    const groups = summariseParts(grouped).map((part) => part.groups ?? 0);
    expect(groups.reduce((a, b) => a + b)).toBe(50);
    const dated = await loadFiles({ kind: 'classification', data, ...columns, dateColumn: 'day', splitBy: 'date' });
    expect(dated.splitRule).toBe('by date: train before 2020-01-23, dev before 2020-01-26, test from then on');
  });

  test.each(['2020-1-1', '01/02/2020', '2020-02-30', '2020', '2020-01-01 10:00', 'soon', ''])(
    '%j is no date of ISO 8601: the line is named',
    async (day) => {
      const data = file('all.csv', `${csv(3)}"the last",yes,doc,${day}\n`);
      const dated = { kind: 'classification', data, ...columns, dateColumn: 'day', splitBy: 'date' } as const;
      await expect(loadFiles(dated)).rejects.toMatchObject({
        code: 'FC_DATA',
        parts: {
          where: expect.stringMatching(/all\.csv:5$/),
          got: JSON.stringify(day),
          expected: expect.stringContaining('ISO 8601'),
        },
      });
    },
  );

  test('of two hundred thousand rows', async () => {
    const line = (i: number) => `{"text":"row ${i}","label":"${i % 2}"}\n`;
    const [train, rest] = [Array.from({ length: 200_000 }, (_, i) => line(i)).join(''), line(-1)];
    const paths = { train: file('a.jsonl', train), dev: file('b.jsonl', rest), test: file('c.jsonl', rest) };
    expect(sizesOf(await loadFiles({ kind: 'classification', ...paths }))).toEqual([200_000, 1, 1]);
  });

  test('fewer than 300 examples are cross-validated', async () => {
    const dataset = await loadFiles({ kind: 'classification', data: file('all.csv', csv(299)), ...columns });
    expect(dataset.folds).toHaveLength(5);
    expect(dataset.splits).toMatchObject({ dev: [], test: [] });
    expect(dataset.splitRule).toMatch(/^fewer than 300 examples: 5-fold/);
  });

  test('a column may say the part', async () => {
    const content = 'text,label,fold\na,x,train\nb,x,valid\nc,x,test\n';
    const dataset = await loadFiles({ kind: 'classification', data: file('a.csv', content), partColumn: 'fold' });
    expect(sizesOf(dataset)).toEqual([1, 1, 1]);
    const lacking = file('b.csv', content.replace('c,x,test\n', ''));
    await expect(loadFiles({ kind: 'classification', data: lacking, partColumn: 'fold' })).rejects.toThrow(
      /no examples for test/,
    );
  });
});

describe('files of their parts', () => {
  const part = (n: number) =>
    file('a.jsonl', Array.from({ length: n }, (_, i) => `{"text":"${n} ${i}","label":"${i % 2}"}\n`).join(''));

  test('dev is cut from train where it is missing', async () => {
    const dataset = await loadFiles({ kind: 'classification', train: part(100), test: part(20) });
    expect(sizesOf(dataset)).toEqual([90, 10, 20]);
    const whole = await loadFiles({ kind: 'classification', train: part(100), dev: part(10), test: part(20) });
    expect(whole.splitRule).toBe('parts as given');
  });

  test.each([
    [{}, /either one file/],
    [{ train: 'a', data: 'b' }, /either one file/],
    [{ train: 'a' }, /test part is missing/],
  ])('%j do not go together', async (paths, message) => {
    await expect(loadFiles({ kind: 'classification', ...paths })).rejects.toMatchObject({
      code: 'FC_CONFIG',
      message: expect.stringMatching(message),
    });
  });

  test('a label outside a set that was given; an empty file; a file that is not there', async () => {
    await expect(loadFiles({ kind: 'classification', data: part(10), labels: ['0', '2'] })).rejects.toMatchObject({
      code: 'FC_DATA',
      parts: { where: expect.stringMatching(/:2$/) },
    });
    await expect(loadFiles({ kind: 'classification', data: file('a.jsonl', '\n') })).rejects.toThrow(/no examples/);
    await expect(loadFiles({ kind: 'classification', data: '/nowhere.csv' })).rejects.toMatchObject({
      code: 'FC_NOT_FOUND',
    });
  });
});

describe('the format is found out', () => {
  test.each([
    ['a.csv', '', 'delimited'],
    ['a.TSV', '', 'delimited'],
    ['a.ndjson', '', 'json-lines'],
    ['a.conll', '', 'conll'],
    ['a.jsonl', '{"text":"x","entities":[{"start":0,"end":1,"label":"A"}]}', 'json-lines'],
    ['a.jsonl', '{"text":"x","label":[[0,1,"A"]]}', 'doccano'],
    ['a.jsonl', '{"text":"x","entities":[{"start_offset":0,"end_offset":1,"label":"A"}]}', 'doccano'],
    ['a.json', '[{"data":{"text":"x"},"annotations":[]}]', 'label-studio'],
    ['a.json', '[{"text":"x","label":[[0,1,"A"]]}]', 'doccano'],
    ['a.txt', '-DOCSTART- -X- O O\n\nAcme NNP - I-ORG\n', 'conll'],
  ])('%s %j: %s', async (name, content, format) => {
    expect(await detectFormat(file(name, content), 'token-classification')).toBe(format);
  });

  test('a folder with .ann files is brat, whole', async () => {
    const folder = writeFiles({ '1.txt': 'Acme', '1.ann': 'T1\tORG 0 4\tAcme\n', '2.txt': 'no', '2.ann': '' });
    expect(await detectFormat(folder, 'token-classification')).toBe('brat');
    const dataset = await loadFiles({ kind: 'token-classification', data: folder });
    expect(dataset.splits.train).toHaveLength(2);
  });

  test.each(['a.xlsx', 'a.txt', 'a'])('%s is not known', async (name) => {
    await expect(detectFormat(file(name, 'some words'), 'token-classification')).rejects.toMatchObject({
      code: 'FC_FILE_FORMAT',
      parts: { expected: expect.stringContaining('.jsonl') },
    });
  });
});

test('entities that overlap: the longer stays, the other is counted', async () => {
  const line = '{"text":"New York Times","entities":[[0,8,"LOC"],[0,14,"ORG"]]}\n';
  const dataset = await loadFiles({ kind: 'token-classification', data: file('a.jsonl', line), format: 'json-lines' });
  expect(dataset.splits.train).toMatchObject([{ entities: [{ start: 0, end: 14, label: 'ORG' }] }]);
  expect(dataset.notes).toEqual(['1 entities that overlap a longer one (left out)']);
});

test('queries know every document that they are given with, however it is written', async () => {
  const rows = [
    { text: 'Red  cats', second: 'a' },
    { text: 'red cats', second: 'b' },
    { text: 'felines', second: 'A' },
    ...Array.from({ length: 6 }, (_, i) => ({ text: `query ${i}`, second: `document ${i}` })),
  ];
  const data = file('pairs.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
  const { splits } = await loadFiles({ kind: 'retrieval', data });
  const [first, second, third, fourth] = splits.train.flatMap((example) => ('document' in example ? [example] : []));
  expect(first?.relevant).toEqual([first?.id, second?.id]);
  expect(second?.relevant).toEqual(first?.relevant);
  expect([third?.document, third?.relevant]).toEqual([first?.id, [first?.id]]);
  expect(fourth?.relevant).toEqual([fourth?.id]);
  const named = await loadFiles({ kind: 'retrieval', data, secondColumn: 'second', textColumn: 'text' });
  expect(named.splits).toEqual(splits);
});
