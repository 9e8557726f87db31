/** A model kept as what differs from its base says what it said, within what a byte rounds, and only beside that base. */
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSafetensors, writeInt8Rows, type LoraAdapter } from '../checkpoint/index.js';
import { FieldcraftError, random, sha256File } from '../foundation/index.js';
import { architectureOf } from '../models/index.js';
import { initialValues, mergeAdapter } from '../nn/index.js';
import { encoderParameters } from '../training/index.js';
import { differenceName } from './difference.js';
import { saveEncoderFolder } from './encoder-folder.js';
import { readModelFile } from './model-file.js';
import { loadModelFolder, openModelFolder, saveModelFolder, type TrainedModel } from './model-folder.js';
import { loadPredictor } from './predictor.js';
import { saveDifference } from './save-difference.js';
import { createTestModel, texts } from './test-model.js';
import { createUntrainedModel } from './untrained-model.js';

let root = '';
let base = '';
let whole: TrainedModel;
let adapter: LoraAdapter;
let kept = '';
const rank = 3;

/** An encoder of random weights, as bytes. */
function writeBase(folder: string, seed: number): string {
  const { config, tokenizer } = createTestModel();
  const tensors = encoderParameters(config).map((parameter) => ({
    ...{ name: parameter.name, shape: parameter.shape, data: initialValues(parameter, seed) },
  }));
  saveEncoderFolder(folder, { config, tokenizer, tensors, bytes: true });
  return folder;
}

/** Factors of the queries and values of both layers, of about the size that training gives them. */
function drawAdapter(width: number, prefix: string): LoraAdapter {
  const rng = random(5, 'factors');
  const draw = (shape: readonly number[]) => ({
    shape,
    data: Float32Array.from({ length: shape[0]! * shape[1]! }, () => 0.4 * (rng.uniform() - 0.5)),
  });
  const modules = [0, 1].flatMap((layer) =>
    ['query', 'value'].map((role) => `${prefix}.encoder.layer.${layer}.attention.self.${role}`),
  );
  return {
    ...{ rank, scale: 2, dropout: 0, saved: new Map() },
    modules: new Map(modules.map((name) => [name, { a: draw([rank, width]), b: draw([width, rank]) }])),
  };
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldcraft-difference-'));
  base = writeBase(join(root, 'base'), 3);
  const { config, tokenizer, tasks } = createTestModel();
  const untuned = createUntrainedModel({ config, tokenizer, tasks, seed: 7, checkpoint: base });
  adapter = drawAdapter(config.hidden_size, architectureOf(config).prefix);
  whole = {
    ...untuned,
    weight(name) {
      const parts = adapter.modules.get(name.replace(/\.weight$/, ''));
      const weight = untuned.weight(name);
      return parts ? mergeAdapter(weight, { a: parts.a.data, b: parts.b.data, rank, scale: 2 }) : weight;
    },
  };
  kept = join(root, 'kept');
  saveDifference(kept, whole, adapter);
});
afterAll(() => rmSync(root, { recursive: true }));

test('it has no weights of the encoder and no tokenizer, and says which ones it needs', async () => {
  expect(readdirSync(kept).sort()).toEqual([differenceName, 'model.json']);
  const names = [...openSafetensors(join(kept, differenceName)).tensors.keys()];
  expect(names.filter((name) => !/^heads\.|lora_[AB]\.weight(\.scale)?$/.test(name))).toEqual([]);
  expect(statSync(join(kept, differenceName)).size).toBeLessThan(statSync(join(base, 'model.safetensors')).size / 2);
  expect(readModelFile(kept)).toMatchObject({
    base: { id: base },
    baseWeights: await sha256File(join(base, 'model.safetensors')),
    tokenizerHash: whole.tokenizer.hash,
  });
});

test('it reads as the model that it was, to the bit where nothing was tuned, else within half a step of a byte', () => {
  for (const open of [loadModelFolder, openModelFolder]) {
    const read = open(kept);
    expect(read.tasks).toEqual(whole.tasks);
    expect(read.tokenizer.hash).toBe(whole.tokenizer.hash);
    let tuned = 0;
    for (const { name } of encoderParameters(whole.config)) {
      const [expected, got] = [whole.weight(name), read.weight(name)];
      const parts = adapter.modules.get(name.replace(/\.weight$/, ''));
      if (!parts) {
        expect([name, got]).toEqual([name, expected]);
        continue;
      }
      tuned++;
      // Each product of two factors is off by half a step of either, times the other.
      const [a, b] = [parts.a, parts.b].map(({ data }) => Math.max(...data.map(Math.abs)));
      const bound = (2 * 2.02 * rank * a! * b!) / 254;
      expect(Math.max(...got.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(bound);
    }
    expect(tuned).toBe(4);
    const head = 'heads.clauses.classifier.weight';
    const step = Math.max(...whole.weight(head).map(Math.abs)) / 254;
    const off = read.weight(head).map((value, i) => Math.abs(value - whole.weight(head)[i]!));
    expect(Math.max(...off)).toBeGreaterThan(0);
    expect(Math.max(...off)).toBeLessThan(1.01 * step);
  }
});

test('it predicts what the whole model does', async () => {
  saveModelFolder(join(root, 'whole'), whole);
  const [before, after] = [await loadPredictor(join(root, 'whole')), await loadPredictor(kept)];
  const read = texts.filter((text) => text !== '');
  for (const task of ['clauses', 'unfair-terms']) {
    const of = async (predictor: typeof before) =>
      (await predictor.predict(task, read)).flatMap((one) => ('probabilities' in one ? one.probabilities : []));
    const [expected, got] = [await of(before), await of(after)];
    expect(got.length).toBe(expected.length);
    got.forEach((probability, i) => expect(Math.abs(probability - expected[i]!)).toBeLessThan(0.03));
    expect(got).not.toEqual(expected);
  }
  await before.release();
  await after.release();
});

const refusalOf = (attempt: () => unknown): FieldcraftError => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof FieldcraftError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

test('another base, none, and damaged factors are refused', () => {
  const aside = join(root, 'aside');
  cpSync(base, aside, { recursive: true });
  writeBase(base, 4);
  const other = refusalOf(() => loadModelFolder(kept));
  expect(other.code).toBe('FC_WEIGHTS');
  expect(other.message).toContain(readModelFile(kept).baseWeights);
  rmSync(base, { recursive: true });
  expect(refusalOf(() => loadModelFolder(kept)).code).toBe('FC_NOT_FOUND');
  cpSync(aside, base, { recursive: true });
  loadModelFolder(kept);

  const damaged = join(root, 'damaged');
  cpSync(kept, damaged, { recursive: true });
  truncateSync(join(damaged, differenceName), 2000);
  expect(refusalOf(() => loadModelFolder(damaged)).code).toBe('FC_FILE_FORMAT');
  const name = [...adapter.modules.keys()][0]!;
  const factor = (side: string, shape: readonly number[]) => ({
    ...{ name: `${name}.lora_${side}.weight`, shape, data: new Float32Array(shape[0]! * shape[1]!) },
  });
  writeInt8Rows(join(damaged, differenceName), [factor('A', [2, 9]), factor('B', [32, 2])]);
  expect(refusalOf(() => loadModelFolder(damaged))).toMatchObject({ code: 'FC_WEIGHTS' });
});

test('an encoder that more was done to than adapters say is not kept', () => {
  const [table] = encoderParameters(whole.config);
  const changed = {
    ...whole,
    weight: (name: string) => whole.weight(name).map((x) => (name === table?.name ? -x : x)),
  };
  const { code, message } = refusalOf(() => saveDifference(join(root, 'changed'), changed, adapter));
  expect(code).toBe('FC_WEIGHTS');
  expect(message).toContain(table?.name);
  expect(refusalOf(() => saveDifference(join(root, 'scratch'), { ...whole, base: null }, adapter)).code).toBe(
    'FC_CONFIG',
  );
});
