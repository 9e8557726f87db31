/** Students as they begin: the layers, rows and heads that they have of their teacher. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openCheckpoint } from '../checkpoint/index.js';
import { architectureOf, readModelConfig } from '../models/index.js';
import { initialValues, type Parameter } from '../nn/index.js';
import { createTask } from '../tasks/index.js';
import { loadTokenizer, trainWordPiece } from '../text/index.js';
import { createParameterStore, createStepProgram, loadPretrained } from '../training/index.js';
import { createStudent, saveEncoderFolder, saveModelFolder } from './index.js';

let root = '';
const texts = ['the tenant shall pay the rent to the landlord', 'the landlord may waive the rent of a tenant'];
const tokenizer = trainWordPiece(texts, { vocabularySize: 130 });
const config = readModelConfig({
  ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 8, num_hidden_layers: 4 },
  ...{ num_attention_heads: 2, intermediate_size: 16, max_position_embeddings: 16 },
});
const task = createTask('classification', { name: 'kinds', labels: ['a', 'b'] });
const { parameters } = createStepProgram(task, config);
const values = new Map(parameters.map((parameter) => [parameter.name, initialValues(parameter, 3)]));
const weight = (name: string) => values.get(name) as Float32Array;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldcraft-student-'));
  const encoder = parameters.filter(({ kind }: Parameter) => kind === 'base');
  const tensors = encoder.map(({ name, shape }) => ({ name, shape, data: weight(name) }));
  saveEncoderFolder(join(root, 'base'), { config, tokenizer, tensors });
  saveModelFolder(join(root, 'model'), {
    ...{ config, tokenizer, weight, base: null },
    tasks: [
      {
        ...{ name: 'kinds', kind: 'classification', labels: ['a', 'b'], settings: {}, maxLength: 16, stride: 4 },
        ...{ mainMetric: 'macroF1', tuning: {} },
      },
    ],
  });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('layers', () => {
  const inLayer = (layer: number, rest: string) => `bert.encoder.layer.${layer}.${rest}`;
  const rest = 'attention.self.query.weight';

  test('are taken evenly, the last among them, or as they are named', async () => {
    for (const [layers, expected] of [
      [2, [2, 4]],
      [
        [1, 3, 4],
        [1, 3, 4],
      ],
    ] as const) {
      const folder = join(root, `student-${String(layers)}`);
      const student = await createStudent(join(root, 'base'), folder, { layers });
      expect(student.layers).toEqual(expected);
      expect(readModelConfig(folder).num_hidden_layers).toBe(expected.length);
      const source = openCheckpoint(folder);
      expected.forEach((of, i) => expect(source.readFloat32(inLayer(i, rest))).toEqual(weight(inLayer(of - 1, rest))));
      const table = 'bert.embeddings.word_embeddings.weight';
      expect(source.readFloat32(table)).toEqual(weight(table));
      expect(source.names().some((name) => name.includes(`layer.${expected.length}.`))).toBe(false);
      source.close();
    }
  });

  test('that the teacher does not have are refused, and so are none', async () => {
    for (const layers of [5, 0, [2, 1], [1, 5], []])
      await expect(createStudent(join(root, 'base'), join(root, 'x'), { layers })).rejects.toMatchObject({
        code: 'FC_CONFIG',
      });
  });
});

test('a smaller vocabulary takes the rows of its pieces along', async () => {
  const folder = join(root, 'pruned');
  const size = tokenizer.vocabularySize - 3;
  const { vocabulary, config: own } = await createStudent(join(root, 'base'), folder, {
    ...{ layers: 1, vocabulary: { texts: texts.slice(0, 1), size } },
  });
  expect(own.vocab_size).toBe(size);
  const loaded = loadTokenizer(folder);
  const source = openCheckpoint(folder);
  const table = source.readFloat32('bert.embeddings.word_embeddings.weight');
  source.close();
  for (const token of ['the', 'tenant', '[CLS]', '[PAD]']) {
    const [now, before] = [loaded.tokenToId(token)!, tokenizer.tokenToId(token)!];
    expect(vocabulary?.kept[now]).toBe(before);
    const rows = weight('bert.embeddings.word_embeddings.weight');
    expect(table.subarray(now * 8, now * 8 + 8)).toEqual(rows.subarray(before * 8, before * 8 + 8));
  }
  expect(own.pad_token_id).toBe(loaded.padId);
});

test('the student of a finished model starts with its heads', async () => {
  const folder = join(root, 'of-model');
  await createStudent(join(root, 'model'), folder, { layers: 2 });
  const own = readModelConfig(folder);
  const program = createStepProgram(task, own);
  const store = createParameterStore(program.parameters);
  const options = { architecture: architectureOf(own), seed: 99, heads: true };
  const { fresh } = loadPretrained(store, program.parameters, folder, options);
  expect(fresh).toEqual([]);
  const heads = program.parameters.filter(({ kind }) => kind === 'head');
  expect(heads.length).toBeGreaterThan(1);
  for (const { name } of heads) expect(store.slot(name).weight).toEqual(weight(name));
});
