/** Fused graphs: the same numbers in either precision, from fewer operators, and no rows moved on the way. */
import { expect, test } from '@jest/globals';
import { intentLabel, taskKinds } from '../data/index.js';
import { buildServedGraph } from '../export/index.js';
import { random } from '../foundation/index.js';
import { lowerGraph } from '../onnx/index.js';
import { readModelConfig } from '../models/index.js';
import { createOnnxRuntimeEngine, type Tensor } from '../runtime/index.js';
import { createTask } from '../tasks/index.js';
import { fuseGraph, type Graph } from './index.js';

const config = (activation: string) =>
  readModelConfig({
    model_type: 'bert',
    vocab_size: 50,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 24,
    max_position_embeddings: 32,
    hidden_act: activation,
    layer_norm_eps: 1e-12,
  });

/** Spans and intents, of a kind that has both. */
const labels = ['date', 'place', 'book', 'cancel'].map((label, i) => (i < 2 ? label : intentLabel(label)));
const served = (activation = 'gelu') =>
  buildServedGraph(
    'model',
    config(activation),
    taskKinds.map((kind) => ({ task: createTask(kind, { name: kind, labels }), output: kind })),
  );

const [batch, length] = [3, 7];

/** What a batch brings, of three lengths, and weights drawn so widely that an error anywhere shows. */
function feedsOf(graph: Graph, double: boolean): Record<string, Tensor> {
  const rng = random(5, 'fuse');
  const feeds: Record<string, Tensor> = {};
  for (const [name, { dtype, shape }] of graph.inputs) {
    if (dtype === 'int64') {
      const ids = Array.from({ length: batch * length }, (_, i) => {
        const real = i % length < length - 2 * Math.floor(i / length);
        return name === 'attention_mask' ? Number(real) : name === 'input_ids' ? (i * 7 + 3) % 50 : i % 2;
      });
      feeds[name] = { data: BigInt64Array.from(ids, BigInt), shape: [batch, length] };
      continue;
    }
    const sizes = shape as number[];
    const values = Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => 0.5 * rng.normal());
    feeds[name] = { data: double ? Float64Array.from(values) : Float32Array.from(values), shape: sizes };
  }
  return feeds;
}

async function run(graph: Graph, precision: 'float32' | 'float64'): Promise<Record<string, Tensor>> {
  const program = await createOnnxRuntimeEngine({ threads: 1 }).compile(graph, { precision });
  const feeds = feedsOf(graph, precision === 'float64');
  const results = await program.run(feeds, Object.fromEntries([...program.outputs].map((name) => [name, null])));
  await program.release();
  return results;
}

test.each([
  ['float64', 'gelu', 1e-9],
  ['float32', 'gelu', 1e-5],
  ['float64', 'relu', 1e-9],
  ['float32', 'gelu_new', 1e-5],
] as const)('every head gives the same in %s with %s', async (precision, activation, tolerance) => {
  const { graph } = served(activation);
  const [plain, fused] = [await run(graph, precision), await run(fuseGraph(graph), precision)];
  expect(Object.keys(fused)).toEqual(Object.keys(plain));
  for (const [name, { data, shape }] of Object.entries(plain)) {
    expect([name, fused[name]!.shape]).toEqual([name, shape]);
    const [expected, got] = [Array.from(data, Number), Array.from(fused[name]!.data, Number)];
    const spread = Math.max(1, ...expected.map(Math.abs));
    const error = Math.max(...expected.map((value, i) => Math.abs(value - got[i]!)));
    expect([name, error / spread < tolerance ? 'equal' : error]).toEqual([name, 'equal']);
  }
});

test('on a CPU each layer is six products, one attention, two norms and a GELU, and no rows are transposed', () => {
  const { nodes } = lowerGraph(fuseGraph(served().graph), { precision: 'float32', provider: 'cpu' });
  const count = (opType: string) => nodes.filter((node) => node.opType === opType).length;
  const layers = nodes.filter(({ name }) => name.includes('.layer.'));
  expect(layers.filter(({ opType }) => opType === 'Gemm').length).toBe(12);
  expect(count('If')).toBe(2);
  for (const { attributes } of nodes.filter(({ opType }) => opType === 'If')) {
    const padded = { opType: 'MultiHeadAttention', inputs: { length: 5 } };
    const full = { opType: 'MultiHeadAttention', inputs: { length: 3 } };
    expect(attributes).toMatchObject({ then_branch: { branch: full }, else_branch: { branch: padded } });
  }
  expect(count('LayerNormalization')).toBe(5);
  expect(count('Gelu')).toBe(2);
  expect(['Erf', 'Softmax', 'FusedMatMul'].map(count)).toEqual([0, 0, 0]);
  // The two columns of the starts and ends of spans become two matrices.
  const moving = nodes.filter(({ opType }) => opType === 'Transpose');
  expect(moving.map(({ name }) => name)).toEqual(['heads.span-selection.transpose.Transpose']);
});

test('with one head of sequences the last layer asks of the first positions alone, fused or not', () => {
  const task = createTask('classification', { name: 'terms', labels: ['a', 'b'] });
  const { graph } = buildServedGraph('model', config('gelu'), [{ task, output: 'terms' }]);
  const shapeOf = (path: string) =>
    fuseGraph(graph).nodes.find(({ op, path: at }) => op === 'gemm' && at.endsWith(path))?.outputs[0]?.shape;
  expect(shapeOf('layer.1.attention.self.query')).toEqual(['batch', 16]);
  expect(shapeOf('layer.1.attention.self.key')).toEqual(['tokens', 16]);
});
