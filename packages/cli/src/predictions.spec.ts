import { describe, expect, test } from '@jest/globals';
import type { PredictableTask } from '@fieldcraft/core';
import { drawPrediction, drawRanking, predictionRecord } from './predictions.js';
import { memoryScreen } from './test-streams.js';

const { screen } = memoryScreen();
const clauses: PredictableTask = { name: 'clauses', kind: 'classification', labels: ['payment', 'term', 'other'] };
const terms: PredictableTask = { name: 'terms', kind: 'multi-label', labels: ['change', 'arbitration'] };
const entities: PredictableTask = { name: 'entities', kind: 'token-classification', labels: ['PARTY'] };
const text = '😀 Acme Inc. pays\nBolt.';
const found = [
  { start: 3, end: 12, label: 'PARTY', text: 'Acme Inc.', confidence: 0.971 },
  { start: 18, end: 22, label: 'PARTY', text: 'Bolt', confidence: 0.5 },
];

const rules: PredictableTask = { name: 'rules', kind: 'pair-classification', labels: ['yes', 'no'] };
const evidence = { of: 'text', start: 3, end: 12, text: 'Acme Inc.' } as const;
const answer = { label: 'no', probabilities: [0.25, 0.75], evidence };

const alike: PredictableTask = { name: 'alike', kind: 'similarity', labels: [] };

const diagnoses: PredictableTask = {
  ...{ name: 'diagnoses', kind: 'code-assignment', labels: ['I10', 'R60', 'Z20'] },
  titles: { I10: 'Essential hypertension', Z20: 'Contact with disease' },
};
const coded = {
  codes: [{ code: 'I10', probability: 0.9, evidence }],
  ranking: [
    { code: 'I10', probability: 0.9 },
    { code: 'Z20', probability: 0.1 },
  ],
  unseen: [{ code: 'Z20', probability: 0.1 }],
};

describe('predictions for a person', () => {
  test('codes with their titles and what was looked at, which proves nothing; and those that were never learnt', () => {
    const unsure = '  What was looked at is no proof: it has not been evaluated.';
    const others = ['  never learnt, by their titles alone:', '  Z20 Contact with disease  10.0 %', unsure];
    expect(drawPrediction(screen, diagnoses, { text }, coded)).toEqual([
      '😀 Acme Inc. pays Bolt.',
      '  I10 Essential hypertension  90.0 %',
      '    looked at most: characters 3 to 12: Acme Inc.',
      ...others,
    ]);
    const none = drawPrediction(screen, diagnoses, { text: 'x'.repeat(500) }, { ...coded, codes: [] });
    expect(none.slice(0, 3)).toEqual([
      `${'x'.repeat(160)} …`,
      '  no code; nearest:',
      '  I10 Essential hypertension  90.0 %',
    ]);
  });

  test('how alike two texts are, in the unit of the scores and as a cosine', () => {
    const prediction = { value: 4.2001, cosine: 0.8 };
    expect(drawPrediction(screen, alike, { text: 'a cat', second: 'a dog' }, prediction)).toEqual([
      'a cat',
      '  — a dog',
      '  4.2  cosine 0.800',
    ]);
    expect(predictionRecord(alike, { text: 'a cat', second: 'a dog' }, prediction)).toEqual({
      ...{ text: 'a cat', second: 'a dog', task: 'alike' },
      ...prediction,
    });
  });

  test('candidates by how like a query they are, long ones cut', () => {
    const found = [
      { text: 'a\ncat', score: 0.91 },
      { text: 'x'.repeat(120), score: 0.5 },
    ];
    expect(drawRanking(screen, found)).toEqual(['  1  0.910  a cat', `  2  0.500  ${'x'.repeat(100)}…`]);
  });

  test('of a pair with a long text: the passage that speaks for the answer', () => {
    const lines = drawPrediction(screen, rules, { text, second: 'Acme pays.' }, answer);
    expect(lines).toEqual(['  — Acme pays.', '  no  75.0 %', '  yes  25.0 %', '  characters 3 to 12: Acme Inc.']);
  });

  test('the class with its runners-up', () => {
    const lines = drawPrediction(
      screen,
      clauses,
      { text: 'Pay now.' },
      { label: 'term', probabilities: [0.3, 0.695, 0.005] },
    );
    expect(lines).toEqual(['Pay now.', '  term  69.5 %', '  payment  30.0 %']);
  });

  test('all labels that were chosen, likeliest first; or what came nearest', () => {
    const probabilities = [0.4, 0.9];
    expect(drawPrediction(screen, terms, { text: 'x' }, { labels: ['change', 'arbitration'], probabilities })).toEqual([
      'x',
      '  arbitration  90.0 %',
      '  change  40.0 %',
    ]);
    expect(drawPrediction(screen, terms, { text: 'x' }, { labels: [], probabilities: [0.1, 0.2] })).toEqual([
      'x',
      '  no label (nearest: arbitration  20.0 %)',
    ]);
  });

  test('entities marked in the text, which stays one line', () => {
    expect(drawPrediction(screen, entities, { text }, { entities: found })).toEqual([
      '😀 [Acme Inc.|PARTY 97.1 %] pays [Bolt|PARTY 50.0 %].',
    ]);
    expect(drawPrediction(screen, entities, { text: 'Nothing.' }, { entities: [] })).toEqual([
      'Nothing.',
      '  no entities',
    ]);
  });
});

const requests: PredictableTask = {
  name: 'requests',
  kind: 'slot-filling',
  labels: ['intent:pay', 'PARTY', 'intent:ask'],
};
const asked = { intents: ['ask', 'pay'], intentProbabilities: [0.6, 0.9], entities: found };

describe('requests', () => {
  test('the slots in the text, then what is asked for', () => {
    expect(drawPrediction(screen, requests, { text }, asked)).toEqual([
      '😀 [Acme Inc.|PARTY 97.1 %] pays [Bolt|PARTY 50.0 %].',
      '  ask  90.0 %',
      '  pay  60.0 %',
    ]);
  });

  test('as a record that training reads again', () => {
    expect(predictionRecord(requests, { text }, asked)).toMatchObject({
      intents: ['ask', 'pay'],
      intentProbabilities: { pay: 0.6, ask: 0.9 },
      entities: [{ start: 2, end: 11, label: 'PARTY' }, { start: 17 }],
    });
  });
});

const questions: PredictableTask = { name: 'questions', kind: 'span-selection', labels: [] };
const span = { start: 3, end: 12, text: 'Acme Inc.' };
const answered = { answer: span, candidates: [{ ...span, probability: 0.8 }], noAnswer: 0.1 };
const silent = { candidates: answered.candidates, noAnswer: 0.875 };

describe('answers in a text', () => {
  const input = { text, second: 'Who pays?' };

  test('are shown with their place, or that there is none and what comes nearest', () => {
    expect(drawPrediction(screen, questions, input, answered)).toEqual([
      'Who pays?',
      '  Acme Inc.  80.0 %',
      '  characters 3 to 12',
    ]);
    expect(drawPrediction(screen, questions, input, silent)).toEqual([
      'Who pays?',
      '  no answer  87.5 % (nearest: Acme Inc.  80.0 %)',
    ]);
  });

  test('are records that can be trained on, offsets in code points', () => {
    const record = {
      ...input,
      task: 'questions',
      candidates: [{ start: 2, end: 11, text: 'Acme Inc.', probability: 0.8 }],
    };
    expect(predictionRecord(questions, input, answered)).toEqual({
      ...record,
      answers: [{ start: 2, end: 11, text: 'Acme Inc.' }],
      noAnswer: 0.1,
    });
    expect(predictionRecord(questions, input, silent)).toEqual({ ...record, answers: [], noAnswer: 0.875 });
  });
});

describe('predictions for programs', () => {
  test('probabilities by label', () => {
    expect(predictionRecord(clauses, { text: 'Pay.' }, { label: 'term', probabilities: [0.3, 0.7, 0] })).toEqual({
      text: 'Pay.',
      task: 'clauses',
      label: 'term',
      probabilities: { payment: 0.3, term: 0.7, other: 0 },
    });
    expect(predictionRecord(terms, { text: 'x' }, { labels: [], probabilities: [0.1, 0.2] })).toMatchObject({
      labels: [],
    });
  });

  test('entity offsets count code points, as the files that training reads', () => {
    const record = predictionRecord(entities, { text }, { entities: found });
    expect(record).toMatchObject({
      entities: [
        { start: 2, end: 11, label: 'PARTY' },
        { start: 17, end: 21, label: 'PARTY' },
      ],
    });
  });

  test('of a pair: both texts, and the passage in code points', () => {
    expect(predictionRecord(rules, { text, second: 'x' }, answer)).toEqual({
      ...{ text, second: 'x', task: 'rules', label: 'no', probabilities: { yes: 0.25, no: 0.75 } },
      evidence: { of: 'text', start: 2, end: 11, text: 'Acme Inc.' },
    });
  });

  test('codes with their titles; what was looked at counts code points and is called not evaluated', () => {
    expect(predictionRecord(diagnoses, { text }, coded)).toEqual({
      ...{ text, task: 'diagnoses' },
      codes: [
        {
          ...{ code: 'I10', probability: 0.9, title: 'Essential hypertension', evidenceEvaluated: false },
          evidence: { of: 'text', start: 2, end: 11, text: 'Acme Inc.' },
        },
      ],
      ranking: coded.ranking,
      unseen: [{ code: 'Z20', probability: 0.1, title: 'Contact with disease' }],
    });
  });
});
