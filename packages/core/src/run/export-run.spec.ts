/** A finished run as a bundle that says what the run says, and the gates that it is held against. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createAbstention, loadBundle, loadPredictor } from '../export/index.js';
import { exportRun, gateBundle } from './index.js';
import { asCsv, openWorkspace, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

test('a run is exported, judged, and served as it was trained', async () => {
  const rows = sentences(1400);
  const data = workspace.file('rows.csv', asCsv(rows));
  const { folder, report } = await run({
    ...{ task: 'classification', data, base: workspace.base, maxLength: 24, out: 'plain' },
    ...{ epochs: 2, learningRate: 3e-3, dropout: 0 },
  });
  const out = join(folder, '..', 'bundle');
  const { manifest, parity } = await exportRun(
    { folder, out, huggingFace: true, threads: 1, precisions: ['fp32'] },
    () => undefined,
  );
  expect(Object.values(parity)).toHaveLength(1);
  expect(Math.max(...Object.values(parity))).toBeLessThan(1e-5);
  expect(manifest.precisions).toEqual(['fp32']);
  expect(existsSync(join(out, 'hf', 'classification', 'config.json'))).toBe(true);
  const card = readFileSync(join(out, 'README.md'), 'utf8');
  for (const part of ['## Calibration', '| classification | LAC | 90.0 % |', 'single precision alone', '## Limits'])
    expect(card).toContain(part);

  const served = await loadBundle(out, { threads: 1 });
  const { calibration, scores, lineage } = served.bundle;
  const { hash } = lineage!.data['classification']!;
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(card).toContain(`hash over its examples \`${hash}\``);
  expect(scores?.tasks['classification']?.metrics['macroF1']?.mean).toBe(report.tasks[0]?.summary['macroF1']?.mean);
  const known = calibration!.tasks['classification']!;
  expect(known.examples).toBeGreaterThan(100);
  // On texts that nothing was chosen on, sets hold the truth about as often as they promise.
  for (const { coverage, reached } of known.test!) expect(reached).toBeGreaterThan(coverage - 0.1);
  const predictor = await loadPredictor(folder, { threads: 1 });
  const texts = rows.slice(0, 8).map(({ text }) => text);
  const [expected, got] = [
    await predictor.predict('classification', texts),
    await served.predict('classification', texts),
  ];
  expect(got.map((one) => 'label' in one && one.label)).toEqual(expected.map((one) => 'label' in one && one.label));
  expect(createAbstention(served.bundle)('classification', got[0]!).predictionSet).toBeDefined();
  await predictor.release();
  await served.release();

  const alone = await gateBundle({ bundle: out });
  expect(alone.checks.map(({ what }) => what)).toEqual(['macroF1', 'ece']);
  const beside = await gateBundle({ bundle: out, against: out });
  expect(beside.checks.at(-1)).toMatchObject({ what: 'macroF1', passed: true });
});
