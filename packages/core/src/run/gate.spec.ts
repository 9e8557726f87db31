/** The gates of a vertical, held against the scores of a bundle that were written by hand. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import type { BundleScores } from '../export/index.js';
import { gateBundle, type JudgedBundle } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-gate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const module = join(folder, 'vertical.mjs');
writeFileSync(
  module,
  `export default ${JSON.stringify({
    name: 'field',
    gates: { beats: ['majority', 'tfidf'], calibrationError: 0.1, attackSuccess: 0.5, regression: 0.01 },
    tasks: { terms: { gates: { macroF1: 0.75, brier: 0.3 } } },
  })};`,
);
const verticalModule = pathToFileURL(module).href;

const terms: BundleScores['tasks'][string] = {
  ...{ kind: 'classification', mainMetric: 'macroF1', origin: 'mirror', test: 400, seeds: 1 },
  metrics: { macroF1: { mean: 0.76 }, ece: { mean: 0.05 }, brier: { mean: 0.2 } },
  baselines: { majority: { macroF1: 0.2 }, tfidf: { macroF1: 0.7 } },
  attackSuccess: { strict: 0.3, loose: 0.45 },
};

const bundleOf = (task: Partial<typeof terms>): JudgedBundle => ({
  ...{ folder, id: 'b' },
  scores: { version: 1, tasks: { terms: { ...terms, ...task } }, licences: [], trainingSeconds: 1 },
});
const missed = async (task: Partial<typeof terms>) => {
  const { checks, passed } = await gateBundle({ bundle: bundleOf(task), verticalModule });
  const found = checks.filter((check) => !check.passed).map(({ what, why }) => `${what}: ${why}`);
  expect(passed).toBe(found.length === 0);
  return found;
};
const metricsWith = (metrics: Record<string, number>) => ({
  metrics: { ...terms.metrics, ...Object.fromEntries(Object.entries(metrics).map(([name, mean]) => [name, { mean }])) },
});

test('each gate is held, or missed alone', async () => {
  expect(await missed({})).toEqual([]);
  expect(await missed({ baselines: { tfidf: { macroF1: 0.76 } } })).toEqual(['macroF1: the baseline tfidf']);
  expect(await missed(metricsWith({ macroF1: 0.74 }))).toEqual(['macroF1: the task']);
  expect(await missed(metricsWith({ brier: 0.31 }))).toEqual(['brier: the task']);
  expect(await missed(metricsWith({ ece: 0.11 }))).toEqual(['ece: calibration']);
  expect(await missed({ attackSuccess: { strict: 0.1, loose: 0.51 } })).toEqual(['attack success: the vertical']);
});

test('what was not measured is missed where the task asks for it', async () => {
  expect(await missed({ metrics: { macroF1: { mean: 0.8 } } })).toEqual(['brier: the task; not measured']);
});

test('of samples it is asked that something was learnt at all', async () => {
  expect(await missed({ origin: 'samples', ...metricsWith({ macroF1: 0.3 }) })).toEqual([]);
  expect(await missed({ origin: 'samples', ...metricsWith({ macroF1: 0.2 }) })).toEqual([
    'macroF1: the baseline majority',
  ]);
});
