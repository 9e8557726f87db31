/** What is kept of predictions scores as they did, whatever the kind of task. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Example, TaskKind } from '../data/index.js';
import { createTask, type Prediction } from '../tasks/index.js';
import { keepPredictions, readPredictions } from './kept-predictions.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-kept-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = 'Roche bought Genentech in 2009';
const entity = { start: 0, end: 5, label: 'ORG', text: 'Roche', confidence: 0.123456789 };
const choices = { choices: ['a', 'b'], answer: 1 };
const cases: [TaskKind, string[], object[], Prediction[]][] = [
  [
    'token-classification',
    ['ORG'],
    [{ entities: [{ start: 0, end: 5, label: 'ORG' }] }, { entities: [{ start: 13, end: 22, label: 'ORG' }] }],
    [{ entities: [entity] }, { entities: [{ ...entity, end: 6 }] }],
  ],
  [
    'span-selection',
    [],
    [
      { second: 'Who was bought?', answers: [{ start: 13, end: 22 }] },
      {
        second: 'When?',
        answers: [
          { start: 26, end: 30 },
          { start: 23, end: 30 },
        ],
      },
    ],
    [
      { answer: { start: 0, end: 22, text: 'Roche bought Genentech' }, candidates: [], noAnswer: 0.1 },
      { answer: { start: 26, end: 30, text: '2009' }, candidates: [], noAnswer: 0.2 },
    ],
  ],
  [
    'multi-label',
    ['x', 'y'],
    [{ labels: ['x'], masked: ['y'] }, { labels: ['x', 'y'] }],
    [
      { labels: ['x'], probabilities: [0.7, 0.2] },
      { labels: ['y'], probabilities: [0.3, 0.6] },
    ],
  ],
  [
    'slot-filling',
    ['intent:sell', 'intent:buy', 'ORG'],
    [
      { intents: ['buy'], entities: [{ start: 0, end: 5, label: 'ORG' }] },
      { intents: ['sell'], entities: [] },
    ],
    [
      { intents: ['buy'], intentProbabilities: [0.1, 0.9], entities: [entity] },
      { intents: ['buy'], intentProbabilities: [0.4, 0.6], entities: [] },
    ],
  ],
  ['regression', [], [{ value: 1.5 }, { value: -2 }], [{ value: 1.23 }, { value: 0.5 }]],
  [
    'multiple-choice',
    [],
    [choices, { ...choices, answer: 0 }],
    [
      { choice: 1, probabilities: [0.4, 0.6] },
      { choice: 1, probabilities: [0.1, 0.9] },
    ],
  ],
  [
    'sequential-classification',
    ['x', 'y'],
    [
      { before: [], after: [text], label: 'x' },
      { before: [text], after: [], label: 'y' },
    ],
    [
      { label: 'x', probabilities: [0.9, 0.1] },
      { label: 'x', probabilities: [0.8, 0.2] },
    ],
  ],
];

test.each(cases)('%s', (kind, labels, truths, predictions) => {
  const examples = truths.map((truth, i) => ({ id: `file:${i}`, text, group: 'one', ...truth }) as Example);
  keepPredictions(
    folder,
    kind,
    examples.map((example, i) => ({ example, prediction: predictions[i] })),
  );
  const kept = readPredictions(folder, kind) ?? [];
  expect(kept.map(({ example }) => [example.id, example.group])).toEqual(examples.map(({ id }) => [id, 'one']));
  expect(JSON.stringify(kept)).not.toContain(' bought Genentech in ');
  const task = createTask(kind, { name: kind, labels });
  const before = task.score(examples, predictions).metrics;
  const after = task.score(
    kept.map(({ example }) => example),
    kept.map(({ prediction }) => prediction),
  ).metrics;
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const [name, value] of Object.entries(before)) expect(after[name]).toBeCloseTo(value, 5);
});

test('a run that kept nothing of a task', () => {
  expect(readPredictions(folder, 'none')).toBeUndefined();
});
