/** Narrowing: the same numbers from fewer rows, and only where nobody reads the others. */
import { expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { createOnnxRuntimeEngine, type Tensor } from '../runtime/index.js';
import {
  add,
  attention,
  createGraph,
  erfGate,
  gatherRows,
  gemm,
  gradients,
  input,
  layerNorm,
  mul,
  narrowRows,
  output,
  slice,
  sumAll,
  type Graph,
  type Value,
} from './index.js';

const sizes: Record<string, number> = { batch: 3, length: 4, tokens: 12, chosen: 5 };
const width = 8;

/** A layer as encoders have it, from x [tokens, width]; `weight` and the masks are inputs of the graph. */
function encoderLayer(graph: Graph, x: Value, name: string): Value {
  const square = (part: string) => input(graph, `${name}.${part}`, [width, width]);
  const vector = (part: string) => input(graph, `${name}.${part}`, [width]);
  const bias = input(graph, 'bias', ['batch', 1, 1, 'length']);
  const dropoutMask = input(graph, `${name}.mask`, ['batch', 2, 'length', 'length']);
  const [q, k, v] = ['q', 'k', 'v'].map((part) => gemm(x, square(part), { c: vector(`${part}.bias`) })) as [
    Value,
    Value,
    Value,
  ];
  const context = attention({ q, k, v, bias, dropoutMask }, { heads: 2, length: 'length', batch: 'batch' });
  const attended = mul(gemm(context, square('o')), input(graph, `${name}.kept`, ['tokens', width]));
  const normal = layerNorm(add(attended, x), vector('gain'), vector('shift'), 1e-6);
  return add(normal, gemm(erfGate(gemm(normal, square('up'))), square('down')));
}

/** Runs what is built from the output of two layers with and without narrowing: values and the gradients of all weights. */
async function both(read: (graph: Graph, hidden: Value) => Value[]) {
  const shapes: string[][] = [];
  const results: Record<string, number[]>[] = [];
  for (const narrow of [false, true]) {
    const graph = createGraph('narrow', { tokens: ['length', 'batch'] });
    const x = input(graph, 'x', ['tokens', width]);
    const hidden = encoderLayer(graph, encoderLayer(graph, x, 'first'), 'second');
    const read1 = read(graph, hidden);
    const values = narrow ? narrowRows(read1) : read1;
    const loss = values.map((value) => sumAll(mul(value, value))).reduce(add);
    const weights = [...graph.inputs.values()].filter(({ shape }) => shape.every((dim) => typeof dim === 'number'));
    values.forEach((value, i) => output(`value.${i}`, value));
    gradients(loss, weights).forEach((gradient, i) => output(`gradient.${weights[i]?.name}`, gradient?.dense as Value));
    const engine = createOnnxRuntimeEngine({ threads: 1 });
    const program = await engine.compile(graph, { precision: 'float64' });
    const feeds = Object.fromEntries(
      [...graph.inputs].map(([name, { shape, dtype }]) => [name, feed(name, shape, dtype)]),
    );
    const fetched = await program.run(feeds, Object.fromEntries([...graph.outputs.keys()].map((name) => [name, null])));
    await program.release();
    results.push(
      Object.fromEntries(Object.entries(fetched).map(([name, { data }]) => [name, Array.from(data, Number)])),
    );
    // The shapes that the second layer's norm and feed-forward work on.
    const live = [...graph.nodes].filter(({ op }) => op === 'erfGate' || op === 'attention');
    shapes.push(live.map(({ op, outputs }) => `${op} ${outputs[0]?.shape[0]}`));
  }
  return { plain: results[0] ?? {}, narrowed: results[1] ?? {}, before: shapes[0] ?? [], after: shapes[1] ?? [] };
}

function feed(name: string, shape: readonly (number | string)[], dtype: string): Tensor {
  const rng = random(5, name);
  const concrete = shape.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim] as number)));
  const count = concrete.reduce((a, b) => a * b, 1);
  if (dtype === 'int64') return { data: BigInt64Array.from([0n, 7n, 7n, 3n, 11n]), shape: concrete };
  return { data: Float64Array.from({ length: count }, () => rng.normal()), shape: concrete };
}

function expectSame({ plain, narrowed }: Awaited<ReturnType<typeof both>>): void {
  expect(Object.keys(narrowed)).toEqual(Object.keys(plain));
  for (const [name, values] of Object.entries(plain)) {
    const size = Math.max(1, ...values.map(Math.abs));
    values.forEach((value, i) =>
      expect([name, Math.abs(value - (narrowed[name]?.[i] as number)) < 1e-9 * size]).toEqual([name, true]),
    );
  }
}

test('where only the first positions are read, the last layer computes no others', async () => {
  const found = await both((_, hidden) => [slice(hidden, 0, 0, 'batch')]);
  expectSame(found);
  expect(found.before).toEqual(['attention tokens', 'erfGate tokens', 'attention tokens', 'erfGate tokens']);
  expect(found.after.slice(4)).toEqual(['attention batch', 'erfGate batch']);
});

test('rows that indices name are gathered behind attention, which mixes rows', async () => {
  const found = await both((graph, hidden) => [gatherRows(hidden, input(graph, 'rows', ['chosen'], 'int64'))]);
  expectSame(found);
  expect(found.after.slice(4)).toEqual(['erfGate chosen']);
});

test('nothing is narrowed where somebody reads every row, or two read different ones', async () => {
  for (const read of [
    (_: Graph, hidden: Value) => [slice(hidden, 0, 0, 'batch'), hidden],
    (_: Graph, hidden: Value) => [slice(hidden, 0, 0, 'batch'), slice(hidden, 0, 1, 3)],
  ]) {
    const found = await both(read);
    expectSame(found);
    expect(found.after).toEqual(found.before);
  }
});
