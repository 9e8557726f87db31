/** BERT against Hugging Face's outputs, losses and gradients, and its gradient against central differences in float64. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { matchWeights, openCheckpoint, openSafetensors } from '../checkpoint/index.js';
import { random } from '../foundation/index.js';
import { gradients, output, printGraph, verifyGraph } from '../graph/index.js';
import { initialValues } from '../nn/index.js';
import { createOnnxRuntimeEngine, type Tensor } from '../runtime/index.js';
import {
  architectureOf,
  buildTaskModel,
  feedSequences,
  labelsOf,
  paddingBias,
  readModelConfig,
  rowOf,
  type HeadKind,
  type TaskModel,
} from './index.js';

const engine = createOnnxRuntimeEngine();
const mirror = process.env['FIELDCRAFT_MIRROR'];
const fixture = (...path: string[]) => join(String(mirror), 'fixtures', ...path);
const integers = (values: Iterable<number | bigint>, shape: number[]): Tensor => ({
  data: BigInt64Array.from(values, BigInt),
  shape,
});

/** Adds the gradients of the loss to the graph's outputs; gives back how to put a parameter's gradient together from a run's results. */
function differentiate({ builder, loss }: TaskModel) {
  const parameters = [...builder.parameters.values()];
  const found = loss
    ? gradients(
        loss,
        parameters.map(({ value }) => value),
      )
    : [];
  parameters.forEach(({ name }, i) => {
    if (found[i]?.dense) output(`grad.${name}`, found[i].dense);
    found[i]?.rows.forEach(({ values }, j) => output(`rows.${name}.${j}`, values));
  });
  return (results: Record<string, Tensor>, feeds: Record<string, Tensor>) =>
    new Map(
      parameters.flatMap(({ name, shape, paddingRow }, i) => {
        const gradient = found[i];
        if (!gradient) return [];
        const total = Float64Array.from(
          results[`grad.${name}`]?.data ?? new Float64Array(shape.reduce((a, b) => a * b, 1)),
          Number,
        );
        gradient.rows.forEach(({ indices }, j) => {
          const rows = results[`rows.${name}.${j}`]?.data ?? [];
          const width = shape[1] as number;
          [...(feeds[indices.name]?.data ?? [])].map(Number).forEach((row, k) => {
            if (row === paddingRow) return;
            for (let c = 0; c < width; c++) total[row * width + c]! += Number(rows[k * width + c]);
          });
        });
        return [[name, total] as const];
      }),
    );
}

const largest = (values: ArrayLike<number>) => Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const worstDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length ? largest(Array.from(a).map((x, i) => x - Number(b[i]))) : Infinity;

/** [batch, length, ...] as the fixtures have it -> rows, position first. */
function positionFirst<T>(values: ArrayLike<T>, batch: number, length: number): T[] {
  const width = values.length / (batch * length);
  const rows: T[] = [];
  for (let position = 0; position < length; position++) {
    for (let sequence = 0; sequence < batch; sequence++) {
      for (let c = 0; c < width; c++) rows.push(values[(sequence * length + position) * width + c] as T);
    }
  }
  return rows;
}

/** Loads a fixture's weights and inputs, runs its model, and compares all that the fixture expects. */
async function compare(folder: string, head: HeadKind) {
  const config = readModelConfig(folder);
  const labels = config.id2label ? labelsOf(config).length : 2;
  const model = buildTaskModel({ config, head, labels, training: false });
  const gather = differentiate(model);

  const expected = openSafetensors(join(folder, 'expected.safetensors'));
  const [batch, length] = expected.tensors.get('in.input_ids')?.shape as [number, number];
  const tokens = batch * length;
  const read = (name: string): number[] => {
    if (expected.tensors.get(name)?.dtype !== 'I64') return [...expected.readFloat32(name)];
    const bytes = expected.readRaw(name);
    return [...new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8)].map(Number);
  };
  const rows = (name: string): Tensor => {
    const values = expected.tensors.has(name) ? read(name) : Array<number>(tokens).fill(0);
    return integers(positionFirst(values, batch, length), [tokens]);
  };
  const feeds: Record<string, Tensor> = {
    input_ids: rows('in.input_ids'),
    token_type_ids: rows('in.token_type_ids'),
    position_ids: integers(
      Array.from({ length: tokens }, (_, row) => Math.floor(row / batch)),
      [tokens],
    ),
    attention_bias: {
      data: Float32Array.from(read('in.attention_mask'), (real) => (real ? 0 : paddingBias)),
      shape: [batch, 1, 1, length],
    },
  };
  for (const name of ['labels', 'start_positions', 'end_positions']) {
    const shape = expected.tensors.get(`in.${name}`)?.shape;
    if (shape) feeds[name] = shape.length === 2 ? rows(`in.${name}`) : integers(read(`in.${name}`), [...shape]);
  }
  if (model.graph.inputs.has('labels')) feeds['labels'] ??= integers(Array<number>(tokens).fill(-100), [tokens]);

  const weights = openCheckpoint(folder);
  const parameters = [...model.builder.parameters.values()];
  const match = matchWeights(
    weights,
    parameters.map(({ name, shape }) => ({ name, shape, required: true })),
    { basePrefix: architectureOf(config).prefix },
  );
  for (const { param, tensor } of match.loaded) {
    const shape = model.builder.parameters.get(param)?.shape ?? [];
    feeds[param] = { data: weights.readFloat32(tensor), shape };
  }
  weights.close();

  const program = await engine.compile(model.graph);
  const results = await program.run(feeds, Object.fromEntries([...program.outputs].map((name) => [name, null])));
  await program.release();
  const actual = (name: string) => Array.from(results[name]?.data ?? [], Number);

  for (const name of [...Object.keys(model.outputs), 'loss'].filter((name) => expected.tensors.has(`out.${name}`))) {
    const perToken = ['token', 'masked-lm'].includes(head) || name === 'last_hidden_state';
    const values = read(`out.${name}`);
    const wanted = perToken && name !== 'loss' ? positionFirst(values, batch, length) : values;
    expect([name, worstDifference(actual(name), wanted) < 1e-5]).toEqual([name, true]);
  }
  const found = gather(results, feeds);
  const expectedGradients = [...expected.tensors.keys()].filter((name) => name.startsWith('grad.'));
  // Files as published come with outputs alone.
  if (expectedGradients.length > 0) {
    expect([...found.keys()].map((name) => `grad.${name}`).sort()).toEqual(expectedGradients.sort());
  }
  for (const name of expectedGradients) {
    const wanted = read(name);
    const difference = worstDifference(found.get(name.slice('grad.'.length)) ?? [], wanted);
    // A true gradient of zero leaves rounding noise.
    const bound = largest(wanted) > 1e-6 ? 1e-4 * largest(wanted) : 1e-6;
    expect([name, difference < bound]).toEqual([name, true]);
  }
  expected.close();
}

(mirror ? describe : describe.skip)('Hugging Face (needs FIELDCRAFT_MIRROR)', () => {
  test.each([
    ['ForSequenceClassification', 'sequence'],
    ['ForTokenClassification', 'token'],
    ['ForQuestionAnswering', 'span'],
    ['ForMaskedLM', 'masked-lm'],
  ] as const)('%s: outputs, loss and every gradient', async (name, head) => {
    await compare(fixture('tiny-models', `bert-${name}`), head);
  });

  test.each([
    ['bert-legacy-pickle-uncased', 'masked-lm'],
    ['bert-zip-cased', 'base'],
    ['bert-sharded', 'base'],
    ['bert-fp16', 'base'],
    ['bert-bf16', 'base'],
  ] as const)('as published: %s', async (name, head) => {
    await compare(fixture('as-published', name), head);
  });
});

const tiny = readModelConfig({
  vocab_size: 13,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 12,
  max_position_embeddings: 6,
  type_vocab_size: 2,
  hidden_dropout_prob: 0.2,
  attention_probs_dropout_prob: 0.3,
  initializer_range: 0.4,
});

/** Two sequences of 5 and 3 tokens, random weights and dropout masks, and targets for any head. */
function feedTiny(model: TaskModel): Record<string, Tensor> {
  const fed = feedSequences([{ ids: [2, 5, 7, 11, 3], typeIds: [0, 0, 0, 1, 1] }, { ids: [2, 9, 3] }], { padId: 0 });
  const sizes: Record<string, number> = { batch: fed.batch, length: fed.length, tokens: fed.tokens, masked: 2 };
  const feeds: Record<string, Tensor> = {
    input_ids: { data: fed.input_ids, shape: [fed.tokens] },
    token_type_ids: { data: fed.token_type_ids, shape: [fed.tokens] },
    position_ids: { data: fed.position_ids, shape: [fed.tokens] },
    attention_bias: { data: Float64Array.from(fed.attention_bias), shape: [fed.batch, 1, 1, fed.length] },
    start_positions: integers([1, 0], [2]),
    end_positions: integers([3, 5], [2]),
    masked_rows: integers([rowOf(1, 0, 2), rowOf(1, 1, 2)], [2]),
  };
  const labels = model.graph.inputs.get('labels')?.shape.map((size) => sizes[size] as number);
  if (labels) {
    const row = (i: number) =>
      labels[0] !== fed.tokens ? i + 1 : i === rowOf(1, 0, 2) ? 1 : i === rowOf(1, 1, 2) ? 2 : -100;
    feeds['labels'] = integers(
      Array.from({ length: labels[0] as number }, (_, i) => row(i)),
      labels,
    );
  }
  for (const parameter of model.builder.parameters.values()) {
    const rng = random(3, parameter.name);
    const data = Float64Array.from(initialValues(parameter, 3), (x) => x + 0.1 * rng.normal());
    feeds[parameter.name] = { data, shape: parameter.shape };
  }
  for (const [name, { rate, shape }] of model.builder.dropouts) {
    const rng = random(4, name);
    const concrete = shape.map((size) => (typeof size === 'number' ? size : (sizes[size] as number)));
    const count = concrete.reduce((a, b) => a * b, 1);
    const data = Float64Array.from({ length: count }, () => (rng.uniform() < rate ? 0 : 1 / (1 - rate)));
    feeds[name] = { data, shape: concrete };
  }
  return feeds;
}

test.each(['sequence', 'token', 'span', 'masked-lm'] as const)(
  '%s: the gradient with dropout equals central differences in float64',
  async (head) => {
    const model = buildTaskModel({ config: tiny, head, labels: 3, training: true, maskedRowsOnly: true });
    const gather = differentiate(model);
    verifyGraph(model.graph);
    const program = await engine.compile(model.graph, { precision: 'float64' });
    const feeds = feedTiny(model);
    const results = await program.run(feeds, Object.fromEntries([...program.outputs].map((name) => [name, null])));
    const lossAt = async (name: string, j: number, delta: number) => {
      const tensor = feeds[name] as Tensor;
      const data = Float64Array.from(tensor.data as Float64Array, (x, k) => (k === j ? x + delta : x));
      const { loss } = await program.run({ ...feeds, [name]: { ...tensor, data } }, { loss: null });
      return Number(loss?.data[0]);
    };
    const step = 1e-5;
    for (const [name, gradient] of gather(results, feeds)) {
      const draw = random(5, head, name);
      // The elements with the largest gradient, and two at random (not of the padding row, which is left out of the gradient).
      const skipped = (model.builder.parameters.get(name)?.paddingRow ?? -1) === 0 ? 8 : 0;
      const top = gradient.reduce((best, x, j) => (Math.abs(x) > Math.abs(gradient[best] ?? 0) ? j : best), 0);
      const others = [0, 1].map(() => skipped + draw.integer(gradient.length - skipped));
      for (const j of new Set(top < skipped ? others : [top, ...others])) {
        const numeric = ((await lossAt(name, j, step)) - (await lossAt(name, j, -step))) / (2 * step);
        const difference = Math.abs(numeric - Number(gradient[j]));
        expect([name, j, difference < 1e-6 * Math.max(1, Math.abs(numeric))]).toEqual([name, j, true]);
      }
    }
    await program.release();
  },
);

test('predicting the masked rows alone gives the loss of predicting all', async () => {
  const losses = await Promise.all(
    [false, true].map(async (maskedRowsOnly) => {
      const model = buildTaskModel({ config: tiny, head: 'masked-lm', training: true, maskedRowsOnly });
      const program = await engine.compile(model.graph, { precision: 'float64' });
      const { loss } = await program.run(feedTiny(model), { loss: null });
      return Number(loss?.data[0]);
    }),
  );
  expect(losses[1]).toBeCloseTo(losses[0] as number, 12);
});

test('padding changes nothing for the other tokens', async () => {
  const model = buildTaskModel({ config: tiny, head: 'token', labels: 3, training: false });
  const program = await engine.compile(model.graph);
  const weights = Object.fromEntries(
    Object.entries(feedTiny(model)).map(([name, { data, shape }]) => [
      name,
      { shape, data: data instanceof Float64Array ? Float32Array.from(data) : data },
    ]),
  );
  const short = { ids: [2, 9, 3] };
  const logitsOf = async (sequences: { ids: number[] }[]) => {
    const fed = feedSequences(sequences, { padId: 0 });
    const rows = (data: BigInt64Array): Tensor => ({ data, shape: [fed.tokens] });
    const feeds = {
      ...weights,
      input_ids: rows(fed.input_ids),
      token_type_ids: rows(fed.token_type_ids),
      labels: rows(new BigInt64Array(fed.tokens)),
      position_ids: rows(fed.position_ids),
      attention_bias: { data: fed.attention_bias, shape: [fed.batch, 1, 1, fed.length] },
    };
    const { logits } = await program.run(feeds, { logits: null });
    const last = sequences.length - 1;
    return short.ids.flatMap((_, p) => {
      const row = rowOf(p, last, fed.batch);
      return Array.from((logits?.data ?? []).slice(3 * row, 3 * row + 3), Number);
    });
  };
  const [alone, padded] = [await logitsOf([short]), await logitsOf([{ ids: [2, 5, 7, 11, 3] }, short])];
  expect(worstDifference(alone, padded)).toBeLessThan(1e-6);
});

test('dropout sites are named by module, and only training has them', () => {
  const build = (training: boolean) => buildTaskModel({ config: tiny, head: 'sequence', labels: 2, training });
  expect([...build(true).builder.dropouts.keys()]).toEqual([
    'dropout.bert.embeddings',
    ...[0, 1].flatMap((i) => [
      `dropout.bert.encoder.layer.${i}.attention.self`,
      `dropout.bert.encoder.layer.${i}.attention.output`,
      `dropout.bert.encoder.layer.${i}.output`,
    ]),
    'dropout.classifier',
  ]);
  expect(build(false).builder.dropouts.size).toBe(0);
  expect(printGraph(build(false).graph)).not.toContain('dropout');
});

test('kinds and decay: the encoder is base, the classifier head; biases and norms do not decay', () => {
  const { builder } = buildTaskModel({ config: tiny, head: 'sequence', labels: 2, training: true });
  for (const { name, kind, decay } of builder.parameters.values()) {
    expect([name, kind]).toEqual([name, name.startsWith('classifier') ? 'head' : 'base']);
    expect([name, decay]).toEqual([name, !/bias$|LayerNorm/.test(name)]);
  }
});
