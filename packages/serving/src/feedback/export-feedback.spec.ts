import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadFiles } from '@fieldcraft/core';
import { makeEntry, type Entry, type TaskKind } from './entry.js';
import { trainingSet } from './export-feedback.js';
import { redactEntry, redactText } from './redact.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let minute = 0;
function said(
  kind: TaskKind,
  body: Omit<Parameters<typeof makeEntry>[0], 'task' | 'prediction'>,
  labels: string[] = [],
): Entry {
  const entry = makeEntry(
    { task: 't', prediction: null, ...body },
    { tasks: [{ name: 't', kind, labels }], model: 'm', version: '1' },
  );
  return { ...entry, created: new Date(Date.UTC(2024, 0, 1, 0, minute++)).toISOString() };
}

/** The exported file as training reads it. */
async function asTrained(entries: readonly Entry[], options: { groupColumn?: string } = {}) {
  const { kind, lines } = trainingSet(entries);
  const path = join(folder, `${kind}-${minute++}.jsonl`);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return (await loadFiles({ kind, data: path, ...options })).splits.train;
}

describe('feedback as a training set', () => {
  test.each<[TaskKind, Parameters<typeof said>[1], object]>([
    ['classification', { text: 'We may end it.', correction: { label: 'unfair' } }, { label: 'unfair' }],
    [
      'pair-classification',
      { text: 'A contract.', second: 'It ends.', correction: { label: 'entailed' } },
      { second: 'It ends.', label: 'entailed' },
    ],
    ['multi-label', { text: 'A text.', correction: { labels: ['a', 'b; c'] } }, { labels: ['a', 'b; c'] }],
    ['multi-label', { text: 'Another.', correction: { labels: [] } }, { labels: [] }],
    [
      'token-classification',
      { text: '😀 Acme Inc. paid.', correction: { entities: [{ start: 3, end: 12, label: 'org' }] } },
      { entities: [{ start: 3, end: 12, label: 'org' }] },
    ],
    [
      'slot-filling',
      { text: 'to Oslo', correction: { intents: ['flight'], entities: [{ start: 3, end: 7, label: 'city' }] } },
      { intents: ['flight'], entities: [{ start: 3, end: 7, label: 'city' }] },
    ],
    [
      'joint-extraction',
      {
        text: 'aspirin caused rash',
        correction: {
          entities: [
            { start: 0, end: 7, label: 'drug' },
            { start: 15, end: 19, label: 'effect' },
          ],
          relations: [{ head: 0, tail: 1, label: 'causes' }],
        },
      },
      {
        mentions: [
          { start: 0, end: 7, label: 'drug' },
          { start: 15, end: 19, label: 'effect' },
        ],
        relations: [{ head: 0, tail: 1, label: 'causes' }],
      },
    ],
    [
      'span-selection',
      { text: '😀 It costs 5 euros.', second: 'How much?', correction: { answers: [{ start: 12, end: 19 }] } },
      { second: 'How much?', answers: [{ start: 12, end: 19 }] },
    ],
    [
      'multiple-choice',
      { text: 'Which?', choices: ['x', 'y'], correction: { choice: 1 } },
      { choices: ['x', 'y'], answer: 1 },
    ],
    ['regression', { text: 'A text.', correction: { value: -0.5 } }, { value: -0.5 }],
    ['similarity', { text: 'One.', second: 'Two.', correction: { value: 3 } }, { second: 'Two.', value: 3 }],
    ['retrieval', { text: 'A query.', correction: { document: 'A document.' } }, { second: 'A document.' }],
    ['code-assignment', { text: 'A report.', correction: { codes: ['I10', 'E11'] } }, { codes: ['I10', 'E11'] }],
  ])('%s: training reads what was said', async (kind, body, expected) => {
    const [example] = await asTrained([said(kind, body)]);
    expect(example).toMatchObject({ text: body.text, ...expected });
  });

  test('sentences are in the order of their documents, and know their neighbours', async () => {
    const sentence = (position: number, text: string, label: string) =>
      said('sequential-classification', { text, group: 'd', position, correction: { label } });
    const entries = [
      sentence(1, 'We try.', 'method'),
      sentence(0, 'It is hard.', 'background'),
      said('sequential-classification', { text: 'Lost.', correction: { label: 'method' } }),
    ];
    const examples = await asTrained(entries, { groupColumn: 'group' });
    expect(examples).toMatchObject([
      { text: 'It is hard.', before: [], after: ['We try.'], label: 'background' },
      { text: 'We try.', before: ['It is hard.'], after: [], label: 'method' },
    ]);
    expect(trainingSet(entries).notes[0]).toBe(
      '1 sentences were left out: it is not known where in which document they stand',
    );
  });

  test('of one question the last answer counts; different ones are listed', () => {
    const one = (text: string, label: string) => said('classification', { text, correction: { label } });
    const { lines, repeated, conflicts } = trainingSet([
      one('A.', 'x'),
      one('B.', 'x'),
      one('A.', 'y'),
      one('B.', 'x'),
    ]);
    expect(lines).toMatchObject([
      { text: 'A.', label: 'y' },
      { text: 'B.', label: 'x' },
    ]);
    expect(repeated).toBe(2);
    expect(conflicts).toMatchObject([
      { text: 'A.', versions: [{ correction: { label: 'x' } }, { correction: { label: 'y' } }] },
    ]);
  });

  test.each<[TaskKind, Parameters<typeof said>[1], string]>([
    ['classification', { text: 'A.', correction: { labels: ['x'] } }, 'does not fit a task of the kind classification'],
    ['classification', { text: 'A.', correction: { label: 'z' } }, 'which is none of x, y'],
    [
      'token-classification',
      { text: 'A.', correction: { entities: [{ start: 0, end: 3, label: 'x' }] } },
      '0 to 3 in a text of 2',
    ],
    [
      'joint-extraction',
      { text: 'A.', correction: { entities: [], relations: [{ head: 0, tail: 1, label: 'x' }] } },
      'a relation of 0 and 1 of 0',
    ],
    ['span-selection', { text: 'A.', correction: { answers: [] } }, 'no second text'],
    ['multiple-choice', { text: 'A.', choices: ['a'], correction: { choice: 1 } }, 'choice 1 of 1'],
  ])('%s: a correction that does not fit is refused (%#)', (kind, body, message) => {
    expect(() => said(kind, body, ['x', 'y'])).toThrow(message);
  });
});

describe('redaction', () => {
  test.each([
    ['Write to jane.doe@example.com.', 'Write to [EMAIL].'],
    ['Call +49 30 1234567 or (212) 555-0187.', 'Call [PHONE] or [PHONE].'],
    ['IBAN DE89 3704 0044 0532 0130 00 please', 'IBAN [IBAN] please'],
    ['not one: DE89 3704 0044 0532 0130 01', 'not one: DE89 3704 0044 0532 0130 01'],
    ['SSN 123-45-6789', 'SSN [SSN]'],
    ['card 4111 1111 1111 1111', 'card [CARD]'],
    ['$1,000,000 in 2024, Section 12.3.4, ICD I10', '$1,000,000 in 2024, Section 12.3.4, ICD I10'],
    ['Dr. Jane Doe saw him', 'Dr. [NAME] saw him'],
  ])('%j', (text, expected) => {
    expect(redactText(text, ['email', 'phone', 'iban', 'ssn', 'card', 'names']).text).toBe(expected);
  });

  test('labels stay where they are, before, in and after what was taken out', () => {
    const text = 'Acme wrote to jane@example.com about Oslo.';
    const at = (word: string, label: string) => ({
      start: text.indexOf(word),
      end: text.indexOf(word) + word.length,
      label,
    });
    const entities = [at('Acme', 'org'), at('jane@example.com', 'contact'), at('Oslo', 'city')];
    const entry = redactEntry(
      said('token-classification', { text, correction: { entities }, note: 'ask jane@example.com' }),
      ['email'],
    );
    const found = (entry.correction as { entities: typeof entities }).entities;
    expect(found.map(({ start, end, label }) => [entry.input.text.slice(start, end), label])).toEqual([
      ['Acme', 'org'],
      ['[EMAIL]', 'contact'],
      ['Oslo', 'city'],
    ]);
    expect(JSON.stringify(entry)).not.toContain('jane@');
  });

  test('people that the model or a person marked are taken out too', () => {
    const text = 'Jane Doe met Acme.';
    const entry = redactEntry(
      said('token-classification', { text, correction: { entities: [{ start: 0, end: 8, label: 'PER' }] } }),
      ['names'],
    );
    expect(entry.input.text).toBe('[NAME] met Acme.');
    expect(entry.correction).toEqual({ entities: [{ start: 0, end: 6, label: 'PER' }] });
  });
});
