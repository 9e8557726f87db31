/** Products in INT8 against the same whole numbers added up here, and tables whose rows are the very numbers that are stored. */
import { expect, test } from '@jest/globals';
import { dequantiseRows, quantiseRows, random } from '../foundation/index.js';
import { add, createGraph, gatherRows, gemm, input, mul, output, type Value } from '../graph/index.js';
import { openOnnxModel } from '../runtime/index.js';
import {
  blockWidth,
  encodeOnnx,
  lowerGraph,
  productGroups,
  quantisableWeights,
  quantiseBlocks,
  quantiseOnnx,
  scaleName,
  smoothingName,
  statisticsOf,
  transposeInt8,
  withColumnStatistics,
  type BakedTensor,
} from './index.js';

const [rows, inputs, outputs] = [5, 70, 9];
const rng = random(3, 'quantise');
const normals = (count: number, spread: number) => Float32Array.from({ length: count }, () => spread * rng.normal());
const weight = normals(outputs * inputs, 0.3);
const bias = normals(outputs, 1);
const table = normals(11 * 4, 2);

const onnx = (build: (weight: Value, x: Value) => Value) => {
  const graph = createGraph('products');
  output('y', build(input(graph, 'w', [outputs, inputs]), input(graph, 'x', ['rows', inputs])));
  return lowerGraph(graph, { precision: 'float32', provider: 'cpu' });
};
const product = (w: Value, x: Value) => gemm(x, w, { c: input(x.graph, 'b', [outputs]), transposeB: true });

/** Round half to even, as IEEE 754 rounds. */
function roundEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/** What `DynamicQuantizeLinear` of ONNX makes of a tensor: unsigned numbers with one scale, around a zero point that stands for 0 exactly. */
function quantiseTensor(x: Float32Array) {
  const [least, most] = [Math.min(0, ...x), Math.max(0, ...x)];
  const scale = Math.fround(Math.fround(most - least) / 255);
  const zero = roundEven(Math.min(255, Math.max(0, Math.fround(-least / scale))));
  const numbers = Array.from(x, (value) => Math.min(255, Math.max(0, roundEven(Math.fround(value / scale)) + zero)));
  return { scale, zero, numbers };
}

test.each([
  ['of both signs', (x: number) => x],
  ['positive', Math.abs],
  ['of one large number', (x: number, i: number) => (i === 3 ? 60 : x)],
])('a product in INT8 is the sum of products of whole numbers, times the scales: inputs %s', async (_, change) => {
  const x = normals(rows * inputs, 1.5).map((value, i) => change(value, i));
  // 7 bits, so that no CPU's kernel overflows.
  const { data, scales } = quantiseRows(weight, outputs, { largest: 63 });
  const weights = new Map<string, BakedTensor>([
    ['w', { shape: [inputs, outputs], data: transposeInt8(data, outputs) }],
    [scaleName('w'), { shape: [outputs], data: scales }],
    ['b', { shape: [outputs], data: bias }],
  ]);
  const program = await openOnnxModel(encodeOnnx(quantiseOnnx(onnx(product), new Map([['w', 'int8']])), { weights }));
  const y = (await program.run({ x: { data: x, shape: [rows, inputs] } }, { y: null }))['y']!;
  await program.release();
  expect(y.shape).toEqual([rows, outputs]);
  const { scale, zero, numbers } = quantiseTensor(x);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < outputs; column++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += (numbers[row * inputs + i]! - zero) * data[column * inputs + i]!;
      const unit = scale * scales[column]!;
      const got = (Number(y.data[row * outputs + column]) - bias[column]!) / unit;
      expect(Math.abs(got - sum)).toBeLessThan(0.01);
    }
  }
});

test('columns that are divided by factors before they are quantised, and their weights’ multiplied, give the same product with less error', async () => {
  const large = 7;
  const x = normals(rows * inputs, 1).map((value, i) => (i % inputs === large ? 60 * value : value));
  const factors = Array.from({ length: inputs }, (_, i) => (i === large ? 12 : 1));
  const exact = Array.from({ length: rows * outputs }, (_, at) => {
    const [row, column] = [Math.floor(at / outputs), at % outputs];
    return factors.reduce((sum, __, i) => sum + x[row * inputs + i]! * weight[column * inputs + i]!, 0);
  });
  const errorOf = async (smoothed: ReadonlyMap<string, string>) => {
    const values = smoothed.size === 0 ? weight : weight.map((value, i) => value * factors[i % inputs]!);
    const { data, scales } = quantiseRows(values, outputs, { largest: 63 });
    const weights = new Map<string, BakedTensor>([
      ['w', { shape: [inputs, outputs], data: transposeInt8(data, outputs) }],
      [scaleName('w'), { shape: [outputs], data: scales }],
      [smoothingName('w'), { shape: [inputs], data: Float32Array.from(factors, (factor) => 1 / factor) }],
      ['b', { shape: [outputs], data: new Float32Array(outputs) }],
    ]);
    const graph = quantiseOnnx(onnx(product), new Map([['w', 'int8']]), smoothed);
    const program = await openOnnxModel(encodeOnnx(graph, { weights }));
    const { data: y } = (await program.run({ x: { data: x, shape: [rows, inputs] } }, { y: null }))['y']!;
    await program.release();
    return Math.sqrt(exact.reduce((sum, value, i) => sum + (value - Number(y[i])) ** 2, 0) / exact.length);
  };
  const [plain, smooth] = [await errorOf(new Map()), await errorOf(new Map([['x', 'w']]))];
  expect(smooth).toBeLessThan(plain / 2);
});

test('a product in blocks is the sum of products of whole numbers by blocks, each times both scales', async () => {
  const x = normals(rows * inputs, 1.5).map((value, i) => (i % inputs === 3 ? 60 * value : value));
  const { data, scales } = quantiseBlocks(weight, outputs);
  const blocks = Math.ceil(inputs / blockWidth);
  const weights = new Map<string, BakedTensor>([
    ['w', { shape: [outputs, blocks, blockWidth], data }],
    [scaleName('w'), { shape: [outputs * blocks], data: scales }],
    ['b', { shape: [outputs], data: bias }],
  ]);
  const program = await openOnnxModel(encodeOnnx(quantiseOnnx(onnx(product), new Map([['w', 'blocks']])), { weights }));
  const y = (await program.run({ x: { data: x, shape: [rows, inputs] } }, { y: null }))['y']!;
  await program.release();
  expect(y.shape).toEqual([rows, outputs]);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < outputs; column++) {
      let expected = bias[column]!;
      for (let block = 0; block < blocks; block++) {
        const start = row * inputs + block * blockWidth;
        const part = x.slice(start, Math.min(start + blockWidth, (row + 1) * inputs));
        const scale = Math.max(...part.map(Math.abs)) / 127;
        const at = column * blocks + block;
        const held = data.subarray(at * blockWidth, (at + 1) * blockWidth);
        const sum = part.reduce((total, value, i) => total + roundEven(value / scale) * (held[i]! - 128), 0);
        expected += sum * scale * scales[at]!;
      }
      expect(Number(y.data[row * outputs + column])).toBeCloseTo(expected, 2);
    }
  }
});

test('of rows that weights multiply which multiply no others, the largest magnitudes and mean squares of columns are told', async () => {
  const graph = createGraph('groups');
  const [x, z] = [input(graph, 'x', ['rows', 3]), input(graph, 'z', ['rows', 3])];
  const [one, two, both] = ['one', 'two', 'both'].map((name) => input(graph, name, [2, 3])) as [Value, Value, Value];
  const times = (rows: Value, w: Value) => gemm(rows, w, { transposeB: true });
  output('y', add(add(times(x, one), times(x, two)), add(times(z, both), times(mul(z, z), both))));
  const lowered = lowerGraph(graph, { precision: 'float32', provider: 'cpu' });
  expect([...productGroups(lowered, ['one', 'two', 'both'])]).toEqual([
    ['one', { rows: 'x', weights: ['one', 'two'] }],
  ]);
  const watched = withColumnStatistics(lowered, new Map([['one', { rows: 'x', columns: 3 }]]));
  const { largest, squares } = statisticsOf('one');
  const program = await openOnnxModel(encodeOnnx(watched));
  const [values, ones] = [Float32Array.of(1, -2, 3, -3, 0, 1), new Float32Array(6).fill(1)];
  const feeds = {
    ...{ x: { data: values, shape: [2, 3] }, z: { data: ones, shape: [2, 3] } },
    ...Object.fromEntries(['one', 'two', 'both'].map((name) => [name, { data: ones, shape: [2, 3] }])),
  };
  const found = await program.run(feeds, { [largest]: null, [squares]: null });
  await program.release();
  expect(Array.from(found[largest]!.data, Number)).toEqual([3, 2, 3]);
  expect(Array.from(found[squares]!.data, Number)).toEqual([5, 2, 5]);
});

test('rows of a table are the stored numbers times their row’s scale', async () => {
  const graph = createGraph('rows');
  output('y', gatherRows(input(graph, 'table', [11, 4]), input(graph, 'ids', ['n'], 'int64')));
  const lowered = lowerGraph(graph, { precision: 'float32', provider: 'cpu' });
  expect([...quantisableWeights(lowered)]).toEqual([['table', 'table']]);
  const stored = quantiseRows(table, 11);
  const weights = new Map<string, BakedTensor>([
    ['table', { shape: [11, 4], data: stored.data }],
    [scaleName('table'), { shape: [11, 1], data: stored.scales }],
  ]);
  const program = await openOnnxModel(encodeOnnx(quantiseOnnx(lowered, new Map([['table', 'int8']])), { weights }));
  const ids = BigInt64Array.of(10n, 0n, 3n, 3n);
  const { data } = (await program.run({ ids: { data: ids, shape: [4] } }, { y: null }))['y']!;
  await program.release();
  const meant = dequantiseRows(stored);
  expect([...data]).toEqual([...ids].flatMap((id) => [...meant.subarray(Number(id) * 4, Number(id) * 4 + 4)]));
});

test('each row’s largest number is 127, zeros stay zeros, and no value is off by more than half a step', () => {
  const values = table.map((value, i) => (i < 4 ? 0 : value));
  const { data, scales } = quantiseRows(values, 11);
  expect([...data.subarray(0, 4), scales[0]]).toEqual([0, 0, 0, 0, 1]);
  for (let row = 1; row < 11; row++)
    expect(Math.max(...[...data.subarray(row * 4, row * 4 + 4)].map(Math.abs))).toBe(127);
  dequantiseRows({ data, scales }).forEach((value, i) =>
    expect(Math.abs(value - values[i]!)).toBeLessThan(0.5001 * scales[Math.floor(i / 4)]!),
  );
});

test('weights that something else reads, or that are scaled on the way, stay as they are', () => {
  expect([...quantisableWeights(onnx(product))]).toEqual([['w', 'product']]);
  expect(quantisableWeights(onnx((w, x) => mul(product(w, x), gemm(x, mul(w, w), { transposeB: true })))).size).toBe(0);
  expect(quantisableWeights(onnx((w, x) => gemm(x, w, { transposeB: true, alpha: 0.5 }))).size).toBe(0);
  expect(quantisableWeights(onnx((w, x) => gemm(w, x, { transposeB: true }))).size).toBe(0);
});
