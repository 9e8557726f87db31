/** Questions about texts: SQuAD's files and records, answers put in their places, foreign questions. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { FieldcraftError, sha256 } from '../../foundation/index.js';
import { addForeignQuestions } from '../foreign-questions.js';
import { loadFiles } from '../load-files.js';
import { readFormat } from '../read-format.js';
import { placeAnswers } from './answers.js';
import type { RawExample, Tally } from './reader.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-squad-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function read(path: string, options: Record<string, unknown> = {}) {
  const tally: Tally = new Map();
  const request = { files: [{ path, name: 'qa.json', part: 'test' as const }], kind: 'span-selection' as const, tally };
  const examples: RawExample[] = [];
  for await (const example of readFormat('squad', options, request)) examples.push(example);
  return { examples, tally };
}

const context = 'The 😀 cat sat on the mat.';
const file = {
  version: 'v2.0',
  data: [
    {
      title: 'Cats',
      paragraphs: [
        {
          context,
          qas: [
            {
              id: 'a',
              question: 'Who sat?',
              answers: [
                { text: 'cat', answer_start: 6 },
                { text: 'cat', answer_start: 6 },
                { text: ' sat on', answer_start: 9 },
              ],
            },
            {
              id: 'b',
              question: 'Who ran?',
              is_impossible: true,
              answers: [],
              plausible_answers: [{ text: 'cat', answer_start: 6 }],
            },
          ],
        },
      ],
    },
    { paragraphs: [{ context: 'A dog ran.', document_id: 12, qas: [{ id: 7, question: 'Who?', answers: [] }] }] },
  ],
};

describe('SQuAD', () => {
  test('answers are spans in UTF-16, each once; documents are groups; plausible answers are none', async () => {
    const { examples } = await read(write('qa.json', file));
    expect(examples.map(({ id, group, second, answers }) => [id, group, second, answers])).toEqual([
      [
        'a',
        'Cats',
        'Who sat?',
        [
          { start: 7, end: 10 },
          { start: 11, end: 17 },
        ],
      ],
      ['b', 'Cats', 'Who ran?', []],
      ['7', '12', 'Who?', []],
    ]);
    expect(examples.map(({ part }) => part)).toEqual(['test', 'test', 'test']);
  });

  test('a card may leave paragraphs out', async () => {
    const { examples, tally } = await read(write('qa.json', file), { leaveOut: [sha256(context).slice(0, 12)] });
    expect(examples.map(({ id }) => id)).toEqual(['7']);
    expect([...tally]).toEqual([['questions on paragraphs that the card leaves out', 2]]);
  });

  test('a file of another form is named', async () => {
    await expect(read(write('other.json', { data: [{ text: 'x' }] }))).rejects.toMatchObject({
      code: 'FC_FILE_FORMAT',
    });
    await expect(read(write('broken.json', '{'))).rejects.toBeInstanceOf(FieldcraftError);
  });
});

describe('answers', () => {
  const place = (answers: { text: string; start?: number }[], tally: Tally = new Map()) =>
    placeAnswers('one two one two', answers, { unit: 'code-points', where: 'here', tally });

  test('an offset that is a little off is put right, to the nearest place', () => {
    const tally: Tally = new Map();
    expect(place([{ text: 'one ', start: 7 }], tally)).toEqual([{ start: 8, end: 11 }]);
    expect([...tally.values()]).toEqual([1]);
    expect(place([{ text: ' two', start: 3 }, { text: 'two' }])).toEqual([{ start: 4, end: 7 }]);
  });

  test('words that do not stand there are refused', () => {
    expect(() => place([{ text: 'three', start: 0 }])).toThrow('does not stand in its text');
    expect(() => place([{ text: ' ', start: 3 }])).toThrow(FieldcraftError);
  });
});

test('records hold answers as objects, as texts, or as lists side by side', async () => {
  const rows = [
    { text: context, second: 'Who?', answers: [{ text: 'cat', start: 6 }] },
    { text: context, second: 'Where?', answers: { text: ['on the mat'], answer_start: [14] } },
    { text: context, second: 'What?', answers: ['sat'] },
    { text: context, second: 'Why?', answers: [] },
  ];
  const data = write('rows.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { splits } = await loadFiles({ kind: 'span-selection', data });
  expect(splits.train.map((example) => 'answers' in example && example.answers)).toEqual([
    [{ start: 7, end: 10 }],
    [{ start: 15, end: 25 }],
    [{ start: 11, end: 14 }],
    [],
  ]);
  const wrong = write('wrong.jsonl', '{"text": "a", "second": "b", "answers": 3}\n');
  await expect(loadFiles({ kind: 'span-selection', data: wrong })).rejects.toMatchObject({ code: 'FC_DATA' });
});

test('foreign questions stay in their part, go to another document, and are not asked where they are asked anyway', () => {
  const question = (document: number, n: number) => ({
    ...{ id: `${document}.${n}`, text: `text ${document}`, group: `document ${document}` },
    ...{ second: n === 0 ? 'asked of all' : `question ${n} of ${document}`, answers: [{ start: 0, end: 4 }] },
  });
  const documents = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, d) => [0, 1, 2, 3].map((n) => question(from + d, n))).flat();
  const splits = { train: documents(0, 10), dev: documents(10, 12), test: documents(12, 20) };
  const { splits: more, added } = addForeignQuestions(splits, { share: 0.5, seed: 3 });
  for (const part of ['train', 'dev', 'test'] as const) {
    const [own, foreign] = [more[part].slice(0, splits[part].length), more[part].slice(splits[part].length)];
    expect(own).toEqual(splits[part]);
    const texts = new Set(own.map(({ text }) => text));
    for (const { text, second, answers, foreign: mark, group } of foreign) {
      expect([mark, answers, texts.has(text), group]).toEqual([true, [], true, text.replace('text', 'document')]);
      expect(own.some((other) => other.text === text && other.second === second)).toBe(false);
    }
  }
  expect(added).toBe(more.train.length + more.dev.length + more.test.length - 80);
  expect(added).toBeGreaterThan(20);
  expect(addForeignQuestions(splits, { share: 0.5, seed: 3 }).splits).toEqual(more);
});
