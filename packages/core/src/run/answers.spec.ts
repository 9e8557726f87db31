/** A run on questions about texts, from a file of SQuAD's fields to answers with their places, or to none. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { random } from '../foundation/index.js';
import { compareRuns, evaluateRun } from './index.js';
import { openWorkspace, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

/** The answer is the name behind "for"; every third text has none. */
function questions(count: number) {
  const stream = random(4, 'questions');
  const names = 'Anna Bert Carla David Elena Frank Greta Hugo'.split(' ');
  return sentences(count).map(({ text }, i) => {
    const name = names[stream.integer(names.length)] ?? '';
    const passage = i % 3 === 0 ? text : `${text} for ${name} and the river`;
    return { passage, asked: 'for Anna', answers: i % 3 === 0 ? [] : [{ text: name, start: text.length + 5 }] };
  });
}

test('answers are learnt, reported, predicted and scored again', async () => {
  const rows = questions(400);
  const data = workspace.file('asked.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const columns = { textColumn: 'passage', secondColumn: 'asked' };
  const { report, folder } = await run({
    ...{ task: 'span-selection', data, ...columns, base: workspace.base, maxLength: 40 },
    ...{ epochs: 12, learningRate: 5e-3, dropout: 0, patience: 0, out: 'answers' },
  });
  const [task] = report.tasks;
  expect(task?.kind).toBe('span-selection');
  expect(task?.summary['f1']?.mean).toBeGreaterThan(0.9);
  expect(task?.summary['noAnswerAccuracy']?.mean).toBeGreaterThan(0.9);
  expect(task?.summary['hasAnswerExactMatch']?.mean).toBeGreaterThan(0.8);
  expect(task?.beats).toMatchObject({ majority: true, tfidf: true });
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('answers in a text');
  const config = JSON.parse(readFileSync(join(folder, 'hf/span-selection/config.json'), 'utf8')) as object;
  expect(config).toMatchObject({ architectures: ['BertForQuestionAnswering'], id2label: { 0: 'start', 1: 'end' } });

  const predictor = await loadPredictor(folder, { threads: 1 });
  const ask = (text: string) => ({ text, second: 'for Anna' });
  const [found, missing] = await predictor.predict(task?.name ?? '', [
    ask(`the cat sees the river ${'and the old tree '.repeat(12)}for Hugo and the river`),
    ask('the cat sees the river'),
  ]);
  expect(found).toMatchObject({ answer: { text: 'Hugo', start: 231, end: 235 } });
  expect(missing).not.toHaveProperty('answer');
  await predictor.release();

  const [again] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);
  expect(compareRuns(folder, folder)).toMatchObject({ notCompared: [], tasks: [{ difference: 0, better: 'neither' }] });
});
