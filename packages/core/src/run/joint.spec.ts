/** A run that finds entities and relations at once, from a file to predictions; stopped and gone on with, it ends in the same weights. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { evaluateRun, executeRun, type RunEvent } from './index.js';
import { openWorkspace, refusal, relatedRows, run, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

const rows = relatedRows(300);

test('entities and relations are learnt, reported, predicted and scored again, whatever stops the run', async () => {
  const data = workspace.file('related.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const options = {
    ...{ task: 'joint-extraction' as const, data, base: workspace.base, maxLength: 32, threads: 1 },
    ...{ epochs: 6, learningRate: 5e-3, patience: 0 },
  };
  const { report, folder } = await run({ ...options, out: 'whole' });
  const [task] = report.tasks;
  expect([task?.kind, task?.labels]).toEqual(['joint-extraction', ['acts on']]);
  expect(task?.summary['entityF1']?.mean).toBeGreaterThan(0.9);
  expect(task?.summary['relationF1']?.mean).toBeGreaterThan(0.8);
  expect(task?.beats).toMatchObject({ majority: true });
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('entities and relations');

  const predictor = await loadPredictor(folder, { threads: 1 });
  const predictions = await predictor.predict('joint-extraction', ['the cat sees the dog', 'the old cat sees the dog']);
  await predictor.release();
  expect(predictions).toMatchObject([
    {
      entities: [
        { start: 4, end: 7, label: 'Doer', text: 'cat' },
        { start: 17, end: 20, label: 'Thing', text: 'dog' },
      ],
      relations: [{ head: 0, tail: 1, label: 'acts on' }],
    },
    { entities: [{ text: 'cat' }, { text: 'dog' }], relations: [] },
  ]);

  const [again] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);

  let asked = false;
  const emit = (event: RunEvent) => (asked ||= event.kind === 'step' && event.step === 20);
  await refusal(executeRun({ options: { ...options, out: 'stopped' } }, { emit, stopRequested: () => asked }));
  await run({ resume: true, out: 'stopped' });
  const weights = (out: string) => readFileSync(join(workspace.root, out, 'model/model.safetensors'));
  expect(weights('stopped').equals(weights('whole'))).toBe(true);
});
