import { describe, expect, test } from '@jest/globals';
import { graph, models, nn, training } from '@fieldcraft/core/internals';
import { flopsOf, productsOf, storedShape } from './products.js';

const plain = { transposeA: false, transposeB: false, rowsFirstA: false, rowsFirstB: false };

describe('productsOf', () => {
  test('counts a layer, its input gradient and its weight gradient', () => {
    const g = graph.createGraph('layer');
    const x = graph.input(g, 'x', ['tokens', 8]);
    const weight = graph.input(g, 'weight', [4, 8]);
    const y = graph.gemm(x, weight, { transposeB: true });
    const [dx, dw] = graph.gradients(graph.sumAll(graph.square(y)), [x, weight]);
    graph.output('dx', dx!.dense!);
    graph.output('dw', dw!.dense!);
    const gemm = { op: 'gemm', ...plain, batch: [], count: 1 };
    expect(productsOf(g, { tokens: 5 })).toEqual(
      expect.arrayContaining([
        { ...gemm, transposeB: true, n: 5, k: 8, m: 4 },
        { ...gemm, n: 5, k: 4, m: 8 },
        { ...gemm, transposeA: true, n: 4, k: 5, m: 8 },
      ]),
    );
    expect(productsOf(g, { tokens: 5 })).toHaveLength(3);
  });

  test('counts equal products together, and leaves out what no output needs and sums written as products', () => {
    const g = graph.createGraph('products');
    const [a, b, c] = ['a', 'b', 'c'].map((name) => graph.input(g, name, [3, 3]));
    graph.output('ab', graph.gemm(a!, b!));
    graph.output('ac', graph.gemm(a!, c!));
    graph.gemm(b!, c!);
    graph.output('sums', graph.gemm(graph.filled(g, [1, 3], 1), a!));
    expect(productsOf(g, {})).toEqual([{ op: 'gemm', ...plain, batch: [], n: 3, k: 3, m: 3, count: 2 }]);
  });

  test('reads batches of products whatever their layout', () => {
    const g = graph.createGraph('batches');
    const a = graph.input(g, 'a', ['length', 'batch', 2, 7]);
    const b = graph.input(g, 'b', ['batch', 2, 5, 7]);
    graph.output('y', graph.matmul(a, b, { rowsFirstA: true, transposeB: true }));
    expect(productsOf(g, { batch: 3, length: 11 })).toEqual([
      { op: 'matmul', ...plain, rowsFirstA: true, transposeB: true, batch: [3, 2], n: 11, k: 7, m: 5, count: 1 },
    ]);
  });

  test('finds three times the forward products of an encoder in its training step', () => {
    const [hidden, inner, layers, heads] = [16, 64, 2, 4];
    const config = models.readModelConfig({
      model_type: 'bert',
      vocab_size: 50,
      hidden_size: hidden,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      intermediate_size: inner,
    });
    const objective: training.Objective = {
      name: 'token',
      head: (b, { hidden: rows }) => models.architectureOf(config).tokenHead(b, config, rows, { labels: 3 }),
      loss: (b, logits) => nn.crossEntropy(logits, graph.input(b.graph, 'labels', ['tokens'], 'int64')),
    };
    const [batch, length] = [2, 6];
    const tokens = batch * length;
    const { graph: step } = training.createStepProgram(objective, config);
    const flops = productsOf(step, { batch, length, tokens }).reduce(
      (sum, product) => sum + product.count * flopsOf(product),
      0,
    );
    const layer = tokens * (4 * hidden * hidden + 2 * hidden * inner) + 2 * batch * length * length * hidden;
    expect(flops).toBe(3 * 2 * (layers * layer + tokens * hidden * 3));
  });
});

test('storedShape is the operand before it is transposed and before its rows are moved behind the batch', () => {
  const names = (transposed: boolean, rowsFirst: boolean) => storedShape(['b'], ['r', 'c'], { transposed, rowsFirst });
  expect(names(false, false)).toEqual(['b', 'r', 'c']);
  expect(names(true, false)).toEqual(['b', 'c', 'r']);
  expect(names(false, true)).toEqual(['r', 'b', 'c']);
  expect(names(true, true)).toEqual(['c', 'b', 'r']);
});
