/** Served models as single files: fp32 gives the training graph's logits, INT8 nearly so, from a file a quarter the size. */
import { expect, test } from '@jest/globals';
import { readModelConfig } from '../models/index.js';
import { lowerGraph, encodeOnnx } from '../onnx/index.js';
import { openOnnxModel, type Program, type Tensor } from '../runtime/index.js';
import { buildServedGraph, createUntrainedModel, encodeServed, portableTarget, taskOf } from './index.js';
import { createTestModel } from './test-model.js';

const { tokenizer, tasks } = createTestModel();
const config = readModelConfig({
  model_type: 'bert',
  vocab_size: tokenizer.vocabularySize,
  hidden_size: 192,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 384,
  max_position_embeddings: 64,
  initializer_range: 0.08,
});
const model = createUntrainedModel({ config, tasks, tokenizer, seed: 4 });
const heads = tasks.map((task) => ({ task: taskOf(task), output: task.name }));

const [batch, length] = [2, 9];
const ids = (value: (row: number, position: number) => number): Tensor => ({
  data: BigInt64Array.from({ length: batch * length }, (_, i) => BigInt(value(Math.floor(i / length), i % length))),
  shape: [batch, length],
});
const feeds = {
  input_ids: ids((row, position) => (row * 31 + position * 17 + 5) % tokenizer.vocabularySize),
  attention_mask: ids((row, position) => Number(row === 0 || position < 6)),
  token_type_ids: ids((row, position) => Number(position > 3)),
};

async function logitsOf(onnx: Uint8Array): Promise<Record<string, Tensor>> {
  const program: Program = await openOnnxModel(onnx, { threads: 1 });
  expect([...program.inputs].sort()).toEqual(Object.keys(feeds).sort());
  const results = await program.run(feeds, Object.fromEntries(tasks.map(({ name }) => [name, null])));
  await program.release();
  return results;
}

/** The largest difference of real tokens' logits, by task. */
function distance(a: Record<string, Tensor>, b: Record<string, Tensor>): number[] {
  return tasks.map(({ name, kind }) => {
    const width = a[name]!.shape.at(-1)!;
    const real = (i: number) => kind !== 'token-classification' || i / width < length + 6;
    expect(b[name]!.shape).toEqual(a[name]!.shape);
    const [x, y] = [Array.from(a[name]!.data, Number), Array.from(b[name]!.data, Number)];
    return Math.max(...x.map((value, i) => (real(i) ? Math.abs(value - y[i]!) : 0)));
  });
}

const { graph, parameters } = buildServedGraph('model', config, heads);
const weights = new Map(parameters.map(({ name, shape }) => [name, { shape, data: model.weight(name) }]));
const reference = logitsOf(encodeOnnx(lowerGraph(graph, portableTarget), { weights }));

test('the fused file gives the logits of standard operators to 1e-5', async () => {
  const fused = await logitsOf(encodeServed(model, { heads, precision: 'fp32' }));
  for (const error of distance(await reference, fused)) expect(error).toBeLessThan(1e-5);
});

test('INT8 is near, by blocks it is nearer at hardly more bytes, and keeping every layer makes it the same', async () => {
  const [fp32, int8] = (['fp32', 'int8'] as const).map((precision) => encodeServed(model, { heads, precision }));
  const large = parameters.map(({ shape }) => shape.reduce((a, b) => a * b)).filter((count) => count >= 16_384);
  const saved = (fp32!.length - int8!.length) / large.reduce((a, b) => a + b);
  expect(large.length).toBe(2 * 6 + 1 + 2);
  expect(Math.abs(saved - 3)).toBeLessThan(0.05);
  const errors = distance(await reference, await logitsOf(int8!));
  for (const error of errors) {
    expect(error).toBeGreaterThan(1e-5);
    expect(error).toBeLessThan(0.1);
  }
  const products = parameters.map(({ name }) => name).filter((name) => !name.includes('embeddings'));
  const closer = encodeServed(model, { heads, precision: 'int8', blocks: new Set(products) });
  expect(closer.length / int8!.length).toBeLessThan(1.1);
  const closerErrors = distance(await reference, await logitsOf(closer));
  const together = (all: readonly number[]) => all.reduce((sum, error) => sum + error);
  expect(together(closerErrors)).toBeLessThan(together(errors));
  // Queries, keys and values of the same rows, each held in another way, with columns that are evened out for those in 8 bits.
  const [query, key, value] = ['query', 'key', 'value'].map(
    (part) => `bert.encoder.layer.1.attention.self.${part}.weight`,
  );
  const smoothing = new Map([[query!, Array.from({ length: 192 }, (_, i) => 1 + (i % 3))]]);
  const forms = { blocks: new Set([key!]), kept: new Set([value!]), smoothing };
  const mixed = distance(await reference, await logitsOf(encodeServed(model, { heads, precision: 'int8', ...forms })));
  for (const error of mixed) expect(error).toBeLessThan(0.1);
  const kept = new Set(parameters.map(({ name }) => name));
  expect(Buffer.compare(encodeServed(model, { heads, precision: 'int8', kept }), fp32!)).toBe(0);
});
