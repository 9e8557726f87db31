import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import { openCheckpoint } from './folder.js';
import { openSafetensors } from './safetensors.js';
import { writeSafetensors, type TensorToWrite } from './write-safetensors.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldcraft-folder-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const vector = (name: string, ...values: number[]): TensorToWrite => ({
  name,
  dtype: 'F32',
  shape: [values.length],
  data: Float32Array.from(values),
});

function makeFolder(files: Record<string, TensorToWrite[] | string>): string {
  const folder = mkdtempSync(join(root, 'model-'));
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === 'string') writeFileSync(join(folder, name), content);
    else writeSafetensors(join(folder, name), content);
  }
  return folder;
}

function refusal(folder: string): FieldcraftError {
  try {
    openCheckpoint(folder);
  } catch (error) {
    if (error instanceof FieldcraftError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('old names of norms become those of today, position buffers go, everything else stays', () => {
  const folder = makeFolder({
    'model.safetensors': [
      vector('bert.embeddings.LayerNorm.gamma', 1),
      vector('bert.embeddings.LayerNorm.beta', 2),
      vector('transformer.layer_norm.gamma', 3),
      vector('vision.layer.gamma', 4),
      vector('beta', 5),
      { name: 'bert.embeddings.position_ids', dtype: 'I64', shape: [1, 2], data: BigInt64Array.of(0n, 1n) },
      { name: 'position_ids', dtype: 'I64', shape: [1], data: BigInt64Array.of(0n) },
    ],
  });
  const source = openCheckpoint(folder);
  expect(source.names().sort()).toEqual([
    'bert.embeddings.LayerNorm.bias',
    'bert.embeddings.LayerNorm.weight',
    'beta',
    'transformer.layer_norm.weight',
    'vision.layer.gamma',
  ]);
  expect([...source.readFloat32('bert.embeddings.LayerNorm.weight')]).toEqual([1]);
  expect(source.info('bert.embeddings.LayerNorm.bias')).toMatchObject({
    name: 'bert.embeddings.LayerNorm.bias',
    shape: [1],
  });
  expect(source.info('nothing')).toBeUndefined();
  expect(() => source.readFloat32('nothing')).toThrow(FieldcraftError);
  source.close();
});

test('a tensor under its old and its new name is refused', () => {
  const folder = makeFolder({ 'model.safetensors': [vector('LayerNorm.gamma', 1), vector('LayerNorm.weight', 1)] });
  expect(refusal(folder).parts.what).toBe('two tensors have the same name');
});

describe('shards', () => {
  const shards = { 'a.safetensors': [vector('x', 1)], 'b.safetensors': [vector('y', 2), vector('extra', 3)] };
  const index = (weights: unknown) => JSON.stringify({ metadata: { total_size: 8 }, weight_map: weights });

  test('are one source; what they hold beyond the index counts too', () => {
    const folder = makeFolder({
      ...shards,
      'model.safetensors.index.json': index({ x: 'a.safetensors', y: 'b.safetensors' }),
    });
    const source = openCheckpoint(folder);
    expect(source.names().map((name) => [name, ...source.readFloat32(name)])).toEqual([
      ['x', 1],
      ['extra', 3],
      ['y', 2],
    ]);
    expect(source.info('x')?.storage).not.toBe(source.info('y')?.storage);
    expect(source.files).toEqual([join(folder, 'a.safetensors'), join(folder, 'b.safetensors')]);
    source.close();
  });

  test.each<[string, string, string]>([
    ['an index that is no JSON', '{', 'FC_FILE_FORMAT'],
    ['an index without names', '{}', 'FC_FILE_FORMAT'],
    ['a tensor in another shard', index({ x: 'b.safetensors', y: 'b.safetensors' }), 'FC_FILE_FORMAT'],
    ['a tensor in no shard', index({ x: 'a.safetensors', z: 'a.safetensors' }), 'FC_FILE_FORMAT'],
    ['a shard that is missing', index({ x: 'c.safetensors' }), 'FC_NOT_FOUND'],
    ['a shard outside the folder', index({ x: '../a.safetensors' }), 'FC_UNSAFE_FILE'],
    ['a shard by absolute path', index({ x: '/etc/passwd' }), 'FC_UNSAFE_FILE'],
    ['a shard behind a drive', index({ x: 'c:\\a.safetensors' }), 'FC_UNSAFE_FILE'],
  ])('%s is refused', (_, text, code) => {
    expect(refusal(makeFolder({ ...shards, 'model.safetensors.index.json': text })).code).toBe(code);
  });

  test('with one tensor in two of them are refused', () => {
    const folder = makeFolder({
      'a.safetensors': [vector('x', 1)],
      'b.safetensors': [vector('x', 2), vector('y', 2)],
      'model.safetensors.index.json': index({ x: 'a.safetensors', y: 'b.safetensors' }),
    });
    expect(refusal(folder).parts.what).toBe('two tensors have the same name');
  });
});

test('a folder without weights says what it should hold', () => {
  const error = refusal(makeFolder({ 'tf_model.h5': 'x' }));
  expect(error.code).toBe('FC_NOT_FOUND');
  expect(error.message).toContain('pytorch_model.bin');
});

const mirror = process.env['FIELDCRAFT_MIRROR'];
const withMirror = mirror === undefined ? describe.skip : describe;

withMirror('checkpoints as published (needs FIELDCRAFT_MIRROR)', () => {
  const published = join(mirror ?? '', 'fixtures/as-published');
  const folders = mirror === undefined ? ['none'] : readdirSync(published).filter((name) => name !== 'hostile');

  test.each(folders)('%s: every tensor loads, finite, not constant, in the shape its config says', (name) => {
    const folder = join(published, name);
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, number>;
    const width = config['embedding_size'] ?? config['hidden_size'] ?? config['d_model'] ?? config['n_embd'];
    const source = openCheckpoint(folder);
    const embeddings = source.names().filter((name) => /(word_embeddings|wte|shared)\.weight$/.test(name));
    expect(embeddings.map((name) => source.info(name)?.shape)).toEqual([[config['vocab_size'], width]]);
    let matrices = 0;
    for (const name of source.names()) {
      expect(name).not.toMatch(/LayerNorm\.(gamma|beta)$|position_ids$/);
      const values = source.readFloat32(name);
      expect(values.length).toBe(source.info(name)?.shape.reduce((a, b) => a * b, 1));
      let largest = 0;
      for (const value of values) largest = Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : Infinity;
      expect(largest).toBeLessThan(10);
      if (source.info(name)?.shape.length !== 2) continue;
      matrices++;
      expect(largest).toBeGreaterThan(0);
      expect(new Set(values.subarray(0, 50)).size).toBeGreaterThan(10);
    }
    expect(matrices).toBeGreaterThan(5);
    // The gradients of the reference outputs, where there are any, have the parameters' names and shapes.
    const expected = openSafetensors(join(folder, 'expected.safetensors'));
    for (const [name, { shape }] of expected.tensors) {
      if (name.startsWith('grad.')) expect([name, source.info(name.slice(5))?.shape]).toEqual([name, shape]);
    }
    expected.close();
    source.close();
  });

  test('tied tensors are there under each name, with one storage', () => {
    const source = openCheckpoint(join(published, 'bert-legacy-pickle-uncased'));
    const [input, output] = ['bert.embeddings.word_embeddings.weight', 'cls.predictions.decoder.weight'];
    expect(source.info(output)?.storage).toBe(source.info(input)?.storage);
    expect(source.readFloat32(output)).toEqual(source.readFloat32(input));
    source.close();
  });

  test.each([
    ['bert-fp16', 'F16'],
    ['bert-bf16', 'BF16'],
  ])('%s is %s in the file', (name, dtype) => {
    const source = openCheckpoint(join(published, name));
    expect(new Set(source.names().map((name) => source.info(name)?.dtype))).toEqual(new Set([dtype]));
    source.close();
  });

  const hostile = join(published, 'hostile');
  const bad = mirror === undefined ? ['none'] : readdirSync(hostile).filter((name) => name.endsWith('.safetensors'));
  test.each(bad)('hostile/%s is refused', (name) => {
    expect(() => openSafetensors(join(hostile, name))).toThrow(expect.objectContaining({ code: 'FC_FILE_FORMAT' }));
  });

  test('MiniLM loads from its mirror folder', () => {
    const source = openCheckpoint(join(mirror ?? '', 'models/sentence-transformers/all-MiniLM-L6-v2'));
    const count = source.names().reduce((sum, name) => sum + source.readFloat32(name).length, 0);
    expect([source.names().length, count]).toEqual([103, 22_713_216]);
    source.close();
  });
});
