/** Every file format, as its tools write it, and its damaged forms. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from '@jest/globals';
import { readFiles } from '../spec-files.js';

describe('JSON Lines', () => {
  test('labels, lists of labels, entities, groups, ids, dates and parts', async () => {
    const { raws } = await readFiles({
      format: 'json-lines',
      kind: 'multi-label',
      options: { group: 'doc', id: 'key', date: 'day', part: 'split' },
      files: {
        'a.jsonl':
          '{"text":"x","labels":["a","b"],"doc":7,"key":"k1","day":"2020-01-02","split":"validation"}\n\n{"text":"y","labels":"a; b","doc":null,"key":2,"day":null,"split":"test"}\n',
      },
    });
    expect(raws).toEqual([
      { where: 'a.jsonl:1', text: 'x', labels: ['a', 'b'], group: '7', id: 'k1', date: '2020-01-02', part: 'dev' },
      { where: 'a.jsonl:3', text: 'y', labels: ['a', 'b'], id: '2', part: 'test' },
    ]);
  });

  test('offsets count code points unless told otherwise, and become UTF-16', async () => {
    const files = { 'a.jsonl': '{"text":"😀 Acme 😀","entities":[{"start":2,"end":6,"label":"ORG"},[7,8,"SMILE"]]}' };
    const points = await readFiles({ format: 'json-lines', kind: 'token-classification', files });
    expect(points.raws[0]?.entities).toEqual([
      { start: 3, end: 7, label: 'ORG' },
      { start: 8, end: 10, label: 'SMILE' },
    ]);
    const units = await readFiles({
      format: 'json-lines',
      kind: 'token-classification',
      files,
      options: { offsets: 'utf-16' },
    });
    expect(units.raws[0]?.entities).toEqual([
      { start: 2, end: 6, label: 'ORG' },
      { start: 7, end: 8, label: 'SMILE' },
    ]);
  });

  test('lists of words and tags', async () => {
    const { raws } = await readFiles({
      format: 'json-lines',
      kind: 'token-classification',
      options: { tokens: 'tokens', tags: 'ner' },
      files: { 'a.jsonl': '{"tokens":["In","New","York"],"ner":["O","B-LOC","I-LOC"]}' },
    });
    expect(raws[0]).toMatchObject({ text: 'In New York', entities: [{ start: 3, end: 11, label: 'LOC' }] });
  });

  test.each([
    ['no JSON', '{"text":"x"', 'FC_FILE_FORMAT', /a\.jsonl:1/],
    ['no object', '[1]', 'FC_FILE_FORMAT', /object/],
    ['no such column', '{"txt":"x","label":"a"}', 'FC_DATA', /did you mean "txt"/],
    ['no label', '{"text":"x","label":null}', 'FC_DATA', /a label/],
    ['a label that is an object', '{"text":"x","label":{}}', 'FC_DATA', /a text or a number/],
  ])('%s', async (_, content, code, message) => {
    const work = readFiles({ format: 'json-lines', kind: 'classification', files: { 'a.jsonl': content } });
    await expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each([
    [0, 99],
    [3, 3],
    [4, 2],
    [-1, 2],
    [0.5, 2],
  ])('offsets %p to %p lie outside', async (start, end) => {
    const line = JSON.stringify({ text: 'Acme sued', entities: [{ start, end, label: 'ORG' }] });
    const work = readFiles({ format: 'json-lines', kind: 'token-classification', files: { 'a.jsonl': line } });
    await expect(work).rejects.toMatchObject({
      code: 'FC_DATA',
      message: expect.stringMatching(/a\.jsonl:1[\s\S]*<= 9/),
    });
  });

  test('a text of 10 MB and one byte is refused by its line', async () => {
    const line = JSON.stringify({ text: 'a'.repeat(10_000_001), label: 'x' });
    const work = readFiles({
      format: 'json-lines',
      kind: 'classification',
      files: { 'a.jsonl': `{"text":"ok","label":"x"}\n${line}\n` },
    });
    await expect(work).rejects.toMatchObject({ code: 'FC_DATA', parts: { where: 'a.jsonl:2' } });
  });
});

describe('CSV and TSV', () => {
  test('quotes, line breaks in cells, and the line each row begins on', async () => {
    const { raws } = await readFiles({
      format: 'delimited',
      kind: 'classification',
      files: { 'a.csv': '\ufefftext,label\r\n"one, ""two""\r\nthree",a\r\nfour,b\r\n' },
    });
    expect(raws).toEqual([
      { where: 'a.csv:2', text: 'one, "two"\nthree', labels: ['a'] },
      { where: 'a.csv:4', text: 'four', labels: ['b'] },
    ]);
  });

  test('tabs for .tsv, plain quotation marks on demand', async () => {
    const files = { 'a.tsv': 'label\ttext\nx\t"quoted, to the end\n' };
    const { raws } = await readFiles({
      format: 'delimited',
      kind: 'classification',
      files,
      options: { quotes: false },
    });
    expect(raws).toEqual([{ where: 'a.tsv:2', text: '"quoted, to the end', labels: ['x'] }]);
    await expect(readFiles({ format: 'delimited', kind: 'classification', files })).rejects.toMatchObject({
      code: 'FC_FILE_FORMAT',
    });
  });

  test('a row of another width, and a wrong column name', async () => {
    const ragged = { 'a.csv': 'text,label\nx,a\ny,b,c\n' };
    await expect(readFiles({ format: 'delimited', kind: 'classification', files: ragged })).rejects.toMatchObject({
      code: 'FC_FILE_FORMAT',
      parts: { where: 'a.csv:3' },
    });
    const other = { 'a.csv': 'sentence,labell\nx,a\n' };
    await expect(
      readFiles({ format: 'delimited', kind: 'classification', files: other, options: { text: 'sentence' } }),
    ).rejects.toMatchObject({ code: 'FC_DATA', parts: { fix: 'did you mean "labell"?' } });
  });

  test('an unknown option lists those there are', async () => {
    const work = readFiles({
      format: 'delimited',
      kind: 'classification',
      files: { 'a.csv': 'text,label\n' },
      options: { delimeter: ';' },
    });
    await expect(work).rejects.toMatchObject({
      code: 'FC_CONFIG',
      parts: { fix: expect.stringContaining('delimiter') },
    });
  });
});

describe('CoNLL', () => {
  test('columns, documents, sentences, IOB1 found out', async () => {
    const { raws, notes } = await readFiles({
      format: 'conll',
      kind: 'token-classification',
      files: {
        'a.conll':
          '-DOCSTART- -X- O O\n\nAcme NNP - I-ORG\nCorp NNP - I-ORG\nParis NNP - B-ORG\n\n\n-DOCSTART- -X- O O\n\nno DT - O\n',
      },
    });
    expect(raws).toMatchObject([
      {
        where: 'a.conll:3',
        text: 'Acme Corp Paris',
        group: 'a.conll#1',
        entities: [
          { start: 0, end: 9, label: 'ORG' },
          { start: 10, end: 15, label: 'ORG' },
        ],
      },
      { where: 'a.conll:10', text: 'no', group: 'a.conll#2', entities: [] },
    ]);
    expect(notes).toEqual({ 'sentences read as IOB1': 2 });
  });

  test('comma separated, with quotes and empty rows', async () => {
    const { raws } = await readFiles({
      format: 'conll',
      kind: 'token-classification',
      options: { separator: 'comma' },
      files: { 'a.csv': '-DOCSTART-,O\n,O\nAcme,I-ORG\n",",I-ORG\n"""Inc""",I-ORG\n\nend,O\n' },
    });
    expect(raws.map(({ text, where }) => [text, where])).toEqual([
      ['Acme , "Inc"', 'a.csv:3'],
      ['end', 'a.csv:7'],
    ]);
    expect(raws[0]?.entities).toEqual([{ start: 0, end: 12, label: 'ORG' }]);
  });

  test('a word that is a no-break space is a word', async () => {
    const { raws } = await readFiles({
      format: 'conll',
      kind: 'token-classification',
      files: { 'a.bio': 'a\tO\n\u00a0\tO\nb\tB-X\n' },
    });
    expect(raws[0]?.words).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  test('a line with one column', async () => {
    const work = readFiles({ format: 'conll', kind: 'token-classification', files: { 'a.bio': 'a O\nalone\n' } });
    await expect(work).rejects.toMatchObject({ code: 'FC_FILE_FORMAT', parts: { where: 'a.bio:2' } });
  });
});

describe('Parquet', () => {
  const written = (
    columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData'],
    kvMetadata?: { key: string; value: string }[],
  ) =>
    new Uint8Array(
      parquetWriteBuffer({ columnData, rowGroupSize: 2, ...(kvMetadata === undefined ? {} : { kvMetadata }) }),
    );

  test('rows of several groups, with the class names of Hugging Face', async () => {
    const info = {
      info: {
        features: { text: { dtype: 'string' }, label: { names: ['background', 'method'], _type: 'ClassLabel' } },
      },
    };
    const file = written(
      [
        { name: 'text', data: ['eins', 'zwei', 'drei'], type: 'STRING' },
        { name: 'label', data: [0n, 1n, 1n], type: 'INT64' },
      ],
      [{ key: 'huggingface', value: JSON.stringify(info) }],
    );
    const { raws } = await readFiles({ format: 'parquet', kind: 'classification', files: { 'a.parquet': file } });
    expect(raws).toEqual([
      { where: 'a.parquet:row 1', text: 'eins', labels: ['background'] },
      { where: 'a.parquet:row 2', text: 'zwei', labels: ['method'] },
      { where: 'a.parquet:row 3', text: 'drei', labels: ['method'] },
    ]);
  });

  test('numbers without names stay numbers; a missing column is named', async () => {
    const file = written([
      { name: 'text', data: ['eins'], type: 'STRING' },
      { name: 'labels', data: [3], type: 'INT32' },
    ]);
    const files = { 'a.parquet': file };
    const { raws } = await readFiles({
      format: 'parquet',
      kind: 'classification',
      files,
      options: { label: 'labels' },
    });
    expect(raws[0]?.labels).toEqual(['3']);
    await expect(readFiles({ format: 'parquet', kind: 'classification', files })).rejects.toMatchObject({
      code: 'FC_DATA',
      parts: { fix: 'did you mean "labels"?' },
    });
  });

  test('a file cut short, and no Parquet at all', async () => {
    const file = written([{ name: 'text', data: ['eins'], type: 'STRING' }]);
    for (const bytes of [file.subarray(0, file.length - 10), file.subarray(20), Buffer.from('text,label\n')]) {
      const work = readFiles({ format: 'parquet', kind: 'classification', files: { 'a.parquet': bytes } });
      await expect(work).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
    }
  });
});

describe('Label Studio', () => {
  const region = (start: number, end: number, text: string, label: string) => ({
    from_name: 'label',
    to_name: 'text',
    type: 'labels',
    value: { start, end, text, labels: [label] },
  });

  test('the first finished annotation; offsets are UTF-16', async () => {
    const tasks = [
      {
        id: 1,
        data: { text: '😀 Acme' },
        annotations: [{ was_cancelled: true, result: [] }, { result: [region(3, 7, 'Acme', 'ORG')] }, { result: [] }],
      },
      { id: 2, data: { text: 'nothing' }, annotations: [] },
      { id: 3, data: { text: 'empty' }, annotations: [{ result: [] }] },
    ];
    const { raws, notes } = await readFiles({
      format: 'label-studio',
      kind: 'token-classification',
      files: { 'a.json': JSON.stringify(tasks) },
    });
    expect(raws).toEqual([
      { where: 'a.json:task 1', text: '😀 Acme', entities: [{ start: 3, end: 7, label: 'ORG' }] },
      { where: 'a.json:task 3', text: 'empty', entities: [] },
    ]);
    expect(Object.values(notes)).toEqual([1, 1]);
  });

  test('choices, and JSON-MIN', async () => {
    const full = [
      { data: { body: 'x' }, annotations: [{ result: [{ type: 'choices', value: { choices: ['a', 'b'] } }] }] },
    ];
    const flat = [
      { text: 'y', topic: 'a' },
      { text: 'z', topic: { choices: ['b', 'c'] } },
    ];
    const one = await readFiles({
      format: 'label-studio',
      kind: 'multi-label',
      options: { text: 'body' },
      files: { 'a.json': JSON.stringify(full) },
    });
    expect(one.raws[0]?.labels).toEqual(['a', 'b']);
    const two = await readFiles({
      format: 'label-studio',
      kind: 'multi-label',
      options: { label: 'topic' },
      files: { 'b.json': JSON.stringify(flat) },
    });
    expect(two.raws.map(({ labels }) => labels)).toEqual([['a'], ['b', 'c']]);
  });

  test('a region that is not where it says', async () => {
    const tasks = [{ data: { text: 'Acme Corp' }, annotations: [{ result: [region(1, 5, 'Acme', 'ORG')] }] }];
    const work = readFiles({
      format: 'label-studio',
      kind: 'token-classification',
      files: { 'a.json': JSON.stringify(tasks) },
    });
    await expect(work).rejects.toMatchObject({
      code: 'FC_DATA',
      parts: { expected: '"Acme"', where: 'a.json:task 1' },
    });
  });

  test('no list, no JSON', async () => {
    for (const content of ['{}', '[{']) {
      await expect(
        readFiles({ format: 'label-studio', kind: 'multi-label', files: { 'a.json': content } }),
      ).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
    }
  });
});

describe('doccano', () => {
  test('triples, objects with start_offset, single labels in lists; code points', async () => {
    const lines = [
      { id: 1, text: '😀 Acme', label: [[2, 6, 'ORG']] },
      { id: 2, text: 'Acme', entities: [{ id: 9, label: 'ORG', start_offset: 0, end_offset: 4 }], relations: [] },
    ];
    const spans = await readFiles({
      format: 'doccano',
      kind: 'token-classification',
      files: { 'a.jsonl': lines.map((l) => JSON.stringify(l)).join('\n') },
    });
    expect(spans.raws.map(({ entities }) => entities)).toEqual([
      [{ start: 3, end: 7, label: 'ORG' }],
      [{ start: 0, end: 4, label: 'ORG' }],
    ]);
    const single = await readFiles({
      format: 'doccano',
      kind: 'classification',
      files: { 'a.json': '[{"data":"x","label":["pos"]}]' },
    });
    expect(single.raws).toEqual([{ where: 'a.json:item 1', text: 'x', labels: ['pos'] }]);
  });
});

describe('brat', () => {
  test('code points, pieces, other annotations left alone', async () => {
    const { raws, notes } = await readFiles({
      format: 'brat',
      kind: 'token-classification',
      files: {
        'd/1.txt': '😀 Acme and\nSons sued.',
        'd/1.ann':
          'T1\tORG 2 15\tAcme and Sons\nT2\tAct 2 6;16 20\tAcme sued\nR1\tx Arg1:T1 Arg2:T2\n#1\tNote T1\thm\n',
      },
    });
    expect(raws).toEqual([
      {
        where: 'd/1.ann:1',
        id: 'd/1',
        text: '😀 Acme and\nSons sued.',
        group: 'd/1',
        entities: [
          { start: 3, end: 16, label: 'ORG' },
          { start: 3, end: 21, label: 'Act' },
        ],
      },
    ]);
    expect(Object.values(notes)).toEqual([1]);
  });

  test.each([
    ['T1\tORG 0 4\tOther\n', 'FC_DATA'],
    ['T1\tORG 0 400\tAcme\n', 'FC_DATA'],
    ['T1\tORG zero 4\tAcme\n', 'FC_FILE_FORMAT'],
  ])('%j', async (ann, code) => {
    const work = readFiles({ format: 'brat', kind: 'token-classification', files: { 'a.txt': 'Acme', 'a.ann': ann } });
    await expect(work).rejects.toMatchObject({ code, parts: { where: 'a.ann:1' } });
  });

  test('an annotation without its text', async () => {
    await expect(
      readFiles({ format: 'brat', kind: 'token-classification', files: { 'a.ann': '' } }),
    ).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
  });
});

describe('aligned lines', () => {
  const options = {
    texts: 's',
    tags: 't',
    parts: { train: 'train.txt', test: 'test.txt' },
    positiveGrades: ['2', '3'],
    ignore: ['noise'],
  };
  const lists = { 'train.txt': 'A.txt\n', 'test.txt': 'B.txt' };

  test('graded tags, ignored tags, parts by document', async () => {
    const files = {
      ...lists,
      's/A.txt': ' one\ntwo\n',
      't/A.txt': 'a2 a3 \nb1 noise\n',
      's/B.txt': 'three\n',
      't/B.txt': 'b3\n',
    };
    const { raws, notes } = await readFiles({ format: 'aligned-lines', kind: 'multi-label', options, files });
    expect(raws).toEqual([
      { where: 's/A.txt:1', text: 'one', labels: ['a'], group: 'A.txt', part: 'train' },
      { where: 's/A.txt:2', text: 'two', labels: [], group: 'A.txt', part: 'train' },
      { where: 's/B.txt:1', text: 'three', labels: ['b'], group: 'B.txt', part: 'test' },
    ]);
    expect(Object.values(notes)).toEqual([1, 1]);
  });

  test('lines that do not align, files that are not there', async () => {
    const read = (files: Record<string, string>) =>
      readFiles({ format: 'aligned-lines', kind: 'multi-label', options, files });
    await expect(read({ ...lists, 's/A.txt': 'one\ntwo\n', 't/A.txt': '\n' })).rejects.toMatchObject({
      code: 'FC_FILE_FORMAT',
    });
    await expect(read({ ...lists, 's/A.txt': 'one\n' })).rejects.toMatchObject({
      code: 'FC_NOT_FOUND',
      parts: { where: 't/A.txt' },
    });
    await expect(read({ 's/A.txt': 'one\n', 't/A.txt': '\n' })).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
    await expect(read({ 'train.txt': 'A.txt', 'test.txt': 'A.txt' })).rejects.toMatchObject({ code: 'FC_DATA' });
  });
});

describe('Yes and No folders', () => {
  const options = { prefix: 'K_', files: ['test.tsv', 'train.tsv'] };

  test('merged by text; unanswered and contradicted kinds are masked', async () => {
    const { raws, notes } = await readFiles({
      format: 'yes-no-folders',
      kind: 'multi-label',
      options,
      files: {
        'K_One/test.tsv': 'label\ttext\nYes\tAlpha  clause.\nNo\t"Beta ""clause""."\n',
        'K_One/train.tsv': 'label\ttext\nYes\tGamma.\n',
        'K_Two/test.tsv': 'label\ttext\nYes\talpha clause.\nNo\tGamma.\nYes\tGamma.\n',
        'K_Three/test.tsv': 'label\ttext\nNo\tGamma.\n',
        'other.csv': 'x',
      },
    });
    expect(raws.map(({ text, labels, masked }) => [text, labels, masked])).toEqual([
      ['Alpha  clause.', ['One', 'Two'], ['Three']],
      ['Beta "clause".', [], ['Two', 'Three']],
      ['Gamma.', ['One'], ['Two']],
    ]);
    expect(Object.values(notes)).toEqual([1, 4]);
  });

  test('a row that is neither', async () => {
    const work = readFiles({
      format: 'yes-no-folders',
      kind: 'multi-label',
      options,
      files: { 'K_A/test.tsv': 'label\ttext\nMaybe\tx\n' },
    });
    await expect(work).rejects.toMatchObject({ code: 'FC_FILE_FORMAT', parts: { where: 'K_A/test.tsv:2' } });
  });
});

test('documents: a text a file, labelled by its folder', async () => {
  const { raws } = await readFiles({
    format: 'documents',
    kind: 'classification',
    files: { 'loan/a.txt': 'x', LICENSE: 'y', 'loan/b.md': 'z' },
  });
  expect(raws).toEqual([{ where: 'loan/a.txt:1', id: 'loan/a.txt', text: 'x', labels: ['loan'], group: 'loan/a.txt' }]);
});
