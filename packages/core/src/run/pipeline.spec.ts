/** A run with a task that finds entities and one that relates them: both figures, and plain texts through both. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { sha256 } from '../foundation/index.js';
import { evaluateRun } from './index.js';
import { openWorkspace, relatedRows, run, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

const rows = relatedRows(400).map((row) => ({ ...row, entities: row.mentions }));

/** Writes a dataset with its card; both tasks have the same texts in the same parts. */
function writeCard(name: string, kind: string, labels: readonly string[]): void {
  const folder = join(workspace.root, 'data', 'test', name);
  mkdirSync(folder, { recursive: true });
  const parts = { train: rows.slice(0, 280), dev: rows.slice(280, 320), test: rows.slice(320) };
  const files = Object.entries(parts).map(([part, own]) => {
    const content = own.map((row) => `${JSON.stringify(row)}\n`).join('');
    writeFileSync(join(folder, `${part}.jsonl`), content);
    return { path: `${part}.jsonl`, bytes: Buffer.byteLength(content), sha256: sha256(content), part };
  });
  const card = {
    ...{ name, title: name, field: 'test', task: kind, language: 'en', version: '1', source: 'https://example.org' },
    ...{ licence: { name: 'CC0-1.0', commercial: true, statedIn: 'here' }, citation: 'none' },
    ...{ files, reader: { format: 'json-lines' }, labels: Object.fromEntries(labels.map((label) => [label, label])) },
    ...{ split: { rule: 'published' }, problems: [] },
    counts: { examples: { train: 280, dev: 40, test: 80 }, labels: {}, notes: [], quality: {} },
  };
  const sections = ['What it is', 'Where it comes from', 'Known problems and what we did', 'Limits'];
  const text = sections.map((section) => `\n## ${section}\n\nSentences.\n`).join('');
  writeFileSync(join(workspace.root, 'data-cards', `${name}.md`), `---\n${JSON.stringify(card)}\n---\n${text}`);
}

test('relations are scored on given entities and on found ones, and plain texts have both found', async () => {
  writeCard('things', 'token-classification', ['Doer', 'Thing']);
  writeCard('acts', 'relation-extraction', ['acts on']);
  const vertical = {
    ...{ name: 'test', title: 'Test', base: 'none', bases: [{ name: 'none', licence: 'CC0-1.0' }] },
    tasks: {
      acts: { kind: 'relation-extraction', data: 'acts', entitiesFrom: 'things' },
      things: { kind: 'token-classification', data: 'things' },
    },
  };
  const module = workspace.file('vertical.mjs', `export default ${JSON.stringify(vertical)};\n`);
  const verticalModule = pathToFileURL(module).href;
  const { report, folder } = await run(
    {
      ...{ base: workspace.base, maxLength: 48, epochs: 8, learningRate: 5e-3, dropout: 0, patience: 0, out: 'both' },
    },
    { verticalModule },
  );
  const acts = report.tasks.find(({ name }) => name === 'acts');
  const { relationF1, endToEndF1, foundEntityF1, endToEndBoundariesF1 } = acts?.summary ?? {};
  expect(relationF1?.mean).toBeGreaterThan(0.8);
  expect(foundEntityF1?.mean).toBeGreaterThan(0.9);
  expect(endToEndF1?.mean).toBeGreaterThan(0.7);
  expect(endToEndF1?.mean).toBeLessThanOrEqual(relationF1?.mean ?? 0);
  expect(endToEndBoundariesF1?.mean).toBeGreaterThanOrEqual(endToEndF1?.mean ?? 1);
  expect(endToEndF1?.interval).toBeDefined();
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('relation F1 end to end');

  const predictor = await loadPredictor(folder, { threads: 1 });
  const [found, given] = await predictor.predict('acts', [
    'the cat sees the dog',
    { text: 'the cat sees the dog', mentions: rows[0]?.mentions.slice(0, 1) ?? [] },
  ]);
  await predictor.release();
  expect(found).toMatchObject({
    entities: [
      { text: 'cat', label: 'Doer' },
      { text: 'dog', label: 'Thing' },
    ],
    relations: [{ head: 0, tail: 1, label: 'acts on' }],
  });
  // One entity is in no relation, and what was given was not found.
  expect(given).toEqual({ relations: [] });

  const [again] = await evaluateRun({ folder, threads: 1, task: 'acts', verticalModule }, () => undefined);
  expect(again?.scores.metrics).toEqual(acts?.seeds[0]?.test?.metrics);
});
