/** The forms in which pairs, scores, choices and joined labels were published. */
import { strToU8, zipSync } from 'fflate';
import { describe, expect, test } from '@jest/globals';
import { readFiles } from '../spec-files.js';

describe('hypotheses', () => {
  const nda = JSON.stringify({
    documents: [
      {
        id: 7,
        text: 'No copies.',
        annotation_sets: [{ annotations: { a: { choice: 'Entailment' }, b: { choice: 'NotMentioned' } } }],
      },
    ],
    labels: { a: { hypothesis: 'Copies are forbidden.' }, b: { hypothesis: 'Notice is due.' } },
  });

  test('every document with every statement, the document a group', async () => {
    const { raws } = await readFiles({ format: 'hypotheses', kind: 'pair-classification', files: { 'a.json': nda } });
    expect(raws).toEqual([
      {
        ...{ where: 'a.json:7/a', text: 'No copies.', second: 'Copies are forbidden.' },
        ...{ labels: ['Entailment'], group: 'a.json:7' },
      },
      {
        ...{ where: 'a.json:7/b', text: 'No copies.', second: 'Notice is due.' },
        ...{ labels: ['NotMentioned'], group: 'a.json:7' },
      },
    ]);
  });

  test('a statement that nobody judged, and another shape, are refused', async () => {
    const read = (content: string) =>
      readFiles({ format: 'hypotheses', kind: 'pair-classification', files: { 'a.json': content } });
    await expect(read(nda.replace('"b":{"choice":"NotMentioned"}', '"c":{"choice":"x"}'))).rejects.toMatchObject({
      code: 'FC_DATA',
      message: expect.stringMatching(/a\.json:7\/b/),
    });
    await expect(read('{"documents": 3}')).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
    await expect(read('{')).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
  });
});

describe('questions to abstracts', () => {
  const article = {
    QUESTION: 'Does it help?',
    CONTEXTS: ['One.', 'Two.'],
    final_decision: 'yes',
    LONG_ANSWER: 'It does.',
  };
  const read = (answers: object) =>
    readFiles({
      format: 'abstract-questions',
      kind: 'pair-classification',
      options: { test: 'answers.json' },
      files: { 'all.json': JSON.stringify({ 1: article, 2: article }), 'answers.json': JSON.stringify(answers) },
    });

  test('paragraphs are joined, conclusions are not read, listed articles are test', async () => {
    const { raws } = await read({ 2: 'yes' });
    expect(raws).toEqual([
      { where: 'all.json:1', text: 'Does it help?', second: 'One.\nTwo.', labels: ['yes'], part: 'train' },
      { where: 'all.json:2', text: 'Does it help?', second: 'One.\nTwo.', labels: ['yes'], part: 'test' },
    ]);
  });

  test('two answers to one article are refused', async () => {
    await expect(read({ 2: 'no' })).rejects.toMatchObject({ code: 'FC_DATA' });
  });
});

test('scores towards targets: posts with several, headlines with one; a text is a group', async () => {
  const posts = {
    9: { sentence: 'A up, B down', info: ['A', 'B'].map((target) => ({ target, sentiment_score: '-0.5' })) },
  };
  const headlines = [{ id: 2, company: 'C', title: 'C flat', sentiment: 0 }];
  const { raws } = await readFiles({
    format: 'target-scores',
    kind: 'regression',
    files: { 'p.json': JSON.stringify(posts), 'h.json': JSON.stringify(headlines) },
  });
  expect(raws).toEqual([
    { where: 'p.json:9/1', text: 'A up, B down', second: 'A', value: -0.5, group: 'A up, B down' },
    { where: 'p.json:9/2', text: 'A up, B down', second: 'B', value: -0.5, group: 'A up, B down' },
    { where: 'h.json:1', text: 'C flat', second: 'C', value: 0, group: 'C flat' },
  ]);
});

describe('archives', () => {
  const row = { text: 'Which?', right: 'b', wrong: 'a', other: 'a' };
  const options = { choiceColumns: ['right', 'wrong', 'other'], label: 'right', members: { train: 'in/a.json' } };
  const read = (files: Record<string, Uint8Array>) =>
    readFiles({ format: 'json-array', kind: 'multiple-choice', options, files });

  test('the named file of a zip archive is the array of its part; equal choices are one', async () => {
    const archive = zipSync({ 'in/a.json': strToU8(JSON.stringify([row])), '__MACOSX/a.json': strToU8('junk') });
    const { raws } = await read({ 'a.zip': archive });
    expect(raws).toEqual([
      { where: 'a.zip/in/a.json:1', text: 'Which?', answer: 'b', choices: ['a', 'b'], part: 'train' },
    ]);
  });

  test.each([
    ['an archive without the file', zipSync({ 'b.json': strToU8('[]') }), 'FC_NOT_FOUND'],
    ['what is no archive', strToU8('PK, but not really'), 'FC_FILE_FORMAT'],
    ['a file that is not UTF-8', zipSync({ 'in/a.json': Uint8Array.of(0x5b, 0xff, 0x5d) }), 'FC_FILE_FORMAT'],
    ['a file that is not JSON', zipSync({ 'in/a.json': strToU8('[') }), 'FC_FILE_FORMAT'],
  ])('%s is refused', async (_, archive, code) => {
    await expect(read({ 'a.zip': archive })).rejects.toMatchObject({ code });
  });
});

describe('labels in several rows or as flags', () => {
  test('rows with one text are one example; texts that are none are left out; both are counted', async () => {
    const { raws, notes } = await readFiles({
      format: 'delimited',
      kind: 'multi-label',
      options: { header: ['text', 'labels'], joinRows: true, leaveOut: ['#NAME?'] },
      files: { 'a.csv': 'one,x\ntwo,"y, z"\none,y\none,x\n#NAME?,x\n' },
    });
    expect(raws).toEqual([
      { where: 'a.csv:1', text: 'one', labels: ['x', 'y'] },
      { where: 'a.csv:2', text: 'two', labels: ['y, z'] },
    ]);
    expect(notes).toEqual({
      'rows that are a further label of an earlier text (joined)': 2,
      'rows whose text is "#NAME?" (left out)': 1,
    });
  });

  test('flags name the labels, and what stands behind the agent is the document', async () => {
    const options = { label: 'last', separator: '\t', flags: ['x', 'y', 'z'], groupAfter: '] ' };
    const read = (line: string) =>
      readFiles({ format: 'labelled-lines', kind: 'multi-label', options, files: { 'a.txt': line } });
    const { raws } = await read('[tenant] It pays ] rent .\t[1, 0, 1]\n');
    expect(raws).toEqual([
      { where: 'a.txt:1', text: '[tenant] It pays ] rent .', labels: ['x', 'z'], group: 'It pays ] rent .' },
    ]);
    for (const flags of ['[1, 0]', '[1, 0, 2]', 'x'])
      await expect(read(`[a] b\t${flags}\n`)).rejects.toMatchObject({ code: 'FC_FILE_FORMAT' });
  });
});

test('JSON Lines: a text between what a chat model is asked; one without it is refused', async () => {
  const options = { textBetween: ['section:"', '"\n\nChoose'] };
  const read = (text: string) =>
    readFiles({
      format: 'json-lines',
      kind: 'classification',
      options,
      files: { 'a.jsonl': `${JSON.stringify({ text, label: 'x' })}\n` },
    });
  const { raws } = await read('Given the section:"He said "no"."\n\nChoose one of "x".');
  expect(raws).toEqual([{ where: 'a.jsonl:1', text: 'He said "no".', labels: ['x'] }]);
  await expect(read('no section')).rejects.toMatchObject({ code: 'FC_DATA' });
});
