/** A run on the sentences of documents: what a sentence is shows in the one before it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { compareRuns, evaluateRun } from './index.js';
import { openWorkspace, refusal, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

const csv = (rows: readonly { text: string; role: string; document: string }[]): string =>
  `text,role,document\n${rows.map(({ text, role, document }) => `"${text}",${role},${document}\n`).join('')}`;

test('neighbours are read, learnt from and predicted with', async () => {
  const rows = sentences(400).flatMap(({ text, label }, i) => [
    { text, role: 'first', document: `d${i}` },
    { text: 'so it goes', role: label, document: `d${i}` },
  ]);
  const data = workspace.file('documents.csv', csv(rows));
  const columns = { labelColumn: 'role', groupColumn: 'document' };
  const { report, folder } = await run({
    ...{ task: 'sequential-classification', data, ...columns, base: workspace.base, maxLength: 32, out: 'sequences' },
    ...{ epochs: 10, learningRate: 2e-3, headRate: 3, dropout: 0, patience: 0 },
  });
  const [task] = report.tasks;
  expect(task).toMatchObject({
    kind: 'sequential-classification',
    labels: ['first', 'no', 'yes'],
    beats: { majority: true },
  });
  expect(task?.data.splitRule).toContain('documents');
  expect(task?.data.parts[0]).toHaveProperty('groups');
  // Sentences in the second place are all alike: only their neighbours can tell them from the first ones, and from each other.
  expect(task?.summary['accuracy']?.mean).toBeGreaterThan(0.7);

  const predictor = await loadPredictor(folder, { threads: 1 });
  const [first, second] = await predictor.predict('sequential-classification', [
    { text: rows[0]?.text ?? '', before: [], after: ['so it goes'] },
    { text: 'so it goes', before: [rows[0]?.text ?? ''], after: [] },
  ]);
  expect(first).toMatchObject({ label: 'first' });
  expect(second).not.toMatchObject({ label: 'first' });
  await predictor.release();
  const [again] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);
  const [onFile] = await evaluateRun({ folder, threads: 1, file: data, ...columns }, () => undefined);
  expect(onFile?.examples).toBe(rows.length);
  expect(compareRuns(folder, folder)).toMatchObject({ notCompared: [], tasks: [{ difference: 0, better: 'neither' }] });
});

test('without documents there are no neighbours, and it says so', async () => {
  const data = workspace.file('none.csv', 'text,label\na,x\nb,y\n');
  const error = await refusal(run({ task: 'sequential-classification', data, base: workspace.base, out: 'none' }));
  expect([error.code, error.parts.fix]).toEqual(['FC_DATA', expect.stringContaining('--group-column')]);
});
