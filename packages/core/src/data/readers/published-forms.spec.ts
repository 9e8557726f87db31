/** The forms in which single corpora were published, each with the trap that it is known for. */
import { describe, expect, test } from '@jest/globals';
import { readFiles } from '../spec-files.js';

describe('labelled lines', () => {
  test('a label behind the last separator; a byte-order mark and CRLF are no text', async () => {
    const { raws } = await readFiles({
      format: 'labelled-lines',
      kind: 'classification',
      options: { label: 'last', separator: '@' },
      files: { 'a.txt': '\ufeffMail us @ home .@neutral\r\nProfit rose .@positive\r\n' },
    });
    expect(raws).toEqual([
      { where: 'a.txt:1', text: 'Mail us @ home .', labels: ['neutral'] },
      { where: 'a.txt:2', text: 'Profit rose .', labels: ['positive'] },
    ]);
  });

  test('a label before the text, in ISO 8859-1; a quotation mark is a plain character', async () => {
    const line = Buffer.from('NUM:dist How far is "Málaga" ?\n', 'latin1');
    const files = { 'a.label': Uint8Array.from(line) };
    const options = { label: 'first', encoding: 'iso-8859-1' };
    const { raws } = await readFiles({ format: 'labelled-lines', kind: 'classification', options, files });
    expect(raws).toEqual([{ where: 'a.label:1', text: 'How far is "Málaga" ?', labels: ['NUM:dist'] }]);
    const strict = readFiles({ format: 'labelled-lines', kind: 'classification', options: { label: 'first' }, files });
    await expect(strict).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
  });

  test('a line without a label is refused by its number', async () => {
    const work = readFiles({
      format: 'labelled-lines',
      kind: 'classification',
      options: { label: 'last', separator: '@' },
      files: { 'a.txt': 'x@a\ny\n' },
    });
    await expect(work).rejects.toMatchObject({ code: 'FC_FILE_FORMAT', message: expect.stringMatching(/a\.txt:2/) });
  });
});

describe('rows with columns', () => {
  test('a column for each label, days before months, and headings', async () => {
    const { raws } = await readFiles({
      format: 'delimited',
      kind: 'multi-label',
      options: { title: 'head', labelColumns: ['up', 'down'], date: 'day', dateOrder: 'day-month-year' },
      files: { 'a.csv': 'head,text,up,down,day\nGold,rose,1,0,28-01-2016\nTin,slept,0,0,6/9/2017\n' },
    });
    expect(raws).toEqual([
      { where: 'a.csv:2', text: 'Gold\nrose', labels: ['up'], date: '2016-01-28' },
      { where: 'a.csv:3', text: 'Tin\nslept', labels: [], date: '2017-09-06' },
    ]);
  });

  test('a label column of another value than 0 and 1, and a day that does not exist, are refused', async () => {
    const read = (row: string) =>
      readFiles({
        format: 'delimited',
        kind: 'multi-label',
        options: { labelColumns: ['up'], date: 'day', dateOrder: 'day-month-year' },
        files: { 'a.csv': `text,up,day\n${row}\n` },
      });
    await expect(read('x,2,1/1/2020')).rejects.toMatchObject({ code: 'FC_DATA' });
    await expect(read('x,1,1/13/2020')).rejects.toMatchObject({ code: 'FC_DATA' });
  });

  test('a file without a header, its columns named', async () => {
    const { raws } = await readFiles({
      format: 'delimited',
      kind: 'classification',
      options: { header: ['label', 'title', 'text'], title: 'title' },
      files: { 'a.csv': '"3","Head","Body, with a comma"\n' },
    });
    expect(raws).toEqual([{ where: 'a.csv:1', text: 'Head\nBody, with a comma', labels: ['3'] }]);
  });

  test('a file that only calls itself a workbook is refused', async () => {
    const work = readFiles({ format: 'spreadsheet', kind: 'classification', files: { 'a.xlsx': 'text,label\nx,1\n' } });
    await expect(work).rejects.toMatchObject({ code: 'FC_FILE_FORMAT', message: expect.stringMatching(/a\.xlsx/) });
  });
});

describe('a word a row', () => {
  const files = {
    'a.csv': 'tag,word,doc,sent\n1,Ann,0,0\n2,Lee,0,0\n0,rang,0,0\n0,Later,0,1\n3,Rome,1,1\n',
  };
  const options = { token: 'word', tag: 'tag', document: 'doc', sentence: 'sent' };
  const tags = ['O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC'];

  test('sentences end where document or sentence change; documents are those of their file', async () => {
    const { raws } = await readFiles({
      format: 'token-rows',
      kind: 'token-classification',
      options: { ...options, tags },
      files,
    });
    expect(raws.map(({ text, group, entities }) => [text, group, entities])).toEqual([
      ['Ann Lee rang', 'a.csv#0', [{ start: 0, end: 7, label: 'PER' }]],
      ['Later', 'a.csv#0', []],
      ['Rome', 'a.csv#1', [{ start: 0, end: 4, label: 'LOC' }]],
    ]);
  });

  test('a number without a name, and a column that is not there, are refused', async () => {
    const read = (more: object) =>
      readFiles({ format: 'token-rows', kind: 'token-classification', options: { ...options, ...more }, files });
    await expect(read({ tags: tags.slice(0, 3) })).rejects.toMatchObject({ code: 'FC_DATA' });
    await expect(read({ tags, document: 'docs' })).rejects.toMatchObject({
      code: 'FC_DATA',
      message: expect.stringMatching(/tag, word, doc, sent/),
    });
  });
});

test('quoted spans: offsets that slipped are put where their words stand, the nearest; words that are nowhere are left out', async () => {
  const content = 'Acme fell. 😀 Acme rose, Beta too.';
  const one = (start: number, end: number, value: string) => ({ start, end, value, label: 'P', tag: 'P' });
  const annotations = [one(0, 4, 'Acme'), one(14, 19, 'Acme '), one(23, 27, 'Beta'), one(0, 4, 'Gamma')];
  const { raws, notes } = await readFiles({
    format: 'quoted-spans',
    kind: 'token-classification',
    files: { 'a.json': JSON.stringify([{ content, annotations }]) },
  });
  expect(raws[0]?.entities?.map(({ start, end }) => [start, content.slice(start, end)])).toEqual([
    [0, 'Acme'],
    [14, 'Acme'],
    [25, 'Beta'],
  ]);
  expect(notes).toEqual({
    'entities whose offsets do not stand at their words (put there)': 2,
    'entities whose words are not in the text (left out)': 1,
  });
});

describe('cause and effect', () => {
  const header = 'Index; Text; Cause; Effect; Cause_Start; Cause_End; Effect_Start; Effect_End';
  const row = (id: string, cause: [number, number], effect: [number, number]) => {
    const text = 'Rain fell, so roads closed, so trade sank.';
    const cells = [id, text, text.slice(...cause), text.slice(...effect), ...cause, ...effect];
    return cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(1) : cell)).join('; ');
  };

  test('the pairs of one passage are one example', async () => {
    const { raws, notes } = await readFiles({
      format: 'cause-effect-rows',
      kind: 'token-classification',
      files: { 'a.csv': [header, row('1.1', [0, 9], [11, 26]), row('1.2', [0, 9], [28, 42])].join('\n') },
    });
    expect(raws).toHaveLength(1);
    expect(raws[0]?.group).toBe('a.csv#1');
    expect(raws[0]?.entities).toEqual([
      { start: 0, end: 9, label: 'Cause' },
      { start: 11, end: 26, label: 'Effect' },
      { start: 28, end: 42, label: 'Effect' },
    ]);
    expect(Object.values(notes)).toEqual([1]);
  });

  test('a semicolon too many, and a span that is somewhere else, are refused', async () => {
    const read = (line: string) =>
      readFiles({
        format: 'cause-effect-rows',
        kind: 'token-classification',
        files: { 'a.csv': `${header}\n${line}\n` },
      });
    await expect(read(`${row('1', [0, 9], [11, 26])}; more`)).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
    await expect(read(row('1', [0, 9], [11, 26]).replace('; 0.0', '; 1.0'))).rejects.toMatchObject({ code: 'FC_DATA' });
  });
});

describe('parallel lines', () => {
  const files = {
    'train/seq.in': 'fly  to rome \n',
    'train/seq.out': 'O O B-city \n',
    'train/label': 'flight#fare\n',
    'valid/seq.in': 'hello\n',
    'valid/seq.out': 'O\n',
    'valid/label': 'greet\n',
  };

  test('blanks at the end and two in a row stand for no word; folders are parts', async () => {
    const { raws } = await readFiles({ format: 'parallel-lines', kind: 'token-classification', files });
    expect(raws).toMatchObject([
      { text: 'fly to rome', entities: [{ start: 7, end: 11, label: 'city' }], part: 'train' },
      { text: 'hello', entities: [], part: 'dev' },
    ]);
  });

  test('several labels of a line', async () => {
    const options = { labelSeparator: '#' };
    const { raws } = await readFiles({ format: 'parallel-lines', kind: 'multi-label', options, files });
    expect(raws.map(({ labels }) => labels)).toEqual([['flight', 'fare'], ['greet']]);
  });

  test('slots and intents of one line', async () => {
    const options = { labelSeparator: '#' };
    const { raws } = await readFiles({ format: 'parallel-lines', kind: 'slot-filling', options, files });
    expect(raws).toMatchObject([
      { entities: [{ start: 7, end: 11, label: 'city' }], labels: ['flight', 'fare'] },
      { entities: [], labels: ['greet'] },
    ]);
  });

  test('another number of tags than words is refused by its line', async () => {
    const work = readFiles({
      format: 'parallel-lines',
      kind: 'token-classification',
      files: { ...files, 'valid/seq.out': 'O O\n' },
    });
    await expect(work).rejects.toMatchObject({
      code: 'FC_FILE_FORMAT',
      message: expect.stringMatching(/valid\/seq\.in:1/),
    });
  });
});

describe('JSON parts', () => {
  const files = { 'a.json': JSON.stringify({ train: [['hi', 'greet']], oos_train: [['zzz', 'oos']], test: [] }) };

  test('several lists make up one part', async () => {
    const options = { parts: { train: ['train', 'oos_train'], test: ['test'] } };
    const { raws } = await readFiles({ format: 'json-parts', kind: 'classification', options, files });
    expect(raws).toEqual([
      { where: 'a.json:train 1', text: 'hi', labels: ['greet'], part: 'train' },
      { where: 'a.json:oos_train 1', text: 'zzz', labels: ['oos'], part: 'train' },
    ]);
  });

  test('a list that is not there is refused with those that are', async () => {
    const work = readFiles({
      format: 'json-parts',
      kind: 'classification',
      options: { parts: { dev: ['val'] } },
      files,
    });
    await expect(work).rejects.toMatchObject({ message: expect.stringMatching(/train, oos_train, test/) });
  });
});

describe('entity sentiments', () => {
  const read = (rows: string) =>
    readFiles({
      format: 'entity-sentiments',
      kind: 'classification',
      options: { text: 'Title', decisions: 'Decisions', labels: ['positive', 'neutral', 'negative'] },
      files: { 'a.csv': `S No.,Title,Decisions\n${rows}\n` },
    });

  test('one example an entity, marked in its headline; the examples of a headline are one group', async () => {
    const { raws } = await read(
      `1,"Tata Motors up, Tata Steel down","{'Tata Motors': 'positive', 'Tata Steel': 'negative'}"`,
    );
    expect(raws.map(({ id, text, labels, group }) => [id, text, labels, group])).toEqual([
      ['a.csv:2/1', '« Tata Motors » up, Tata Steel down', ['positive'], 'a.csv:2'],
      ['a.csv:2/2', 'Tata Motors up, « Tata Steel » down', ['negative'], 'a.csv:2'],
    ]);
  });

  test('an unescaped apostrophe in a name; a name in a longer one; a name in other letters; a name that is not there', async () => {
    const { raws, notes } = await read(
      [
        `1,Moody's cuts Axis,"{'Moody's': 'neutral', 'Axis': 'negative'}"`,
        `2,"ONGC Videsh gains, ONGC flat","{'ONGC': 'neutral', 'ONGC Videsh': 'positive'}"`,
        `3,Nifty ends high,"{'NIFTY': 'positive', 'Sensex': 'positive'}"`,
      ].join('\n'),
    );
    expect(raws.map(({ text }) => text)).toEqual([
      "« Moody's » cuts Axis",
      "Moody's cuts « Axis »",
      'ONGC Videsh gains, « ONGC » flat',
      '« ONGC Videsh » gains, ONGC flat',
      '« Nifty » ends high',
      '« Sensex » : Nifty ends high',
    ]);
    expect(notes).toEqual({ 'entities that are not in their text (put before it)': 1 });
  });

  test('a row without an entity is refused', async () => {
    await expect(read('1,Nothing happens,{}')).rejects.toMatchObject({ code: 'FC_DATA' });
  });
});

test('CoNLL: a line with a tab alone is a break, a byte-order mark is no letter, and what stands before the first mark is a document', async () => {
  const { raws, notes } = await readFiles({
    format: 'conll',
    kind: 'token-classification',
    options: { scheme: 'iob1' },
    files: { 'a.conll': 'Ann I-PER\n\t\nrang\ufeff O\n\n-DOCSTART- O\n\nBob I-PER\nLee I-PER\n' },
  });
  expect(raws.map(({ text, group, entities }) => [text, group, entities?.length])).toEqual([
    ['Ann', 'a.conll#0', 1],
    ['rang', 'a.conll#0', 0],
    ['Bob Lee', 'a.conll#1', 1],
  ]);
  expect(notes).toEqual({ 'sentences read as IOB1': 3, 'words with a byte-order mark (taken away)': 1 });
});

describe('CoNLL-U', () => {
  const word = (id: string, form: string, tag: string) => [id, form, form, tag, 'x', ...'_____'].join('\t');

  test('words stand where they were written; ranges and empty nodes are no words; documents are groups', async () => {
    const { raws, notes } = await readFiles({
      format: 'conllu',
      kind: 'token-classification',
      files: {
        'a.conllu': [
          '# newdoc id = d1',
          "# text = I don't.",
          word('1', 'I', 'PRON'),
          word('2-3', "don't", '_'),
          word('2', 'do', 'AUX'),
          word('3', "n't", 'PART'),
          word('3.1', 'go', 'VERB'),
          word('4', '.', 'PUNCT'),
          '',
          '# text = aux bois',
          word('1', 'à', 'ADP'),
          word('2', 'bois', 'NOUN'),
          '',
        ].join('\n'),
      },
    });
    expect(raws[0]).toMatchObject({ text: "I don't.", group: 'd1' });
    expect(raws[0]?.entities).toEqual([
      { start: 0, end: 1, label: 'PRON' },
      { start: 2, end: 4, label: 'AUX' },
      { start: 4, end: 7, label: 'PART' },
      { start: 7, end: 8, label: 'PUNCT' },
    ]);
    expect(raws[0]?.words).toEqual(raws[0]?.entities?.map(({ start, end }) => [start, end]));
    expect(raws[1]?.text).toBe('à bois');
    expect(Object.values(notes)).toEqual([1, 1, 1]);
  });
});
