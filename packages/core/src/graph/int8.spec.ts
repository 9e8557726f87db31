/** Products in 8 bits beside a plain version of their definition, forward and backward. */
import { expect, test } from '@jest/globals';
import { quantiseRows, random, type Int8Matrix } from '../foundation/index.js';
import { transposeInt8 } from '../onnx/index.js';
import { createOnnxRuntimeEngine, type Tensor } from '../runtime/index.js';
import { createGraph, gemm, gradients, input, int8Gemm, mul, output, sumAll, type Graph, type Value } from './index.js';

const [rows, inputs, outputs] = [6, 24, 20];
const factors = { alpha: 0.7, beta: 1.3 };
const engine = createOnnxRuntimeEngine({ threads: 1 });

/** ONNX's DynamicQuantizeLinear: unsigned numbers, with a zero point so that 0 is exact. */
function quantiseDynamically(x: Float32Array): { numbers: number[]; scale: number } {
  const [low, high] = [Math.min(0, ...x), Math.max(0, ...x)];
  const scale = Math.fround(Math.fround(high - low) / 255);
  if (scale === 0) return { numbers: [...x].map(() => 0), scale: 1 };
  const zero = Math.max(0, Math.min(255, roundToEven(Math.fround(-low / scale))));
  const numbers = [...x].map((value) => {
    const number = roundToEven(Math.fround(value / scale)) + zero;
    return Math.max(0, Math.min(255, number)) - zero;
  });
  return { numbers, scale };
}

const roundToEven = (x: number): number => {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (Math.abs(floor) % 2) : Math.round(x);
};

/** x [n, k] times the matrix [m, k] that `copy` has by rows, transposed. */
function productOf(x: Float32Array, { data, scales }: Int8Matrix): number[] {
  const [m, k] = [scales.length, data.length / scales.length];
  const { numbers, scale } = quantiseDynamically(x);
  return Array.from({ length: (x.length / k) * m }, (_, i) => {
    const [row, column] = [Math.floor(i / m), i % m];
    let sum = 0;
    for (let j = 0; j < k; j++) sum += numbers[row * k + j]! * data[column * k + j]!;
    return sum * scale * scales[column]!;
  });
}

/** A layer's output, and its gradients where each element of the output counts `weight`. */
function layerGraph(product: (graph: Graph, x: Value, weight: Value, bias: Value) => Value): Graph {
  const graph = createGraph('layer');
  const x = input(graph, 'x', ['rows', inputs]);
  const [weight, bias] = [input(graph, 'weight', [outputs, inputs]), input(graph, 'bias', [outputs])];
  const y = product(graph, x, weight, bias);
  output('y', y);
  const loss = sumAll(mul(y, input(graph, 'dy', ['rows', outputs])));
  for (const [i, found] of gradients(loss, [x, weight, bias]).entries())
    if (found?.dense) output(['dx', 'dw', 'db'][i] as string, found.dense);
  return graph;
}

async function run(graph: Graph, feeds: Record<string, Tensor>): Promise<Record<string, number[]>> {
  const program = await engine.compile(graph);
  const results = await program.run(feeds, Object.fromEntries([...program.outputs].map((name) => [name, null])));
  await program.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

const normal = (count: number, seed: number, size = 1): Float32Array => {
  const rng = random(seed, 'int8');
  return Float32Array.from({ length: count }, () => size * rng.normal());
};

const weight = normal(outputs * inputs, 1, 0.1);
const byOutput = quantiseRows(weight, outputs);
const transposed = Float32Array.from(weight, (_, i) => weight[(i % outputs) * inputs + Math.floor(i / outputs)]!);
const byInput = quantiseRows(transposed, inputs);
const bias = normal(outputs, 2);

const feedsOf = (x: Float32Array, dy: Float32Array): Record<string, Tensor> => ({
  x: { data: x, shape: [rows, inputs] },
  dy: { data: dy, shape: [rows, outputs] },
  weight: { data: weight, shape: [outputs, inputs] },
  bias: { data: bias, shape: [outputs] },
  by_output: { data: transposeInt8(byOutput.data, outputs), shape: [inputs, outputs] },
  output_scales: { data: byOutput.scales, shape: [outputs] },
  by_input: { data: transposeInt8(byInput.data, inputs), shape: [outputs, inputs] },
  input_scales: { data: byInput.scales, shape: [inputs] },
});

const inInt8 = layerGraph((graph, x, weight, c) => {
  const forward = {
    numbers: input(graph, 'by_output', [inputs, outputs], 'int8'),
    scales: input(graph, 'output_scales', [outputs]),
  };
  const backward = {
    numbers: input(graph, 'by_input', [outputs, inputs], 'int8'),
    scales: input(graph, 'input_scales', [inputs]),
  };
  return int8Gemm(x, weight, { forward, backward }, { c, transposeB: true, ...factors });
});
const inFloats = layerGraph((_, x, weight, c) => gemm(x, weight, { c, transposeB: true, ...factors }));

const largest = (numbers: readonly number[]): number => Math.max(...numbers.map(Math.abs));

function expectNear(got: readonly number[], expected: readonly number[]): void {
  expect(got.length).toBe(expected.length);
  expect(largest(got.map((value, i) => value - expected[i]!))).toBeLessThan(2e-6 * largest(expected));
}

test('output and input gradient are products of 8-bit numbers, and the gradients of weight and bias are those of floats', async () => {
  const [x, dy] = [normal(rows * inputs, 3), normal(rows * outputs, 4, 0.01)];
  const feeds = feedsOf(x, dy);
  const [int8, floats] = [await run(inInt8, feeds), await run(inFloats, feeds)];
  const { alpha, beta } = factors;
  expectNear(
    int8['y']!,
    productOf(x, byOutput).map((value, i) => alpha * value + beta * bias[i % outputs]!),
  );
  expectNear(
    int8['dx']!,
    productOf(dy, byInput).map((value) => alpha * value),
  );
  expect([int8['dw'], int8['db']]).toEqual([floats['dw'], floats['db']]);
  // Rounding is seen, and no more than rounding.
  for (const name of ['y', 'dx']) {
    const off = largest(int8[name]!.map((value, i) => value - floats[name]![i]!)) / largest(floats[name]!);
    expect(off).toBeGreaterThan(1e-4);
    expect(off).toBeLessThan(0.03);
  }
});

test('rows of zeros are products of zeros', async () => {
  const { y, dx } = await run(inInt8, feedsOf(new Float32Array(rows * inputs), new Float32Array(rows * outputs)));
  expectNear(
    y!,
    Array.from({ length: rows * outputs }, (_, i) => factors.beta * bias[i % outputs]!),
  );
  expect(dx!.every((value) => value === 0)).toBe(true);
});

test('a graph of such products asks for no weights but for where the exact product takes their place', async () => {
  const single = await engine.compile(inInt8);
  const double = await engine.compile(inInt8, { precision: 'float64' });
  const copies = ['by_output', 'output_scales', 'by_input', 'input_scales'];
  expect([single, double].map(({ inputs }) => inputs.has('weight'))).toEqual([false, true]);
  expect(copies.map((name) => single.inputs.has(name))).toEqual([true, true, true, true]);
  expect(copies.some((name) => double.inputs.has(name))).toBe(false);
  await single.release();
  await double.release();
});
