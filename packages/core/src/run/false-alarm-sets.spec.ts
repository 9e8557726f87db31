/** Paragraphs for false alarms are brought before training, or it is said that they cannot be. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Dataset } from '../data/index.js';
import { sha256 } from '../foundation/index.js';
import type { RunEvent } from './events.js';
import { openFalseAlarmSets } from './false-alarm-sets.js';
import type { SourceTask } from './sources.js';
import { openWorkspace, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
let list = '';
const words = 'This agreement ends after a year.';
beforeAll(() => {
  workspace = openWorkspace();
  const paragraphs = [{ file: 'a.txt', start: 0, end: words.length, sha256: sha256(words), labels: [] }];
  list = workspace.file(
    'list.json',
    JSON.stringify({ dataset: 'contracts-unlabelled', kinds: ['Term'], rule: 'all', paragraphs }),
  );
});
afterAll(() => workspace.close());

async function open(origin: 'cache' | 'samples') {
  const dataset: Dataset<'multi-label'> = {
    ...{ kind: 'multi-label', name: 'x', labels: ['Term'], origin, notes: [], splitRule: '' },
    ...{ licence: { name: 'MIT', commercial: true }, splits: { train: [], dev: [], test: [] } },
  };
  const source: SourceTask = { name: 'clauses', dataset, loss: undefined, maxLength: undefined, falseAlarms: list };
  const events: RunEvent[] = [];
  const { signal } = new AbortController();
  const sets = await openFalseAlarmSets([source], { emit: (event) => events.push(event), signal });
  return { set: sets.get('clauses'), warnings: events.map((event) => (event.kind === 'note' ? event.text : '')) };
}

function writeText(text: string): void {
  const path = join(workspace.root, 'cache/data/legal/contracts-unlabelled/a.txt');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

test('out of reach they are left out with a warning; beside samples nothing is looked for', async () => {
  const { set, warnings } = await open('cache');
  expect([set, warnings]).toEqual([
    undefined,
    [expect.stringMatching(/clauses: the data of contracts-unlabelled is not/)],
  ]);
  expect(await open('samples')).toEqual({ set: undefined, warnings: [] });
});

test('on this machine they are read, and compared with what was labelled', async () => {
  writeText(words);
  const { set, warnings } = await open('cache');
  expect([set?.source, set?.examples[0]?.text, warnings]).toEqual(['1 paragraphs of contracts-unlabelled', words, []]);
  writeText(words.replace('year', 'week'));
  const changed = await open('cache');
  expect([changed.set, changed.warnings]).toEqual([
    undefined,
    [expect.stringContaining('not the one that was labelled')],
  ]);
});
