/** A training is at hand if nothing of it has to be downloaded, wherever on this machine it lies. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isAtHand } from './at-hand.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldcraft-at-hand-'));
  write(
    'vertical.ts',
    "export default { base: 'some/tiny', tasks: { terms: { data: 'terms' }, kinds: { data: 'kinds' } } };",
  );
  for (const card of ['terms', 'kinds', 'other']) write(`data-cards/${card}.md`, card);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function atHand(options: Record<string, unknown> = {}, env: NodeJS.ProcessEnv = {}): boolean {
  const places = { HF_HOME: join(root, 'hf'), FIELDCRAFT_CACHE: join(root, 'cache'), FIELDCRAFT_MIRROR: 'mirror' };
  return isAtHand({ root, env: { ...places, ...env }, vertical: join(root, 'vertical.ts'), options });
}

const writeData = () => {
  write('mirror/data/legal/terms/terms.csv');
  write('cache/data/legal/kinds/kinds.csv');
};

test('needs the data of every card that the vertical names, whole', () => {
  write('mirror/models/some/tiny/config.json');
  write('mirror/models/some/tiny/model.safetensors');
  write('mirror/data/legal/terms/terms.csv');
  write('cache/data/legal/kinds.partial/kinds.csv');
  expect(atHand()).toBe(false);
  write('cache/data/legal/kinds/kinds.csv');
  expect(atHand()).toBe(true);
  expect(atHand({}, { FIELDCRAFT_CACHE: join(root, 'elsewhere') })).toBe(false);
});

test('looks for the data of a card in the folder that it names', () => {
  write('mirror/models/some/tiny/config.json');
  write('mirror/models/some/tiny/model.safetensors');
  write('data-cards/kinds.md', '---\nname: kinds\nfolder: clauses\n---\n');
  writeData();
  expect(atHand()).toBe(false);
  write('cache/data/legal/clauses/kinds.csv');
  expect(atHand()).toBe(true);
});

test('finds data of one’s own in the workspace', () => {
  write('mirror/models/some/tiny/config.json');
  write('mirror/models/some/tiny/model.safetensors');
  write('data/legal/terms/terms.csv');
  expect(atHand()).toBe(false);
  write('data/legal/kinds/kinds.csv');
  expect(atHand()).toBe(true);
});

test('needs the base: the vertical’s, or the one that is named', () => {
  writeData();
  expect(atHand()).toBe(false);
  write('mine/config.json');
  write('mine/model.safetensors');
  expect(atHand()).toBe(false);
  expect(atHand({ base: 'mine' })).toBe(true);
  expect(atHand({ base: 'some/other' })).toBe(false);
});

test('needs the base that is recommended for the field, where that is asked for', () => {
  writeData();
  write('mirror/models/some/tiny/config.json');
  write('mirror/models/some/tiny/model.safetensors');
  expect(atHand({ base: 'field' })).toBe(false);
  write(
    'vertical.ts',
    "export default { base: 'some/tiny', fieldBase: 'some/field', tasks: { terms: { data: 'terms' }, kinds: { data: 'kinds' } } };",
  );
  expect(atHand({ base: 'field' })).toBe(false);
  write('mirror/models/some/field/config.json');
  write('mirror/models/some/field/pytorch_model.bin');
  expect(atHand({ base: 'field' })).toBe(true);
});

test('finds the base in the cache of the hub, once all of its weights are there', () => {
  writeData();
  const model = 'hf/hub/models--some--tiny';
  write(`${model}/refs/main`, 'abc');
  write(`${model}/snapshots/abc/config.json`);
  write(`${model}/snapshots/abc/model.safetensors.index.json`);
  write(`${model}/snapshots/abc/model-00001-of-00002.safetensors`);
  expect(atHand()).toBe(false);
  write(`${model}/snapshots/abc/model-00002-of-00002.safetensors`);
  expect(atHand()).toBe(true);
});

test('where no network is asked, everything is at hand', () => {
  expect(atHand()).toBe(false);
  expect(atHand({}, { HF_HUB_OFFLINE: '1' })).toBe(true);
});
