/** What a resume makes of the options that it is given, and of those that were saved. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openWorkspace, refusal, type TestWorkspace } from './spec-support.js';
import { ignoredOptions, openFolder, parseOptions, readConfig, saveConfig, type SavedConfig } from './saved-config.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

const saved = (options: object, vertical: string | null = null): SavedConfig => ({
  ...{ version: 1, options: { ...options }, vertical, command: 'fieldcraft train', started: '2026-01-01T00:00:00Z' },
  ...{ base: null, data: null },
});

test('paths become absolute, a base that is a folder here too; a hub id stays', () => {
  const { data, base, out } = parseOptions({
    task: 'classification',
    data: 'all.csv',
    base: './base/head',
    out: 'here',
  });
  expect([data, base, out]).toEqual([join(workspace.root, 'all.csv'), workspace.base, 'here']);
  expect(parseOptions({ base: 'org/name' }).base).toBe('org/name');
});

test('options that a resume cannot follow are named; those as they were, defaults and the place are not', () => {
  const started = parseOptions({ task: 'classification', data: 'all.csv', learningRate: 1e-3, seeds: 3 });
  const given = { resume: true, out: 'x', data: 'all.csv', learningRate: 2e-3, seeds: 1, timeBudget: '20m' } as const;
  expect(ignoredOptions(given, parseOptions(given), saved(started))).toEqual(['timeBudget', 'learningRate']);
});

test('a run of one vertical is not gone on with as another, or as files of one’s own', async () => {
  const { folder } = openFolder(parseOptions({ out: 'run' }), { name: 'legal', vertical: 'legal' });
  saveConfig(folder.path, saved({}, 'legal'));
  folder.release();
  const again = parseOptions({ out: 'run', resume: true });
  for (const vertical of [null, 'finance']) {
    const open = () => openFolder(again, { name: vertical ?? 'own-data', vertical });
    const { code, parts } = await refusal(Promise.resolve().then(open));
    expect([code, parts.fix]).toEqual(['FC_RUN_FOLDER', expect.stringContaining('fieldcraft train legal --resume')]);
  }
  // The refusals let go of the folder.
  const opened = openFolder(again, { name: 'legal', vertical: 'legal' });
  expect(opened.saved).toEqual(readConfig(opened.folder.path));
  opened.folder.release();
});

test('a configuration that cannot be read is refused; where there is none, there is none', async () => {
  expect(readConfig(join(workspace.root, 'nowhere'))).toBeUndefined();
  writeFileSync(join(workspace.root, 'config.json'), '{');
  const { code } = await refusal(Promise.resolve().then(() => readConfig(workspace.root)));
  expect(code).toBe('FC_RUN_FOLDER');
});
