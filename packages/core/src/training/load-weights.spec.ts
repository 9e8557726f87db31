/** Pretrained weights find their places: the encoder's must all be there, heads start fresh but for copies of the pooler. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { writeSafetensors, type TensorToWrite } from '../checkpoint/index.js';
import { architectureOf } from '../models/index.js';
import { initialValues } from '../nn/index.js';
import { createParameterStore, initialise, loadPretrained } from './index.js';
import { config, createModel, refusal, weightsOf } from './spec-support.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-weights-'));
afterAll(() => rmSync(temporary, { recursive: true }));
const architecture = architectureOf(config);

/** A checkpoint folder with the tensors named, each filled with its own number. */
function checkpoint(name: string, tensors: Record<string, readonly number[]>): string {
  const folder = join(temporary, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const list = Object.entries(tensors).map(([key, shape], i): TensorToWrite => {
    const count = shape.reduce((product, size) => product * size, 1);
    return { name: key, dtype: 'F32', shape, data: new Float32Array(count).fill(i + 1) };
  });
  writeSafetensors(join(folder, 'model.safetensors'), list);
  return folder;
}

async function setUp() {
  const { parameters, store } = await createModel(['a', 'b'], { dropout: false });
  const base = Object.fromEntries(parameters.filter(({ kind }) => kind === 'base').map((p) => [p.name, p.shape]));
  const pooler = {
    'bert.pooler.dense.weight': [config.hidden_size, config.hidden_size],
    'bert.pooler.dense.bias': [config.hidden_size],
  };
  return { parameters, store, base, pooler };
}

test('the encoder is the checkpoint’s, each head’s pooler a copy of its pooler, classifiers come from the seed', async () => {
  const { parameters, store, base, pooler } = await setUp();
  const tensors = { ...base, ...pooler, 'cls.predictions.bias': [config.vocab_size] };
  const folder = checkpoint('whole', tensors);
  const { fresh, unused } = loadPretrained(store, parameters, folder, { architecture, seed: 7 });
  expect(fresh).toEqual(
    ['a', 'b'].flatMap((task) => [`heads.${task}.classifier.weight`, `heads.${task}.classifier.bias`]),
  );
  expect(unused).toEqual(['cls.predictions.bias']);
  const numberOf = (name: string) => Object.keys(tensors).indexOf(name) + 1;
  for (const { name, kind, ...rest } of parameters) {
    const { weight } = store.slot(name);
    const source = kind === 'base' ? name : name.replace(/^heads\.[ab]/, 'bert');
    const expected =
      numberOf(source) > 0 ? weight.map(() => numberOf(source)) : initialValues({ name, kind, ...rest }, 7);
    expect([name, weight]).toEqual([name, expected]);
  }
});

test('a checkpoint without prefix and without pooler is taken too: the heads’ poolers start fresh', async () => {
  const { parameters, store, base } = await setUp();
  const bare = Object.fromEntries(Object.entries(base).map(([name, shape]) => [name.replace(/^bert\./, ''), shape]));
  const { fresh, unused } = loadPretrained(store, parameters, checkpoint('bare', bare), { architecture, seed: 7 });
  expect(fresh.every((name) => name.startsWith('heads.'))).toBe(true);
  expect(fresh.length).toBe(8);
  expect(unused).toEqual([]);
  expect(store.slot('heads.a.pooler.dense.weight').weight).not.toEqual(
    store.slot('heads.b.pooler.dense.weight').weight,
  );
});

test('a missing or misshapen encoder tensor is refused by its name', async () => {
  const { parameters, store, base } = await setUp();
  const name = 'bert.encoder.layer.1.output.dense.weight';
  const without = Object.fromEntries(Object.entries(base).filter(([key]) => key !== name));
  const load = (folder: string) => () => loadPretrained(store, parameters, folder, { architecture, seed: 7 });
  const missing = await refusal(load(checkpoint('missing', without)));
  expect([missing.code, missing.message]).toEqual(['FC_WEIGHTS', expect.stringContaining(name)]);
  const misshapen = await refusal(load(checkpoint('misshapen', { ...base, [name]: [16, 31] })));
  expect([misshapen.code, misshapen.message]).toEqual(['FC_WEIGHTS', expect.stringContaining('31')]);
});

test('a start from scratch depends on the seed and the name alone', async () => {
  const { parameters, store } = await setUp();
  initialise(store, parameters, 1);
  const first = weightsOf(store);
  const other = createParameterStore([...parameters].reverse());
  initialise(other, [...parameters].reverse(), 1);
  expect(weightsOf(other)).toEqual(
    Object.fromEntries(
      Object.keys(first)
        .reverse()
        .map((name) => [name, first[name]]),
    ),
  );
  initialise(other, parameters, 2);
  expect(weightsOf(other)['heads.a.classifier.weight']).not.toEqual(first['heads.a.classifier.weight']);
});
