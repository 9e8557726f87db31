/** Model folders give back what was saved, refuse what does not belong together, and are never half written. */
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSafetensors, writeSafetensors, type TensorToWrite } from '../checkpoint/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { trainWordPiece } from '../text/index.js';
import { loadModelFolder, saveModelFolder } from './index.js';
import { createTestModel, texts } from './test-model.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-model-'));
afterAll(() => rmSync(temporary, { recursive: true }));
const saved = join(temporary, 'model');
const model = createTestModel();
beforeAll(() => saveModelFolder(saved, model));

function refusal(act: () => unknown): FieldcraftError {
  try {
    act();
  } catch (error) {
    if (error instanceof FieldcraftError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** A copy of the saved folder for a test to damage. */
function copy(name: string): string {
  const folder = join(temporary, name);
  cpSync(saved, folder, { recursive: true });
  return folder;
}

/** Rewrites model.json of a folder. */
function editDescription(folder: string, edit: (content: Record<string, unknown>) => void): void {
  const path = join(folder, 'model.json');
  const content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  edit(content);
  writeFileSync(path, JSON.stringify(content));
}

test('a loaded model is the saved one, to the bit', () => {
  const loaded = loadModelFolder(saved);
  expect(loaded.tasks).toEqual(model.tasks);
  expect(loaded.config).toEqual(model.config);
  expect(loaded.tokenizer.hash).toBe(model.tokenizer.hash);
  expect(loaded.store.slots.size).toBeGreaterThan(40);
  for (const [name, { weight }] of loaded.store.slots) expect([name, weight]).toEqual([name, model.weight(name)]);
});

test('the graph points into the weights: numbers are on disk once', () => {
  const bytes = (name: string) => readFileSync(join(saved, name)).length;
  expect(bytes('model.onnx')).toBeLessThan(bytes('model.safetensors') / 2);
  const onnx = readFileSync(join(saved, 'model.onnx')).toString('latin1');
  expect(onnx).toContain('model.safetensors');
  // Standard operators alone, and one encoder for all heads.
  expect(onnx).not.toContain('FusedMatMul');
  expect(onnx.split('bert.encoder.layer.1.attention.self.query.bias').length - 1).toBeLessThan(5);
});

test('saving again replaces the folder and leaves nothing beside it', () => {
  const folder = copy('again');
  writeFileSync(join(folder, 'stray'), '');
  saveModelFolder(folder, model);
  expect(existsSync(join(folder, 'stray'))).toBe(false);
  expect(readdirSync(temporary).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a failure leaves the old folder as it was', () => {
  const folder = copy('kept');
  const broken = { ...model, weight: (name: string) => model.weight(name).subarray(1) };
  expect(refusal(() => saveModelFolder(folder, broken)).code).toBe('FC_WEIGHTS');
  expect(loadModelFolder(folder).tasks).toEqual(model.tasks);
  expect(readdirSync(temporary).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a tokenizer that is not the model’s is refused', () => {
  const folder = copy('tokenizer');
  trainWordPiece(texts.slice(0, 2), { vocabularySize: 160 }).save(folder);
  expect(refusal(() => loadModelFolder(folder)).code).toBe('FC_TOKENIZER');
});

test('weights that are missing or have another shape are refused by name', () => {
  const folder = copy('weights');
  const path = join(folder, 'model.safetensors');
  const file = openSafetensors(path);
  const tensors = [...file.tensors.values()].map(({ name, shape }): TensorToWrite => {
    return { name, shape, dtype: 'F32', data: file.readFloat32(name) };
  });
  file.close();
  writeSafetensors(
    path,
    tensors.filter(({ name }) => name !== 'heads.clauses.classifier.bias'),
  );
  const missing = refusal(() => loadModelFolder(folder));
  expect([missing.code, missing.message]).toEqual([
    'FC_WEIGHTS',
    expect.stringContaining('heads.clauses.classifier.bias'),
  ]);
  writeSafetensors(
    path,
    tensors.map((tensor) =>
      tensor.name.endsWith('position_embeddings.weight') ? { ...tensor, shape: [32, 64] } : tensor,
    ),
  );
  const reshaped = refusal(() => loadModelFolder(folder));
  expect([reshaped.code, reshaped.message]).toEqual(['FC_WEIGHTS', expect.stringContaining('position_embeddings')]);
});

test('another label set does not fit the saved head', () => {
  const folder = copy('labels');
  editDescription(folder, (content) => (content['tasks'] as { labels: string[] }[])[0]?.labels.push('fourth'));
  expect(refusal(() => loadModelFolder(folder)).code).toBe('FC_WEIGHTS');
});

test.each<[string, string, (content: Record<string, unknown>) => void]>([
  ['a newer layout', 'FC_FILE_FORMAT', (content) => (content['version'] = 2)],
  ['an unknown key', 'FC_FILE_FORMAT', (content) => (content['extra'] = true)],
  ['no task', 'FC_FILE_FORMAT', (content) => (content['tasks'] = [])],
  [
    'a task that is a path',
    'FC_FILE_FORMAT',
    (content) => ((content['tasks'] as { name: string }[])[0]!.name = '../x'),
  ],
  ['another architecture', 'FC_ARCHITECTURE', (content) => (content['config'] = { model_type: 'gpt2' })],
  ['an impossible size', 'FC_CONFIG', (content) => ((content['config'] as { hidden_size: number }).hidden_size = 33)],
  ['a huge model', 'FC_WEIGHTS', (content) => ((content['config'] as { hidden_size: number }).hidden_size = 65_536)],
])('a model.json with %s is refused', (name, code, edit) => {
  const folder = copy(`description ${name.replaceAll(' ', '-')}`);
  editDescription(folder, edit);
  expect(refusal(() => loadModelFolder(folder)).code).toBe(code);
});

test('a folder without model.json and one with half of it are refused', () => {
  expect(refusal(() => loadModelFolder(temporary)).code).toBe('FC_NOT_FOUND');
  const folder = copy('half');
  writeFileSync(join(folder, 'model.json'), readFileSync(join(folder, 'model.json'), 'utf8').slice(0, 200));
  expect(refusal(() => loadModelFolder(folder)).code).toBe('FC_FILE_FORMAT');
});

test('a task may not have the name of an input, or of a path', () => {
  for (const name of ['input_ids', '../evil', 'a/b']) {
    const tasks = model.tasks.map((task, i) => (i === 0 ? { ...task, name } : task));
    expect(refusal(() => saveModelFolder(join(temporary, 'named'), { ...model, tasks })).code).toBe('FC_CONFIG');
  }
});
