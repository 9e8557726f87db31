/** The second engine against the first: the same training steps, memory given back, and errors that say what to do. */
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { add, createGraph, gatherRows, input, mul, output, scope, sumAll } from '../graph/index.js';
import { architectureOf, readModelConfig } from '../models/index.js';
import { crossEntropy } from '../nn/index.js';
import {
  batchOf,
  createAdamW,
  createDropoutMasks,
  createParameterStore,
  createStepProgram,
  initialise,
} from '../training/index.js';
import { createEngine, createOnnxRuntimeEngine, createTfjsEngine, type Engine, type TfjsBackend } from './index.js';

const config = readModelConfig({
  vocab_size: 31,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 24,
  max_position_embeddings: 8,
  type_vocab_size: 2,
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
  initializer_range: 0.3,
});
const program = createStepProgram(
  {
    name: 'sentiment',
    head: (b, { hidden }) => {
      const architecture = architectureOf(config);
      return architecture.sequenceHead(b, config, hidden, architecture.prefix, { labels: 3 });
    },
    loss: (b, logits) => crossEntropy(logits, input(b.graph, 'labels', ['batch'], 'int64')),
  },
  config,
);
const batch = batchOf(
  [
    { ids: [2, 5, 7, 11, 19, 3], typeIds: [0, 0, 0, 1, 1, 1] },
    { ids: [2, 30, 5, 3] },
    { ids: [2, 8, 8, 29, 3] },
    { ids: [2, 3] },
  ],
  config,
);

/** Three AdamW updates with dropout from the same seed: the losses, and the gradients of the first. */
async function train(engine: Engine) {
  const store = createParameterStore(program.parameters, { floats: batch.tokens * 16, ids: batch.tokens });
  initialise(store, program.parameters, 11);
  const optimizer = createAdamW(store);
  const step = await program.compile(engine);
  const losses: number[] = [];
  const gradients = new Map<string, Float32Array>();
  for (let update = 0; update < 3; update++) {
    const loss = await step.run({
      store,
      batch,
      feeds: { labels: { data: BigInt64Array.of(0n, 2n, 1n, 1n), shape: [4] } },
      masks: createDropoutMasks(5),
      maskNumber: update,
      share: 1,
      accumulate: false,
    });
    losses.push(loss);
    if (update === 0) for (const name of program.trained) gradients.set(name, store.slot(name).gradient.slice());
    optimizer.step(program.trained, 1e-2);
  }
  await step.release();
  return { losses, gradients };
}

const largest = (values: Float32Array) => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

test.each<TfjsBackend>(['wasm', 'cpu'])('%s: three steps of BERT go as on ONNX Runtime', async (backend) => {
  const expected = await train(createOnnxRuntimeEngine());
  const found = await train(await createTfjsEngine({ backend }));
  found.losses.forEach((loss, i) => expect(Math.abs(loss - Number(expected.losses[i]))).toBeLessThan(1e-4));
  expect(new Set(expected.losses).size).toBe(3);
  expect([...found.gradients.keys()].sort()).toEqual(program.parameters.map(({ name }) => name).sort());
  for (const [name, gradient] of found.gradients) {
    const reference = expected.gradients.get(name) as Float32Array;
    const worst = largest(gradient.map((x, i) => x - Number(reference[i])));
    // A true gradient of zero (of key biases: softmax ignores them) leaves rounding noise.
    expect([name, worst <= Math.max(1e-4 * largest(reference), 1e-6)]).toEqual([name, true]);
  }
});

/** loss = sum(table[rows] + bias) in the module `lookup`, and its double. */
function lookupGraph() {
  const graph = createGraph('lookup');
  const rows = input(graph, 'rows', ['n'], 'int64');
  const [table, bias] = [input(graph, 'table', [4, 2]), input(graph, 'bias', ['n', 2])];
  const sums = scope(graph, 'lookup', () => add(gatherRows(table, rows), bias));
  output('sums', sums);
  output('double', add(sums, sums));
  output('loss', sumAll(mul(sums, bias)));
  output('copy', table);
  return graph;
}
const feeds = {
  rows: { data: BigInt64Array.of(3n, 0n), shape: [2] },
  table: { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [4, 2] },
  bias: { data: Float32Array.of(10, 20, 30, 40), shape: [2, 2] },
};

describe.each<TfjsBackend>(['wasm', 'cpu'])('%s', (backend) => {
  test('writes outputs in place, computes those that are asked for, and frees all it makes', async () => {
    const engine = await createTfjsEngine({ backend });
    expect([engine.name, engine.device]).toEqual(['tfjs', backend]);
    const before = tf.memory().numTensors;
    const lookup = await engine.compile(lookupGraph());
    const compiled = tf.memory().numTensors;
    const sums = { data: new Float32Array(4), shape: [2, 2] };
    for (let run = 0; run < 3; run++) {
      const results = await lookup.run(feeds, { sums, double: null, copy: null });
      expect(Object.keys(results)).toEqual(['sums', 'double', 'copy']);
      expect([...sums.data]).toEqual([17, 28, 31, 42]);
      expect(results['double']).toEqual({ data: Float32Array.of(34, 56, 62, 84), shape: [2, 2] });
      expect(results['copy']?.data).toEqual(feeds.table.data);
      expect(results['copy']?.data).not.toBe(feeds.table.data);
      expect((await lookup.run(feeds, { loss: null }))['loss']).toEqual({ data: Float32Array.of(3340), shape: [] });
      expect(tf.memory().numTensors).toBe(compiled);
    }
    await lookup.release();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a failed run says where, and frees all it made', async () => {
    const lookup = await (await createTfjsEngine({ backend })).compile(lookupGraph());
    const before = tf.memory().numTensors;
    const narrow = { data: new Float32Array(3), shape: [3] };
    for (const [wrong, fetches, message] of [
      [{ bias: { data: new Float32Array(6), shape: [3, 2] } }, { double: null }, /lookup\.add\.Add/],
      [{ rows: { data: BigInt64Array.of(2n ** 40n, 0n), shape: [2] } }, { sums: null }, /32-bit/],
      [{ bias: { data: new Float64Array(4), shape: [2, 2] } }, { sums: null }, /expected: float32/],
      [{}, { nothing: null }, /no output nothing/],
      [{}, { sums: narrow }, /expected: Float32Array \[2, 2\]\n {2}got: {6}Float32Array \[3\]/],
    ] as const) {
      const failed = lookup.run({ ...feeds, ...wrong }, fetches);
      await expect(failed).rejects.toMatchObject({ code: 'FC_ENGINE', message: expect.stringMatching(message) });
      expect(tf.memory().numTensors).toBe(before);
    }
    await expect(lookup.run({ rows: feeds.rows, bias: feeds.bias }, { sums: null })).rejects.toMatchObject({
      code: 'FC_ENGINE',
    });
    await lookup.release();
  });

  test('single precision and no profiles', async () => {
    const engine = await createTfjsEngine({ backend });
    for (const options of [{ precision: 'float64' }, { profile: 'x' }] as const)
      await expect(engine.compile(lookupGraph(), options)).rejects.toMatchObject({ code: 'FC_DEVICE' });
  });
});

function isInstalled(name: string): boolean {
  try {
    return createRequire(import.meta.url).resolve(name) !== '';
  } catch {
    return false;
  }
}

(isInstalled('@tensorflow/tfjs-node-gpu') ? test.skip : test)(
  'a missing package is an error that installs it',
  async () => {
    const message = expect.stringContaining('npm install @tensorflow/tfjs-node-gpu');
    const missing = { code: 'FC_DEVICE', message };
    await expect(createTfjsEngine({ backend: 'node-gpu' })).rejects.toMatchObject(missing);
    await expect(createEngine({ engine: 'tfjs', device: 'cuda' })).rejects.toMatchObject(missing);
  },
);

test('engines are chosen by name and device', async () => {
  const names = async (options: Parameters<typeof createEngine>[0]) => {
    const { name, device } = await createEngine(options);
    return [name, device];
  };
  expect(await names({})).toEqual(['onnxruntime', 'cpu']);
  expect(await names({ engine: 'onnxruntime', device: 'cpu', threads: 1 })).toEqual(['onnxruntime', 'cpu']);
  const best = isInstalled('@tensorflow/tfjs-node') ? 'node' : 'wasm';
  expect(await names({ engine: 'tfjs', device: 'cpu' })).toEqual(['tfjs', best]);
  await expect(createEngine({ engine: 'tfjs', device: 'coreml' })).rejects.toMatchObject({ code: 'FC_DEVICE' });
  await expect(createEngine({ engine: 'tfjs', threads: 2 })).rejects.toMatchObject({ code: 'FC_CONFIG' });
});
