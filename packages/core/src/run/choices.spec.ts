/** A run on questions with choices, from JSON Lines to predictions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { compareRuns, evaluateRun } from './index.js';
import { openWorkspace, refusal, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

test('questions are learnt, reported, predicted and scored again', async () => {
  const all = sentences(900);
  const [described, plain] = ['yes', 'no'].map((wanted) => all.filter(({ label }) => label === wanted));
  const rows = (described ?? []).slice(0, 300).map(({ text }, i) => {
    const other = plain?.[i]?.text ?? '';
    return { text: 'who is described', choices: i % 2 === 0 ? [text, other] : [other, text], answer: i % 2 };
  });
  const data = workspace.file('quiz.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { report, folder } = await run({
    ...{ task: 'multiple-choice', data, base: workspace.base, maxLength: 24, out: 'quiz' },
    ...{ epochs: 10, learningRate: 3e-3, dropout: 0, patience: 0 },
  });
  const [task] = report.tasks;
  expect(task).toMatchObject({
    kind: 'multiple-choice',
    mainMetric: 'accuracy',
    labels: [],
    beats: { majority: true },
  });
  expect(task?.summary['accuracy']?.mean).toBeGreaterThan(0.85);
  expect(task?.baselines.map(({ name }) => name)).toEqual(['majority', 'tfidf']);
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('multiple choice');
  expect(readFileSync(join(folder, 'hf/multiple-choice/config.json'), 'utf8')).toContain('BertForMultipleChoice');

  const predictor = await loadPredictor(folder, { threads: 1 });
  const answers = await predictor.predict('multiple-choice', rows.slice(0, 20));
  const right = answers.filter((answer, i) => 'choice' in answer && answer.choice === rows[i]?.answer);
  expect(right.length).toBeGreaterThan(15);
  await predictor.release();

  const [again] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);
  expect(compareRuns(folder, folder)).toMatchObject({ notCompared: [], tasks: [{ difference: 0, better: 'neither' }] });
});

test('an answer that is none of the choices is named with its line', async () => {
  const rows = [
    { text: 'a', choices: ['b', 'c'], answer: 'c' },
    { text: 'd', choices: ['e', 'f'], answer: 'g' },
  ];
  const data = workspace.file('bad.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
  const error = await refusal(run({ task: 'multiple-choice', data, base: workspace.base, out: 'bad' }));
  expect([error.code, error.parts.where]).toEqual(['FC_DATA', expect.stringMatching(/:2$/)]);
});
