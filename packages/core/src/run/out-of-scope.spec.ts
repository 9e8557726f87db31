/** A run with texts that no label fits: the threshold goes with the model, the rates into the report. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readModelFile } from '../export/index.js';
import { evaluateRun } from './index.js';
import { asCsv, openWorkspace, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

test('texts out of scope are told from the others', async () => {
  const foreign = 'alpha beta gamma delta epsilon zeta eta theta'.split(' ');
  const outside = Array.from({ length: 90 }, (_, i) => {
    const [a, b, c] = [foreign[i % 8] ?? '', foreign[Math.floor(i / 8) % 8] ?? '', foreign[(i * 3) % 8] ?? ''];
    return { text: `${a} ${b} ${c} number ${i}`, label: 'other' };
  });
  const data = workspace.file('intents.csv', asCsv([...sentences(400), ...outside]));
  const { report, folder } = await run({
    ...{ task: 'classification', data, outOfScope: 'other', base: workspace.base, maxLength: 24, out: 'intents' },
    ...{ epochs: 8, learningRate: 3e-3, dropout: 0, patience: 0, allow: ['leakage'] },
  });
  const [task] = report.tasks;
  for (const name of ['outOfScopeAuroc', 'falseAcceptRate', 'falseRejectRate', 'inScopeAccuracy'])
    expect(task?.summary).toHaveProperty(name);
  expect(task?.summary['outOfScopeAuroc']?.mean).toBeGreaterThan(0.9);
  expect(task?.summary['falseAcceptRate']?.mean).toBeLessThan(0.3);
  expect(task?.baselines[1]?.metrics).toHaveProperty('falseAcceptRate');
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('false-accept rate');
  const [saved] = readModelFile(join(folder, 'model')).tasks;
  expect(saved?.settings).toEqual({ outOfScope: 'other' });
  expect(saved?.tuning.scopeThreshold).toBe(task?.seeds[0]?.tuning.scopeThreshold);
  const [again] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);
});
