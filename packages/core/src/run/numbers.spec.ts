/** A run on numbers: from a CSV with them to predictions in their unit. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openCheckpoint } from '../checkpoint/index.js';
import { loadPredictor } from '../export/index.js';
import { compareRuns, evaluateRun } from './index.js';
import { openWorkspace, refusal, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

test('numbers are learnt, reported, predicted in their unit and scored again', async () => {
  const rows = sentences(400).map(({ text, label }) => `"${text}",${label === 'yes' ? 2500 : 1500}\n`);
  const data = workspace.file('prices.csv', `what,price\n${rows.join('')}`);
  const { report, folder } = await run({
    ...{ task: 'regression', data, textColumn: 'what', labelColumn: 'price', base: workspace.base, maxLength: 24 },
    ...{ epochs: 8, learningRate: 3e-3, dropout: 0, patience: 0, out: 'prices' },
  });
  const [task] = report.tasks;
  expect(task).toMatchObject({ kind: 'regression', mainMetric: 'pearson', labels: [], beats: { mean: true } });
  expect(task?.summary['pearson']?.mean).toBeGreaterThan(0.9);
  expect(task?.summary['pearson']?.interval).toHaveLength(2);
  expect(task?.baselines.map(({ name }) => name)).toEqual(['mean', 'tfidf']);
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('Pearson correlation');

  const predictor = await loadPredictor(folder, { threads: 1 });
  const [with_, without] = await predictor.predict('regression', [
    'the red cat sees the dog and the tree',
    'the cat sees the dog and the tree',
  ]);
  const valueOf = (prediction: typeof with_) => (prediction && 'value' in prediction ? prediction.value : NaN);
  expect(valueOf(with_)).toBeGreaterThan(1000);
  expect(valueOf(with_)).toBeLessThan(3000);
  expect(valueOf(with_)).not.toBe(valueOf(without));
  await predictor.release();

  const [again] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);
  expect(compareRuns(folder, folder)).toMatchObject({ notCompared: [], tasks: [{ difference: 0, better: 'neither' }] });

  // Outside, the bias is near the mean of the prices.
  const published = openCheckpoint(join(folder, 'hf/regression'));
  const bias = new Float32Array(1);
  published.readFloat32('classifier.bias', bias);
  published.close();
  expect(bias[0]).toBeGreaterThan(1000);
  expect(JSON.parse(readFileSync(join(folder, 'hf/regression/config.json'), 'utf8'))).toMatchObject({
    problem_type: 'regression',
    id2label: { 0: 'value' },
  });
});

test('what is no number is named with its line', async () => {
  const data = workspace.file('bad.csv', 'text,value\na,1\nb,many\n');
  const error = await refusal(run({ task: 'regression', data, base: workspace.base, out: 'bad' }));
  expect([error.code, error.parts.where, error.parts.expected]).toEqual([
    'FC_DATA',
    expect.stringMatching(/:3$/),
    'a number',
  ]);
});
