/** The legal vertical trains where nothing is at hand but this repository: on its own samples, with an encoder from scratch. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executeRun, loadPredictor, loadReport, workspaceRoot, type RunEvent } from '@fieldcraft/core';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const samples = ['unfair-terms', 'clause-kinds', 'filing-entities'];
const before = process.cwd();
const environment = { ...process.env };
let root = '';
let folder = '';
const events: RunEvent[] = [];

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'fieldcraft-legal-')));
  writeFileSync(join(root, 'nx.json'), '{}');
  cpSync(join(workspaceRoot(), 'data-cards'), join(root, 'data-cards'), { recursive: true });
  process.chdir(root);
  // No mirror, no cache, and a network where nobody answers.
  for (const name of ['FIELDCRAFT_MIRROR', 'HF_HUB_CACHE']) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, { FIELDCRAFT_CACHE: join(root, 'cache'), HF_HOME: join(root, 'hf'), HF_HUB_OFFLINE: '1' });
  const fetching = globalThis.fetch;
  globalThis.fetch = () => Promise.reject(new TypeError('fetch failed'));
  try {
    const request = {
      options: { profile: 'quick' as const, epochs: 1, threads: 1 },
      verticalModule: new URL('./vertical.js', import.meta.url).href,
    };
    const outcome = await executeRun(request, { emit: (event) => events.push(event), stopRequested: () => false });
    folder = outcome.folder;
  } finally {
    globalThis.fetch = fetching;
  }
}, 300_000);
afterAll(() => {
  process.chdir(before);
  Object.assign(process.env, environment);
  rmSync(root, { recursive: true });
});

test('every task with samples is trained on them; those without are left out, and both are said', () => {
  const report = loadReport(join(folder, 'report.json'));
  expect(report.tasks.map(({ name, data }) => [name, data.origin])).toEqual(samples.map((name) => [name, 'samples']));
  expect(report.base).toMatchObject({ id: 'fieldcraft/starter', source: 'own' });
  const warnings = report.warnings.join('\n');
  for (const said of ['agreement-entities is left out', 'small samples', 'fieldcraft/starter', 'FIELDCRAFT_MIRROR'])
    expect(warnings).toContain(said);
  for (const { baselines, summary, mainMetric } of report.tasks) {
    expect(baselines.length).toBe(2);
    expect(summary[mainMetric]?.interval).toBeDefined();
  }
});

test('the run’s folder holds a report, the model, and a folder a task for foreign programs', () => {
  expect(readdirSync(folder).sort()).toEqual([
    ...['README.md', 'config.json', 'data', 'hf', 'model', 'plan.json', 'predictions', 'report.html', 'report.json'],
  ]);
  expect(readdirSync(join(folder, 'hf')).sort()).toEqual([...samples].sort());
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/unfair-terms[^]*<\/html>/);
});

test('dist/models/legal is the finished run without what only a resume or foreigners need, and predicts', async () => {
  const published = join(root, 'dist/models/legal');
  expect(readdirSync(published).sort()).toEqual([
    ...['README.md', 'config.json', 'model', 'report.html', 'report.json'],
  ]);
  const predictor = await loadPredictor(published, { threads: 1 });
  expect(predictor.tasks.map(({ name }) => name)).toEqual(samples);
  const [prediction] = await predictor.predict('unfair-terms', [
    'We may terminate your account at any time without notice.',
  ]);
  expect(prediction).toHaveProperty('labels');
  await predictor.release();
  expect(existsSync(join(root, 'runs/legal/latest/report.json'))).toBe(true);
});
