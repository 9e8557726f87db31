/** Layers: names and ties of parameters, dropout sites, activations against their formulas, and initial values. */
import { describe, expect, test } from '@jest/globals';
import { createGraph, gradients, input, sumAll, output, verifyGraph, type Value } from '../graph/index.js';
import { createOnnxRuntimeEngine } from '../runtime/index.js';
import {
  activatedLinear,
  createBuilder,
  dropout,
  embedding,
  embeddingTable,
  feedForward,
  initialValues,
  inModule,
  linear,
  norm,
  type ActivationName,
  type Builder,
  type Parameter,
} from './index.js';

const engine = createOnnxRuntimeEngine();
const base = { kind: 'base', std: 0.02 } as const;
const builder = (training = true): Builder =>
  createBuilder(createGraph('test', { tokens: ['length', 'batch'] }), { training });

describe('parameters', () => {
  test('are named by module, and carry what optimizers need', () => {
    const b = builder();
    const x = input(b.graph, 'x', ['tokens', 4]);
    const y = inModule(b, 'encoder.layer.0', () => linear(b, 'dense', x, { ...base, outputs: 3 }));
    inModule(b, 'encoder', () => norm(b, 'LayerNorm', y, { kind: 'base', epsilon: 1e-12 }));
    const listed = [...b.parameters.values()].map(({ name, shape, kind, decay }) => [name, shape, kind, decay]);
    expect(listed).toEqual([
      ['encoder.layer.0.dense.weight', [3, 4], 'base', true],
      ['encoder.layer.0.dense.bias', [3], 'base', false],
      ['encoder.LayerNorm.weight', [3], 'base', false],
      ['encoder.LayerNorm.bias', [3], 'base', false],
    ]);
    verifyGraph(b.graph);
  });

  test('declared twice are one', () => {
    const b = builder();
    const ids = input(b.graph, 'ids', ['tokens'], 'int64');
    const table = { ...base, rows: 7, width: 4 };
    embedding(b, 'words', ids, table);
    expect(embeddingTable(b, 'words', table)).toBe(b.parameters.get('words.weight')?.value);
    expect(b.parameters.size).toBe(1);
    expect(b.parameters.get('words.weight')?.table).toBe(true);
    expect(() => embeddingTable(b, 'words', { ...table, rows: 8 })).toThrow(/declared twice/);
  });

  test('of a table get their gradient as rows', () => {
    const b = builder();
    const ids = input(b.graph, 'ids', ['tokens'], 'int64');
    const y = linear(b, 'score', embedding(b, 'words', ids, { ...base, rows: 7, width: 4 }), { ...base, outputs: 1 });
    const loss = sumAll(y);
    const table = b.parameters.get('words.weight')?.value as Value;

    const [gradient] = gradients(loss, [table]);
    expect(gradient?.dense).toBeUndefined();
    expect(gradient?.rows.map(({ values }) => values.shape)).toEqual([['tokens', 4]]);
  });
});

describe('dropout', () => {
  test('is an input named by its module in training, and nothing otherwise', () => {
    for (const [training, rate, sites] of [
      [true, 0.1, 1],
      [true, 0, 0],
      [false, 0.1, 0],
    ] as const) {
      const b = builder(training);
      const x = input(b.graph, 'x', ['tokens', 4]);
      const y = inModule(b, 'encoder.output', () => dropout(b, x, rate));
      expect(y === x).toBe(sites === 0);
      expect([...b.dropouts]).toEqual(sites ? [['dropout.encoder.output', { rate, shape: ['tokens', 4] }]] : []);
    }
  });
});

/** Plain formulas; erf by its series, which converges everywhere. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
const gelu = (x: number) => (x / 2) * (1 + erf(x * Math.SQRT1_2));
const tanhGelu = (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const silu = (x: number) => x / (1 + Math.exp(-x));
const formulas: Record<ActivationName, (x: number) => number> = {
  gelu,
  gelu_python: gelu,
  gelu_new: tanhGelu,
  gelu_fast: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
  silu,
  swish: silu,
};

describe.each(Object.keys(formulas) as ActivationName[])('%s', (activation) => {
  test('behind a layer and between two is its formula', async () => {
    const b = builder();
    const x = input(b.graph, 'x', ['tokens', 2]);
    const options = { ...base, activation, outputs: 2 };
    output('behind', activatedLinear(b, 'dense', x, options));
    output('between', feedForward(b, x, { ...options, inner: 2, names: ['dense', 'out'] }));
    const program = await engine.compile(b.graph, { precision: 'float64' });
    const points = [-3, -1.1, -0.2, 0, 0.4, 1.7, 2.6, 3.3];
    const at = (data: number[], shape: number[]) => ({ data: Float64Array.from(data), shape });
    const feeds = {
      x: at(points, [4, 2]),
      'dense.weight': at([1, 0, 0, 1], [2, 2]),
      'dense.bias': at([0.25, 0.25], [2]),
      'out.weight': at([1, 0, 0, 1], [2, 2]),
      'out.bias': at([0.5, 0.5], [2]),
    };
    const { behind, between } = await program.run(feeds, { behind: null, between: null });
    points.forEach((point, i) => {
      const expected = formulas[activation](point + 0.25);
      expect(Number(behind?.data[i])).toBeCloseTo(expected, 12);
      expect(Number(between?.data[i])).toBeCloseTo(expected + 0.5, 12);
    });
  });
});

test('initial values depend on the seed and the name alone', () => {
  const options = { shape: [200, 50], kind: 'base', decay: true } as const;
  const weight: Omit<Parameter, 'value' | 'layer'> = { ...options, name: 'a.weight', initial: { normal: 0.02 } };
  const values = initialValues(weight, 1);
  expect(values).toEqual(initialValues(weight, 1));
  expect(values).not.toEqual(initialValues(weight, 2));
  expect(values).not.toEqual(initialValues({ ...weight, name: 'b.weight' }, 1));
  const mean = values.reduce((a, v) => a + v, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length);
  expect(Math.abs(mean)).toBeLessThan(0.001);
  expect(Math.abs(deviation - 0.02)).toBeLessThan(0.001);
  const padded = initialValues({ ...weight, paddingRow: 1 }, 1);
  expect(padded.subarray(50, 100)).toEqual(new Float32Array(50));
  expect(padded.subarray(100)).toEqual(values.subarray(100));
  expect(new Set(initialValues({ ...options, name: 'g', initial: 'ones' }, 1))).toEqual(new Set([1]));
  expect(new Set(initialValues({ ...options, name: 'g', initial: 'zeros' }, 1))).toEqual(new Set([0]));
  const even = initialValues({ ...options, name: 'a.lora_A.weight', initial: { uniform: 0.3 } }, 1);
  expect(Math.max(...even.map(Math.abs))).toBeCloseTo(0.3, 3);
  expect(Math.abs(even.reduce((a, v) => a + v ** 2, 0) / even.length - 0.03)).toBeLessThan(0.001);
  const bias = { ...options, name: 'g', shape: [2], initial: { values: [-3, 0.5] } };
  expect(initialValues(bias, 1)).toEqual(Float32Array.of(-3, 0.5));
  expect(() => initialValues({ ...bias, shape: [3] }, 1)).toThrow(/too few or too many/);
});
