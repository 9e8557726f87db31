/** Every operator: its gradient against central differences in float64, and both engines in float32 against float64. */
import { describe, expect, test } from '@jest/globals';
import { quantiseRows, random } from '../foundation/index.js';
import { transposeInt8 } from '../onnx/index.js';
import { createOnnxRuntimeEngine, createTfjsEngine, type Tensor } from '../runtime/index.js';
import { applyAll } from './build.js';
import {
  abs,
  add,
  argMax,
  attention,
  broadcastTo,
  concat,
  constant,
  createGraph,
  div,
  equal,
  erf,
  erfGate,
  exp,
  filled,
  gatherRows,
  gelu,
  gemm,
  gradients,
  greater,
  input,
  int8Gemm,
  integers,
  layerNorm,
  log,
  logSoftmax,
  matmul,
  max,
  mul,
  neg,
  oneHot,
  ops,
  output,
  relu,
  range,
  reshape,
  scatterAddRows,
  sequenceAttention,
  shiftRows,
  sigmoid,
  slice,
  softmax,
  softplus,
  sqrt,
  stopGradient,
  sub,
  sum,
  sumAll,
  tanh,
  toFloat,
  transpose,
  where,
  type Graph,
  type OpName,
  type Shape,
  type Value,
} from './index.js';

interface Case {
  /** Float inputs by shape; named sizes are batch = 2, length = 3, tokens = 6. */
  shapes: Shape[];
  build(values: Value[], graph: Graph, copies: Value[]): Value;
  /** Where the inputs are drawn from; default a standard normal. */
  domain?: 'positive' | 'away from zero';
  /** Inputs are integers below this. */
  integers?: { shape: Shape; below: number }[];
  /** The float input, a matrix, whose copies in 8 bits are inputs too, by rows and by columns: each its numbers and their scales. */
  int8?: number;
  /** How far results in single precision may be from those in double. Default 2e-5. */
  tolerance?: number;
  /** Default true. */
  differentiable?: boolean;
  /** How many of the inputs the gradient is checked for; default all. */
  differentiated?: number;
}

const sizes: Record<string, number> = { batch: 2, length: 3, tokens: 6 };
const one = (build: (x: Value) => Value, rest: Partial<Case> = {}): Case[] => [
  { shapes: [['tokens', 4]], build: ([x]) => build(x as Value), ...rest },
];
const two = (build: (x: Value, y: Value) => Value, rest: Partial<Case> = {}): Case[] =>
  [
    [['tokens', 4], [4]],
    [
      ['tokens', 1],
      ['tokens', 4],
    ],
    [
      ['tokens', 4],
      ['tokens', 4],
    ],
  ].map((shapes) => ({
    shapes,
    build: ([x, y]) => build(x as Value, y as Value),
    ...rest,
  }));
const booleans = [false, true];

const cases = {
  constant: one((x) => mul(x, constant(x.graph, [1, -2, 3, 0.5]))),
  filled: one((x) => mul(x, filled(x.graph, ['tokens', 4], 2.5))),
  range: one((x) => mul(x, toFloat(reshape(range(x.graph, 'tokens'), ['tokens', 1])))),
  add: two(add),
  sub: two(sub),
  mul: two(mul),
  div: two(div, { domain: 'away from zero' }),
  neg: one(neg),
  exp: one(exp),
  log: one(log, { domain: 'positive' }),
  sqrt: one(sqrt, { domain: 'positive' }),
  tanh: one(tanh),
  sigmoid: one(sigmoid),
  relu: one(relu, { domain: 'away from zero' }),
  abs: one(abs, { domain: 'away from zero' }),
  softplus: one(softplus),
  erf: one((x) => erf(mul(x, constant(x.graph, [0.3, 1, 2.5, 5])))),
  erfGate: one((x) => erfGate(mul(x, constant(x.graph, [0.3, 1, 2.5, 5])))),
  greater: one((x) => toFloat(greater(x, constant(x.graph, 0.1))), { differentiable: false }),
  equal: [
    {
      shapes: [['tokens', 4]],
      integers: [{ shape: ['tokens', 1], below: 3 }],
      build: ([x, i]) => mul(x as Value, toFloat(equal(i as Value, integers((x as Value).graph, [1])))),
    },
  ],
  where: two((x, y) => where(greater(x, constant(x.graph, 0)), mul(x, y), y), { domain: 'away from zero' }),
  toFloat: one((x) => mul(x, toFloat(greater(x, constant(x.graph, 0)))), { domain: 'away from zero' }),
  gemm: booleans.flatMap((transposeA) =>
    booleans.map((transposeB): Case => ({
      shapes: [
        transposeA ? [5, 'tokens'] : ['tokens', 5],
        transposeB ? [4, 5] : [5, 4],
        transposeA ? ['tokens', 4] : [4],
      ],
      build: ([a, b, c]) =>
        gemm(a as Value, b as Value, { c: c as Value, transposeA, transposeB, alpha: 0.7, beta: 1.3 }),
    })),
  ),
  matmul: booleans.flatMap((transposeA) =>
    booleans.flatMap((transposeB) =>
      booleans.flatMap((rowsFirstA) =>
        booleans.map((rowsFirstB): Case => {
          const operand = (rows: Shape[number], columns: Shape[number], transposed: boolean, first: boolean): Shape => {
            const [r, c] = transposed ? [columns, rows] : [rows, columns];
            return first ? [r, 'batch', 2, c] : ['batch', 2, r, c];
          };
          return {
            shapes: [operand('length', 4, transposeA, rowsFirstA), operand(4, 5, transposeB, rowsFirstB)],
            build: ([a, b]) =>
              matmul(a as Value, b as Value, { transposeA, transposeB, rowsFirstA, rowsFirstB, alpha: 0.6 }),
          };
        }),
      ),
    ),
  ),
  // Exact in double precision and where there are no such products; int8-products.spec.ts holds those there are against their definition.
  int8Gemm: booleans.flatMap((transposeB) =>
    booleans.map((bias): Case => ({
      shapes: [['tokens', 5], transposeB ? [4, 5] : [5, 4], ...(bias ? [[4]] : [])],
      int8: 1,
      tolerance: 0.2,
      build: ([x, weight, c], _, [byRow, rowScales, byColumn, columnScales]) => {
        const rows = { numbers: byRow as Value, scales: rowScales as Value };
        const columns = { numbers: byColumn as Value, scales: columnScales as Value };
        const copies = transposeB ? { forward: rows, backward: columns } : { forward: columns, backward: rows };
        return int8Gemm(x as Value, weight as Value, copies, { ...(c && { c }), transposeB, alpha: 0.7, beta: 1.3 });
      },
    })),
  ),
  sum: [...one((x) => sum(x, [0])), ...one((x) => sum(x, [-1], true)), ...one((x) => sum(x, [0, 1]))],
  max: one((x) => max(x, [-1]), { differentiable: false }),
  argMax: one((x) => toFloat(argMax(x)), { differentiable: false }),
  softmax: one(softmax),
  logSoftmax: one(logSoftmax),
  reshape: [{ shapes: [['tokens', 4]], build: ([x]) => reshape(x as Value, ['length', 'batch', 2, 2]) }],
  transpose: [{ shapes: [['batch', 3, 'length']], build: ([x]) => transpose(x as Value, [2, 0, 1]) }],
  broadcastTo: [
    {
      shapes: [[1, 4]],
      build: ([x], graph) => (input(graph, 'sized', ['tokens']), broadcastTo(x as Value, ['tokens', 4])),
    },
  ],
  slice: [
    ...one((x) => slice(x, 1, 1, 3)),
    {
      shapes: [
        ['tokens', 4],
        ['batch', 4],
      ],
      build: ([x, y]) => mul(slice(x as Value, 0, 0, 'batch'), y as Value),
    },
  ],
  unslice: [
    {
      shapes: [
        ['tokens', 2],
        ['tokens', 4],
      ],
      build: ([x, y]) =>
        applyAll((x as Value).graph, 'unslice', [x as Value, y as Value], { axis: 1, start: 1, end: [3] })[0] as Value,
    },
  ],
  // By more rows than there are, too.
  shiftRows: [1, -2, 7].map((by): Case => ({ shapes: [['tokens', 4]], build: ([x]) => shiftRows(x as Value, by) })),
  concat: [
    {
      shapes: [
        ['tokens', 4],
        ['tokens', 2],
      ],
      build: ([x, y]) => concat([x as Value, y as Value], 1),
    },
  ],
  gatherRows: [
    {
      shapes: [['tokens', 4]],
      integers: [{ shape: ['batch', 'length'], below: 6 }],
      build: ([x, i]) => gatherRows(x as Value, i as Value),
    },
  ],
  scatterAddRows: [
    {
      shapes: [
        ['batch', 4],
        ['tokens', 4],
      ],
      integers: [{ shape: ['batch'], below: 6 }],
      build: ([values, like, i]) => scatterAddRows(i as Value, values as Value, like as Value),
    },
    {
      shapes: [
        ['batch', 'length', 2, 3],
        [4, 2, 3],
      ],
      integers: [{ shape: ['batch', 'length'], below: 4 }],
      build: ([values, like, i]) => scatterAddRows(i as Value, values as Value, like as Value),
    },
  ],
  oneHot: [
    {
      shapes: [['tokens', 4]],
      integers: [{ shape: ['tokens'], below: 4 }],
      build: ([x, i]) => mul(x as Value, oneHot(i as Value, 4)),
    },
    {
      shapes: [['batch', 'length']],
      integers: [{ shape: ['batch'], below: 5 }],
      build: ([x, i]) => mul(x as Value, oneHot(i as Value, 'length')),
    },
  ],
  stopGradient: one((x) => mul(x, stopGradient(constant(x.graph, 3)))),
  layerNorm: [
    { shapes: [['tokens', 4], [4], [4]], build: ([x, g, b]) => layerNorm(x as Value, g as Value, b as Value, 1e-5) },
  ],
  standardize: one((x) => applyAll(x.graph, 'standardize', [x], { epsilon: 1e-5 })[0] as Value),
  attention: booleans.flatMap((dropout) =>
    booleans.map((firstOnly): Case => ({
      shapes: [
        [firstOnly ? 'batch' : 'tokens', 4],
        ['tokens', 4],
        ['tokens', 4],
        ['batch', 1, 1, 'length'],
        ...(dropout ? [['batch', 2, firstOnly ? 1 : 'length', 'length']] : []),
      ],
      differentiated: 3,
      build: ([q, k, v, bias, mask]) =>
        attention(
          { q: q as Value, k: k as Value, v: v as Value, bias: bias as Value, dropoutMask: mask },
          { heads: 2, length: 'length', batch: 'batch' },
        ),
    })),
  ),
  sequenceAttention: booleans.flatMap((firstOnly) =>
    // Some keys may not be seen, and all may.
    [-0.5, -100].map((least): Case => ({
      shapes: [
        [firstOnly ? 'batch' : 'tokens', 4],
        ['tokens', 4],
        ['tokens', 4],
        ['batch', 'length'],
      ],
      differentiable: false,
      build: ([q, k, v, seen], graph) =>
        sequenceAttention(
          { q: q as Value, k: k as Value, v: v as Value, real: greater(seen as Value, constant(graph, least)) },
          { heads: 2, scale: 0.6, length: 'length', batch: 'batch' },
        ),
    })),
  ),
  gelu: [
    {
      shapes: [['tokens', 4]],
      differentiable: false,
      build: ([x]) => gelu(mul(x as Value, constant((x as Value).graph, [0.3, 1, 2.5, 5]))),
    },
  ],
} satisfies Record<OpName, Case[]>;

const engine = createOnnxRuntimeEngine();
const singleEngines = [engine, await createTfjsEngine({ backend: 'wasm' }), await createTfjsEngine({ backend: 'cpu' })];
const concrete = (shape: Shape) => shape.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim] as number)));
const count = (shape: Shape) => concrete(shape).reduce((a, b) => a * b, 1);

/** Inputs for the copies of a matrix in 8 bits. */
const copyInputs = (graph: Graph, rows: number, columns: number): Value[] => [
  input(graph, 'by_row', [columns, rows], 'int8'),
  input(graph, 'row_scales', [rows]),
  input(graph, 'by_column', [rows, columns], 'int8'),
  input(graph, 'column_scales', [columns]),
];

function copyFeeds(matrix: Float64Array, rows: number): Record<string, Tensor> {
  const columns = matrix.length / rows;
  const transposed = matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
  const byRow = quantiseRows(Float32Array.from(matrix), rows);
  const byColumn = quantiseRows(Float32Array.from(transposed), columns);
  return {
    by_row: { data: transposeInt8(byRow.data, rows), shape: [columns, rows] },
    row_scales: { data: byRow.scales, shape: [rows] },
    by_column: { data: transposeInt8(byColumn.data, columns), shape: [rows, columns] },
    column_scales: { data: byColumn.scales, shape: [columns] },
  };
}

test('every operator stands in the table', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(ops).sort());
});

describe.each(Object.entries(cases) as [OpName, Case[]][])('%s', (op, list) => {
  test.each(list.map((item, i) => [i, item] as const))('case %i', async (_, item) => {
    const rng = random(7, op);
    const draw = () => {
      const x = rng.normal();
      if (item.domain === 'positive') return Math.abs(x) + 0.2;
      return item.domain === 'away from zero' ? Math.sign(x) * (Math.abs(x) + 0.2) : x;
    };
    const graph = createGraph(op, { tokens: ['length', 'batch'] });
    const x = item.shapes.map((shape, i) => input(graph, `x${i}`, shape));
    const ids = (item.integers ?? []).map(({ shape }, i) => input(graph, `i${i}`, shape, 'int64'));
    const [rows, columns] = (item.int8 === undefined ? [] : item.shapes[item.int8]) as number[];
    const copies = rows && columns ? copyInputs(graph, rows, columns) : [];
    const y = item.build([...x, ...ids], graph, copies);
    // A random weighting makes every element of the gradient matter.
    const weight = input(graph, 'weight', y.shape);
    const loss = sumAll(mul(y, weight));
    output('loss', loss);
    output('y', y);
    const found = item.differentiable === false ? [] : gradients(loss, x.slice(0, item.differentiated));
    found.forEach((gradient, i) => {
      const dense = gradient?.rows.length
        ? gradient.rows.map((rows) => scatterAddRows(rows.indices, rows.values, x[i] as Value)).reduce(add)
        : gradient?.dense;
      if (dense) output(`d${i}`, dense);
    });

    const data = item.shapes.map((shape) => Float64Array.from({ length: count(shape) }, draw));
    const feeds = (
      float: (values: Float64Array) => Tensor['data'],
      override?: Float64Array[],
    ): Record<string, Tensor> => ({
      ...Object.fromEntries(
        item.shapes.map((shape, i) => [
          `x${i}`,
          { data: float((override ?? data)[i] as Float64Array), shape: concrete(shape) },
        ]),
      ),
      ...Object.fromEntries(
        (item.integers ?? []).map(({ shape, below }, i) => [
          `i${i}`,
          {
            data: BigInt64Array.from({ length: count(shape) }, (_, j) => BigInt((j * 5 + 2) % below)),
            shape: concrete(shape),
          },
        ]),
      ),
      ...(rows && copyFeeds(data[item.int8 as number] as Float64Array, rows)),
      weight: { data: float(weights), shape: concrete(y.shape) },
      sized: { data: float(new Float64Array(6)), shape: [6] },
    });
    const weights = Float64Array.from({ length: count(y.shape) }, () => rng.normal());
    const program = await engine.compile(graph, { precision: 'float64' });
    const fetches = Object.fromEntries([...program.outputs].map((name) => [name, null]));
    const double = await program.run(
      feeds((values) => values),
      fetches,
    );

    const lossAt = async (i: number, j: number, delta: number): Promise<number> => {
      const moved = data.map((values, k) =>
        k === i ? values.map((value, l) => (l === j ? value + delta : value)) : values,
      );
      return Number(
        (
          await program.run(
            feeds((values) => values, moved),
            { loss: null },
          )
        )['loss']?.data[0],
      );
    };
    for (const [i, gradient] of found.entries()) {
      const step = 1e-5;
      for (let j = 0; j < count(item.shapes[i] as Shape); j++) {
        const numeric = ((await lossAt(i, j, step)) - (await lossAt(i, j, -step))) / (2 * step);
        const analytic = gradient ? Number(double[`d${i}`]?.data[j]) : 0;
        expect(Math.abs(analytic - numeric)).toBeLessThan(1e-6 * Math.max(1, Math.abs(numeric)));
      }
    }
    for (const singleEngine of singleEngines) {
      const label = `${singleEngine.name} on ${singleEngine.device}`;
      const singleProgram = await singleEngine.compile(graph);
      const single = await singleProgram.run(
        feeds((values) => Float32Array.from(values)),
        fetches,
      );
      await singleProgram.release();
      for (const name of program.outputs) {
        const [a, b] = [single[name], double[name]];
        expect([label, name, a?.shape]).toEqual([label, name, b?.shape]);
        const length = b?.data.length ?? 0;
        for (let j = 0; j < length; j++) {
          const [x, y] = [Number(a?.data[j]), Number(b?.data[j])];
          expect(Math.abs(x - y)).toBeLessThan((item.tolerance ?? 2e-5) * Math.max(1, Math.abs(y)));
        }
      }
    }
  });
});

test('rows that many values are added to lose none of them, however many threads add', async () => {
  const graph = createGraph('scatter');
  const like = input(graph, 'like', [64, 256]);
  output('y', scatterAddRows(input(graph, 'i', ['n'], 'int64'), input(graph, 'values', ['n', 256]), like));
  const n = 4000;
  const program = await createOnnxRuntimeEngine({ threads: 4 }).compile(graph);
  const feeds = {
    like: { data: new Float32Array(64 * 256), shape: [64, 256] },
    i: { data: BigInt64Array.from({ length: n }, (_, j) => BigInt((j * j) % 5)), shape: [n] },
    values: { data: new Float32Array(n * 256).fill(1), shape: [n, 256] },
  };
  const counts = [0, 0, 0, 0, 0];
  for (let j = 0; j < n; j++) counts[(j * j) % 5]! += 1;
  for (let turn = 0; turn < 5; turn++) {
    const { data } = (await program.run(feeds, { y: null }))['y'] as Tensor;
    expect(counts.map((_, row) => [data[row * 256], data[row * 256 + 255]])).toEqual(counts.map((c) => [c, c]));
  }
  await program.release();
});
