/** A published split that leaks: trained on as cleaned, as published, or both; the score on what was not seen stands beside each. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256 } from '../foundation/index.js';
import { openWorkspace, run, sentences, type FinishedRun, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
let verticalModule = '';
/** 40 of the 100 test texts stand in train. */
const [learnt, others] = [sentences(260, 3), sentences(360, 3).slice(260)];
// Labelled against the rule: nobody gets them right who has not learnt them.
const leaks = others.slice(0, 40).map(({ text, label }) => ({ text, label: label === 'yes' ? 'no' : 'yes' }));
const tested = [...leaks, ...others.slice(40)];

beforeAll(() => {
  workspace = openWorkspace();
  const rows = [
    ...[...learnt.slice(40), ...leaks].map((row) => ({ ...row, split: 'train' })),
    ...learnt.slice(0, 40).map((row) => ({ ...row, split: 'dev' })),
    ...tested.map((row) => ({ ...row, split: 'test' })),
  ];
  const content = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  mkdirSync(join(workspace.root, 'data/made/made'), { recursive: true });
  writeFileSync(join(workspace.root, 'data/made/made/rows.jsonl'), content);
  workspace.file('data-cards/made.md', card(content));
  workspace.file('package.json', '{"type":"module"}');
  const vertical = {
    name: 'made',
    base: workspace.base,
    bases: [],
    tasks: { told: { kind: 'classification', data: 'made' } },
  };
  verticalModule = pathToFileURL(workspace.file('vertical.js', `export default ${JSON.stringify(vertical)};\n`)).href;
});
afterAll(() => workspace.close());

const card = (content: string) => `---
name: made
title: Made for the specs
field: made
task: classification
language: en
version: '1'
licence: {name: CC0-1.0, commercial: true, statedIn: here}
source: https://example.org/made
citation: none
files: [{path: rows.jsonl, bytes: ${Buffer.byteLength(content)}, sha256: ${sha256(content)}}]
reader: {format: json-lines, options: {part: split}}
labels: {yes: 'yes', no: 'no'}
split: {rule: published}
leakage: drop-exact
problems: []
counts: {examples: {train: 0, dev: 0, test: 0}, labels: {}, notes: [], quality: {}}
---
${['What it is', 'Where it comes from', 'Known problems and what we did', 'Limits'].map((s) => `## ${s}\n\nx\n`).join('\n')}`;

const trainOn = (split: 'cleaned' | 'published' | 'both') =>
  run(
    { ...{ base: workspace.base, threads: 1, epochs: 4, learningRate: 3e-3, patience: 0, seeds: 2, split } },
    { verticalModule },
  );

describe('a leaking split', () => {
  let both: FinishedRun;
  beforeAll(async () => {
    both = await trainOn('both');
  });

  test('is trained on without the leak, tested whole, and also on what train and dev never showed', async () => {
    const { report } = await trainOn('cleaned');
    const [task] = report.tasks;
    expect(task?.data.parts.map(({ used }) => used)).toEqual([220, 40, 100]);
    expect(task?.splits).toMatchObject({ seen: 40, test: 100 });
    expect(task?.splits?.rows.map(({ trainedOn, train, n }) => [trainedOn, train, n])).toEqual([['cleaned', 220, 2]]);
    const [row] = task?.splits?.rows ?? [];
    expect(row?.test.mean).toBe(task?.summary['macroF1']?.mean);
    expect(row?.unseen?.mean).toBeGreaterThan(0);
    expect(row?.unseen?.mean).not.toBe(row?.test.mean);
    expect(report.warnings).toEqual([]);
    // Nothing but the main training: the same figures as beside the published split.
    expect(both.report.tasks[0]?.summary).toEqual(task?.summary);
    expect(both.report.tasks[0]?.splits?.rows[0]).toEqual(row);
  });

  test('both: a row each, baselines on the same examples; the model that is kept saw no leak', () => {
    const splits = both.report.tasks[0]?.splits;
    expect(splits?.rows.map(({ trainedOn, train }) => [trainedOn, train])).toEqual([
      ['cleaned', 220],
      ['published', 260],
    ]);
    const tfidf = splits?.rows.map(({ baselines }) => baselines.find(({ name }) => name === 'tfidf'));
    // Who has learnt the test texts scores better on them than on the others.
    const gain = (row: { test: { mean: number }; unseen?: { mean: number } | undefined } | undefined) =>
      (row?.test.mean ?? 0) - (row?.unseen?.mean ?? 0);
    expect(gain(tfidf?.[1])).toBeGreaterThan(gain(tfidf?.[0]));
    expect(both.report.tasks[0]?.data.parts[0]?.used).toBe(220);
    expect(readFileSync(join(both.folder, 'report.html'), 'utf8')).toContain('the published split, with its leak');
    expect(readFileSync(join(both.folder, 'README.md'), 'utf8')).toContain('40 of the 100 test examples');
  });

  test('as published: marked as leaking, without asking for --allow', async () => {
    const { report } = await trainOn('published');
    const [task] = report.tasks;
    expect(task?.data.parts[0]?.used).toBe(260);
    expect(report.warnings.join()).toContain('40 of 100 test examples stand in train or dev');
    expect(task?.data.notes.join()).toContain('as published');
    expect(task?.splits?.rows).toEqual([both.report.tasks[0]?.splits?.rows[1]]);
  });
});
