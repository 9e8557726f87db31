/** Words beside the encoder in a run: their share, what the report says of them, and that a loaded model answers as it was scored. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { resolutionOf, steadiest } from './lexical-share.js';
import { asCsv, openWorkspace, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

test('the steadiest share is taken, and none that is no better than the encoder alone', () => {
  expect(steadiest([0.5, 0.6, 0.7, 0.6, 0.5])).toBe(2);
  // One high score among low ones is luck.
  expect(steadiest([0.5, 0.8, 0.4, 0.7, 0.75, 0.72, 0.6])).toBe(4);
  expect(steadiest([0.9, 0.8, 0.88, 0.89, 0.88])).toBe(0);
  expect(steadiest([0.5, 0.5, 0.5])).toBe(0);
  // Where one example tells them apart, it is asked how sure the answers are.
  const scores = [0.96, 0.96, 0.97, 0.96, 0.9];
  const losses = [0.1, 0.05, 0.08, 0.04, 0.01];
  expect(steadiest(scores, { resolution: 0.01, losses })).toBe(1);
  expect(steadiest(scores, { resolution: 0, losses })).toBe(1);
  expect(steadiest(scores, { resolution: 0.05, losses })).toBe(3);
  expect(steadiest([0.97, 0.96, 0.96], { resolution: 0.05, losses: [0.1, 0.05, 0.01] })).toBe(0);
  expect(steadiest([0.96, 0.96, 0.96], { losses: [0.1, 0.05, 0.2] })).toBe(1);
});

test('scores are told apart by one standard error, and by one example at least', () => {
  expect(resolutionOf(0.5, 75)).toBeCloseTo(0.0577, 4);
  expect(resolutionOf(0.9, 1_000)).toBeCloseTo(0.0095, 4);
  expect([resolutionOf(1, 50), resolutionOf(0, 50), resolutionOf(-0.2, 50)]).toEqual([0.02, 0.02, 0.02]);
  expect(resolutionOf(0.5, 0)).toBe(1);
});

test('a model that is loaded answers with its words, as it was scored', async () => {
  const rows = sentences(300);
  const parts = { train: rows.slice(0, 160), dev: rows.slice(160, 220), test: rows.slice(220) };
  const files = Object.fromEntries(
    Object.entries(parts).map(([part, own]) => [part, workspace.file(`${part}.csv`, asCsv(own))]),
  );
  const { folder, report } = await run({
    ...{ task: 'classification' as const, ...files, base: workspace.base, out: join(workspace.root, 'words') },
    // The encoder has learnt next to nothing.
    ...{ threads: 1, epochs: 0.1, learningRate: 1e-6, patience: 0, seeds: 2, ensemble: true, lexical: true },
  });
  const [task] = report.tasks;
  const note = task?.data.notes.find((text) => text.startsWith('words count beside the encoder'));
  expect(note).toMatch(/with a share of [\d., ]*[1-9]/);
  expect(task?.summary['accuracy']?.mean).toBeGreaterThan(0.9);

  const texts = parts.test.map(({ text }) => text);
  const scoreOf = async (model: string) => {
    const predictor = await loadPredictor(model, { threads: 1 });
    const answers = await predictor.predict('classification', texts);
    await predictor.release();
    const right = answers.filter((answer, i) => 'label' in answer && answer.label === parts.test[i]?.label);
    return right.length / texts.length;
  };
  const best = task?.seeds.map(({ test: scored }) => scored?.metrics['accuracy'] ?? NaN) ?? [];
  expect(best).toContain(await scoreOf(join(folder, 'model')));
  expect(await scoreOf(join(folder, 'ensemble'))).toBe(task?.ensemble?.metrics['accuracy']);
  expect(readFileSync(join(folder, 'hf', 'classification', 'README.md'), 'utf8')).toContain(
    'with words that count beside the encoder',
  );
});
