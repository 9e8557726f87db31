import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openCheckpoint, writeSafetensors } from '../checkpoint/index.js';
import { createUntrainedModel, saveHuggingFaceFolders, saveModelFolder } from '../export/index.js';
import { readModelConfig } from '../models/index.js';
import { trainWordPiece } from '../text/index.js';
import { inspectFolder, type TrainedInspection, type WeightsInspection } from './inspect.js';

const vocabulary = trainWordPiece(['We may end the agreement.'], { vocabularySize: 110 });
let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldcraft-inspect-'));
  const config = readModelConfig({
    model_type: 'bert',
    vocab_size: vocabulary.vocabularySize,
    hidden_size: 8,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 16,
    max_position_embeddings: 32,
  });
  const model = createUntrainedModel({
    config,
    tokenizer: vocabulary,
    seed: 1,
    tasks: [
      {
        name: 'terms',
        kind: 'classification',
        labels: ['fair', 'unfair'],
        mainMetric: 'macroF1',
        maxLength: 16,
        stride: 4,
        tuning: {},
      },
    ],
  });
  saveModelFolder(join(root, 'runs', 'one', 'model'), model);
  saveHuggingFaceFolders(join(root, 'runs', 'one', 'hf'), model);
  symlinkSync('one', join(root, 'runs', 'latest'));
});
afterAll(() => rmSync(root, { recursive: true }));

const published = () => join(root, 'runs', 'one', 'hf', 'terms');

async function inspectWeights(path: string): Promise<WeightsInspection> {
  const inspection = await inspectFolder(path);
  if (inspection.kind !== 'weights') throw new Error('not taken for weights');
  return inspection;
}

async function inspectTrained(path: string): Promise<TrainedInspection> {
  const inspection = await inspectFolder(path);
  if (inspection.kind !== 'trained') throw new Error('not taken for a model of ours');
  return inspection;
}

describe('a published model', () => {
  test('architecture, labels, parameters and fit', async () => {
    const { architecture, labels, weights, tokenizer, source } = await inspectWeights(published());
    expect(source).toBe('folder');
    expect(architecture).toMatchObject({ name: 'Bert', config: { hidden_size: 8, num_hidden_layers: 1 } });
    expect(labels).toEqual(['fair', 'unfair']);
    const checkpoint = openCheckpoint(published());
    const sizes = checkpoint.names().map((name) => checkpoint.info(name)?.shape.reduce((size, n) => size * n, 1) ?? 0);
    checkpoint.close();
    const parameters = sizes.reduce((sum, size) => sum + size, 0);
    expect(weights).toMatchObject({ parameters, dtypes: { F32: parameters }, tensors: sizes.length });
    expect(weights.fit).toEqual({ head: 'sequence', missing: [], unexpected: [], mismatched: [] });
    expect(tokenizer).toEqual({ vocabularySize: vocabulary.vocabularySize, hash: vocabulary.hash });
  });

  test('keys that are missing, unexpected or of another shape, and no tokenizer', async () => {
    const folder = join(root, 'odd');
    mkdirSync(folder);
    const config = {
      model_type: 'bert',
      architectures: ['BertModel'],
      vocab_size: 10,
      hidden_size: 8,
      num_hidden_layers: 1,
    };
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({ ...config, num_attention_heads: 2, intermediate_size: 16, max_position_embeddings: 32 }),
    );
    const tensor = (name: string, ...shape: number[]) => ({
      ...{ name, shape, dtype: 'F32' as const },
      data: new Float32Array(shape.reduce((size, n) => size * n, 1)),
    });
    writeSafetensors(join(folder, 'model.safetensors'), [
      tensor('embeddings.word_embeddings.weight', 10, 8),
      tensor('embeddings.position_embeddings.weight', 16, 8),
      tensor('cls.strange', 3),
    ]);
    const { weights, tokenizer } = await inspectWeights(folder);
    expect(weights.fit).toMatchObject({
      head: 'base',
      unexpected: ['cls.strange'],
      mismatched: ['embeddings.position_embeddings.weight'],
    });
    expect(weights.fit?.missing).toContain('encoder.layer.0.attention.self.query.weight');
    expect(tokenizer).toEqual({ problem: 'no tokenizer found: none of these files' });
  });

  test('an architecture that we do not have is named, and the weights are described all the same', async () => {
    const folder = join(root, 'unknown');
    mkdirSync(folder);
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'mamba' }));
    writeSafetensors(join(folder, 'model.safetensors'), [
      { name: 'a', shape: [2], dtype: 'F32', data: new Float32Array(2) },
    ]);
    const { architecture, weights } = await inspectWeights(folder);
    expect(architecture).toEqual({ problem: 'the architecture "mamba" is not implemented' });
    expect(weights).toMatchObject({ parameters: 2 });
    expect(weights.fit).toBeUndefined();
  });

  test('nothing there is an error', async () => {
    await expect(inspectFolder(join(root, 'nothing'))).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
  });
});

describe('a model of ours', () => {
  test.each([['runs'], ['runs/latest'], ['runs/one'], ['runs/one/model']])('is found in %s', async (path) => {
    const { tasks, weights, folder } = await inspectTrained(join(root, path));
    expect(folder).toBe(join(root, 'runs', path.endsWith('model') ? 'one/model' : 'one'));
    expect(tasks).toEqual([{ name: 'terms', kind: 'classification', labels: ['fair', 'unfair'], maxLength: 16 }]);
    expect(weights?.parameters).toBeGreaterThan(1000);
  });

  test('a run that only has its plan is not finished', async () => {
    const folder = join(root, 'begun');
    mkdirSync(folder);
    writeFileSync(join(folder, 'plan.json'), '{}');
    expect(await inspectTrained(folder)).toMatchObject({ status: 'unfinished', tasks: [], weights: undefined });
  });
});

const mirror = process.env['FIELDCRAFT_MIRROR'];
const withMirror = mirror === undefined || mirror === '' ? test.skip : test;

withMirror('MiniLM from the mirror is whole (needs FIELDCRAFT_MIRROR)', async () => {
  const { source, weights, tokenizer } = await inspectWeights('sentence-transformers/all-MiniLM-L6-v2');
  expect(source).toBe('mirror');
  expect(weights).toMatchObject({ parameters: 22_713_216, fit: { missing: [], unexpected: [], mismatched: [] } });
  expect(tokenizer).toMatchObject({ vocabularySize: 30_522 });
});
