/** Everything outside the workspace that a training takes changes the description; nothing else does. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeOutside } from './outside.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldcraft-outside-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function describeNow(options: Record<string, unknown> = {}, env: NodeJS.ProcessEnv = {}): string {
  const nobody = { HF_HOME: join(root, 'hf'), FIELDCRAFT_CACHE: join(root, 'cache') };
  return describeOutside({ root, env: { ...nobody, ...env }, options });
}

test('a mirror is read relative to the workspace, models and data alone', () => {
  const env = { FIELDCRAFT_MIRROR: 'mirror' };
  const empty = describeNow({}, env);
  write('mirror/models/tiny/model.safetensors', 'weights');
  const model = describeNow({}, env);
  write('mirror/data/terms.csv', 'text,label');
  const data = describeNow({}, env);
  write('mirror/README.md', 'a page');
  expect(new Set([empty, model, data]).size).toBe(3);
  expect(describeNow({}, env)).toBe(data);
  expect(describeNow()).toBe(empty);
});

test('data of one’s own counts', () => {
  const empty = describeNow();
  write('data/insurance/claims/claims.csv', 'text,label');
  expect(describeNow()).not.toBe(empty);
});

test('downloaded data counts, tokenised texts and the name of the cache do not', () => {
  const empty = describeNow();
  write('cache/data/legal/terms/terms.csv', 'text,label');
  const downloaded = describeNow();
  write('cache/tokens/1.bin', 'tokens');
  expect(describeNow()).toBe(downloaded);
  expect(downloaded).not.toBe(empty);
  expect(describeNow({}, { FIELDCRAFT_CACHE: join(root, 'other') })).toBe(empty);
});

test('the cache of the hub counts by model and revision', () => {
  write('hf/hub/models--some--model/refs/main', 'first');
  const first = describeNow();
  write('hf/hub/models--some--model/refs/main', 'second');
  const second = describeNow();
  write('hf/hub/models--some--model/snapshots/second/config.json', '{}');
  expect(new Set([first, second, describeNow()]).size).toBe(3);
});

test('files and folders that options name count, and other options do not', () => {
  write('base/config.json', '{}');
  write('a.jsonl', '{}');
  const options = { base: 'base', train: ['a.jsonl', 'missing.jsonl'], profile: 'quick', seeds: 3 };
  const before = describeNow(options);
  expect(before).toContain('base/config.json');
  expect(before).toContain('train ');
  write('a.jsonl', '{} {}');
  expect(describeNow(options)).not.toBe(before);
  expect(describeNow({ profile: 'quick', seeds: 3 })).toBe(describeNow());
});

test('a file that is named with its task counts, alone or in a list', () => {
  write('a.jsonl', '{}');
  write('b.jsonl', '{}');
  for (const extraData of [['terms=a.jsonl', 'clauses=b.jsonl'], 'terms=a.jsonl,clauses=b.jsonl']) {
    const before = describeNow({ extraData });
    write('b.jsonl', `${before.length} ${Math.random()}`);
    expect(describeNow({ extraData })).not.toBe(before);
  }
});

test('variables that steer a download count; a token and how often a run saves do not', () => {
  expect(describeNow({}, { HF_ENDPOINT: 'http://localhost' })).not.toBe(describeNow());
  expect(describeNow({}, { HF_TOKEN: 'secret', FIELDCRAFT_CHECKPOINT_SECONDS: '5' })).toBe(describeNow());
});
