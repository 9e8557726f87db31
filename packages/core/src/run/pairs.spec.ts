/** A run on pairs of texts, from a file with two columns to predictions with evidence. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { compareRuns, evaluateRun } from './index.js';
import { openWorkspace, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

test('pairs are learnt, reported, predicted and scored again', async () => {
  // The answer is in the second text alone.
  const rows = sentences(400).map(({ text, label }) => ({ claim: 'somebody says so', said: text, answer: label }));
  const data = workspace.file('pairs.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const columns = { textColumn: 'claim', secondColumn: 'said', labelColumn: 'answer' };
  const { report, folder } = await run({
    ...{ task: 'pair-classification', data, ...columns, base: workspace.base, maxLength: 24 },
    ...{ epochs: 8, learningRate: 3e-3, dropout: 0, patience: 0, out: 'pairs' },
  });
  const [task] = report.tasks;
  expect(task?.kind).toBe('pair-classification');
  expect(task?.summary['macroF1']?.mean).toBeGreaterThan(0.85);
  expect(task?.beats).toMatchObject({ majority: true });
  expect(task?.baselines.map(({ name }) => name)).toEqual(['majority', 'tfidf']);
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('classification of pairs');
  expect(report.nextSteps[0]).toContain('--second');
  expect(readFileSync(join(folder, 'hf/pair-classification/README.md'), 'utf8')).toContain('text_pair');

  const predictor = await loadPredictor(folder, { threads: 1 });
  const ask = (second: string, text = 'somebody says so') => ({ text, second });
  const asked = rows.slice(0, 20);
  const answers = await predictor.predict(
    task?.name ?? '',
    asked.map(({ said }) => ask(said)),
  );
  const right = answers.filter((answer, i) => 'label' in answer && answer.label === asked[i]?.answer);
  expect(right.length).toBeGreaterThan(15);
  const [long] = await predictor.predict(task?.name ?? '', [
    ask('so somebody says', 'the cat sees so much '.repeat(12)),
  ]);
  expect(long).toMatchObject({ evidence: { of: 'text', text: expect.stringContaining('cat') } });
  await predictor.release();

  const [again] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);
  expect(compareRuns(folder, folder)).toMatchObject({ notCompared: [], tasks: [{ difference: 0, better: 'neither' }] });
});
