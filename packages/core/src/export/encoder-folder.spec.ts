/** Encoder folders: what training starts from again, with the head of its pretraining and the pooler that this did not touch. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openCheckpoint, writeSafetensors } from '../checkpoint/index.js';
import { architectureOf, buildTaskModel, readModelConfig } from '../models/index.js';
import { initialValues } from '../nn/index.js';
import { loadTokenizer, trainWordPiece } from '../text/index.js';
import { createParameterStore, loadPretrained } from '../training/index.js';
import { saveEncoderFolder } from './encoder-folder.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-encoder-'));
afterAll(() => rmSync(temporary, { recursive: true }));

test('is read back whole: encoder, head, and the pooler of a bare encoder that training began with', () => {
  const tokenizer = trainWordPiece(['the tenant shall pay the rent', 'the landlord may waive it'], {
    vocabularySize: 120,
  });
  const config = readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 8, num_hidden_layers: 1 },
    ...{ num_attention_heads: 2, intermediate_size: 16 },
  });
  const began = join(temporary, 'began');
  const pooler = Float32Array.from({ length: 64 }, (_, i) => i);
  saveEncoderFolder(began, { config, tokenizer, tensors: [] });
  writeSafetensors(join(began, 'model.safetensors'), [
    { name: 'pooler.dense.weight', dtype: 'F32', shape: [8, 8], data: pooler },
    { name: 'embeddings.LayerNorm.bias', dtype: 'F32', shape: [8], data: new Float32Array(8) },
  ]);

  const { builder } = buildTaskModel({ config, head: 'masked-lm', training: false });
  const parameters = [...builder.parameters.values()];
  const values = new Map(parameters.map((parameter) => [parameter.name, initialValues(parameter, 3)]));
  const folder = join(temporary, 'adapted');
  saveEncoderFolder(folder, {
    ...{ config, tokenizer, head: 'ForMaskedLM', from: began },
    tensors: parameters.map(({ name, shape }) => ({ name, shape, data: values.get(name) as Float32Array })),
  });

  const store = createParameterStore(parameters);
  const architecture = architectureOf(config);
  const { fresh, unused } = loadPretrained(store, parameters, folder, { architecture, seed: 9, heads: true });
  expect(fresh).toEqual([]);
  expect(unused).toEqual(['bert.pooler.dense.weight']);
  for (const [name, expected] of values) expect([name, store.slot(name).weight]).toEqual([name, expected]);
  const source = openCheckpoint(folder);
  expect(source.readFloat32('bert.pooler.dense.weight')).toEqual(pooler);
  source.close();
  expect(loadTokenizer(folder).hash).toBe(tokenizer.hash);
  expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toMatchObject({
    architectures: ['BertForMaskedLM'],
    vocab_size: tokenizer.vocabularySize,
  });
  expect(loadPretrained(store, parameters, folder, { architecture, seed: 9 }).fresh).toContain('cls.predictions.bias');
});
