/**
 * The order of token rows. Training has them position first, so that gradients of attention move nothing; kernels that serve attention want the rows
 * of a sequence together, as [batch, length, hidden]. Most operators do not care, so the whole encoder can be computed in the other order.
 */
import { atPath, createGraph, input, opSpec, output } from './build.js';
import { liveNodes } from './live.js';
import { constant } from './ops/constant.js';
import { greater } from './ops/elementwise.js';
import { sequenceAttention } from './ops/fused.js';
import { broadcastTo, gatherRows, reshape, slice, transpose } from './ops/shape.js';
import type { Attributes, Dim, Graph, Node, Shape, Value } from './types.js';

/** Adds one node, or what computes the same. */
export type ApplyNode = (
  graph: Graph,
  op: string,
  inputs: readonly Value[],
  attributes: Attributes,
) => readonly Value[];

/** The sizes of a batch of sequences, as `attention` names them. */
interface Sizes {
  readonly length: string;
  readonly batch: string;
  /** The product of both, that rows are counted by. */
  readonly tokens: string;
}

/**
 * A new graph with the same inputs and outputs, in which rows are ordered sequence first from the embeddings on; `apply` adds its nodes. A graph
 * without attention is copied as it is.
 */
export function sequenceFirst(graph: Graph, apply: ApplyNode): Graph {
  const made = createGraph(graph.name, graph.products);
  const live = liveNodes(graph);
  const nodes = graph.nodes.filter((node) => live.has(node));
  const read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.values()]);
  const sizes = sizesOf(nodes, graph);

  /** Values with their rows as they were, and in the other order. */
  const plain = new Map<Value, Value>();
  const moved = new Map<Value, Value>();
  const remember = (values: Map<Value, Value>, value: Value, known: Value): Value => {
    values.set(value, known);
    return known;
  };
  const plainOf = (value: Value): Value =>
    plain.get(value) ?? remember(plain, value, reorder(moved.get(value)!, 'batch', sizes!));
  const movedOf = (value: Value): Value =>
    moved.get(value) ?? remember(moved, value, reorder(plainOf(value), 'length', sizes!));

  for (const [name, value] of graph.inputs) plain.set(value, input(made, name, value.shape, value.dtype));
  for (const node of nodes) {
    atPath(made, node.path, () => {
      if (sizes && rebuild(node, { sizes, read, plainOf, movedOf, apply, plain, moved })) return;
      const values = apply(made, node.op, node.inputs.map(plainOf), node.attributes);
      node.outputs.forEach((value, i) => values[i] && plain.set(value, values[i]));
    });
  }
  for (const [name, value] of graph.outputs) output(name, plainOf(value));
  return made;
}

function sizesOf(nodes: readonly Node[], { products }: Graph): Sizes | undefined {
  const attributes = nodes.find(({ op }) => op === 'attention')?.attributes;
  if (!attributes) return undefined;
  const { length, batch } = attributes as { length: string; batch: string };
  const tokens = Object.keys(products).find((name) => products[name]!.join() === [length, batch].join());
  return tokens === undefined ? undefined : { length, batch, tokens };
}

const isRows = ({ shape }: { shape: Shape }, { tokens }: Sizes): boolean => shape[0] === tokens;
const isGrid = ({ shape }: { shape: Shape }, { length, batch }: Sizes): boolean =>
  shape[0] === length && shape[1] === batch;
/** Whether a value has a place for each token, position first: [tokens, ...] or [length, batch, ...]. */
const isPositionFirst = (value: { shape: Shape }, sizes: Sizes): boolean =>
  isRows(value, sizes) || isGrid(value, sizes);

/** A shape whose rows are reordered. */
const movedShape = (shape: Shape, sizes: Sizes): Shape =>
  isGrid({ shape }, sizes) ? [sizes.batch, sizes.length, ...shape.slice(2)] : shape;

/** Axes with the first two exchanged. */
const exchanged = (order: readonly number[]): number[] => order.map((axis) => (axis < 2 ? 1 - axis : axis));
const inOrder = (order: readonly number[]): boolean => order.every((axis, i) => axis === i);

/** The first two axes exchanged: nothing is moved where one of them is 1. */
function exchange(x: Value): Value {
  const [first = 1, second = 1, ...rest] = x.shape;
  if (first === 1 || second === 1) return reshape(x, [second, first, ...rest]);
  return transpose(x, exchanged(x.shape.map((_, axis) => axis)));
}

/** Moves rows, of which those with equal `from` lie together, into the other order. */
function reorder(x: Value, from: 'length' | 'batch', sizes: Sizes): Value {
  const [outer, inner] = from === 'length' ? [sizes.length, sizes.batch] : [sizes.batch, sizes.length];
  const grid = x.shape[0] === sizes.tokens ? reshape(x, [outer, inner, ...x.shape.slice(1)]) : x;
  const other = exchange(grid);
  return x.shape[0] === sizes.tokens ? reshape(other, x.shape) : other;
}

interface Places {
  readonly sizes: Sizes;
  /** Values that somebody reads. */
  readonly read: ReadonlySet<Value>;
  plainOf(value: Value): Value;
  movedOf(value: Value): Value;
  readonly apply: ApplyNode;
  readonly plain: Map<Value, Value>;
  readonly moved: Map<Value, Value>;
}

/** Rebuilds a node that reads or makes rows so that they need not be moved for it; false where that is not known of its operator. */
function rebuild(node: Node, places: Places): boolean {
  const [y] = node.outputs as [Value];
  const made = isPositionFirst(y, places.sizes) ? movedNode(node, places) : undefined;
  if (made) {
    node.outputs.forEach((value, i) => made[i] && places.moved.set(value, made[i]));
    return true;
  }
  const x = node.inputs[0];
  const same = x && readingNode(node, x, places);
  if (same) places.plain.set(y, same);
  return same !== undefined;
}

/** The outputs of a node in the other order. */
function movedNode(node: Node, places: Places): readonly Value[] | undefined {
  const { sizes, plainOf, movedOf, apply } = places;
  const [x, second] = node.inputs;
  const [y] = node.outputs as [Value];
  const { op, attributes } = node;
  if (!x) return undefined;
  const apart = isPositionFirst(x, sizes);
  switch (op) {
    case 'attention':
      return attend(node, places);
    case 'reshape':
      return apart ? [reshape(movedOf(x), movedShape(y.shape, sizes))] : undefined;
    case 'transpose':
      return inOrder(exchanged(attributes['order'] as readonly number[])) ? [plainOf(x)] : undefined;
    case 'broadcastTo':
      if (x.shape.length !== y.shape.length || isRows(y, sizes)) return undefined;
      return [broadcastTo(exchange(plainOf(x)), movedShape(y.shape, sizes))];
    case 'gatherRows':
      return second && isPositionFirst(second, sizes) ? [gatherRows(plainOf(x), movedOf(second))] : undefined;
    default: {
      if (!isRows(y, sizes) && !node.inputs.every((value) => isGrid(value, sizes) || value.shape.length === 0))
        return undefined;
      const call = { inputs: node.inputs, outputs: node.outputs, attributes };
      const rows = { key: 'sequence first', select: movedOf };
      const inputs = opSpec(op).narrow?.({ ...call, rows, take: movedOf, wholeOf: plainOf });
      return inputs && apply(plainOf(x).graph, op, inputs, attributes);
    }
  }
}

/** The first output of a node that reads rows and makes something else of them. */
function readingNode(node: Node, x: Value, places: Places): Value | undefined {
  const { sizes, movedOf } = places;
  const { op, attributes } = node;
  if (op === 'attention') return attend(node, places)?.[0];
  if (op === 'transpose' && isGrid(x, sizes)) {
    const order = exchanged(attributes['order'] as readonly number[]);
    return inOrder(order) ? movedOf(x) : transpose(movedOf(x), order);
  }
  if (op === 'slice' && isRows(x, sizes) && attributes['axis'] === 0) {
    const { start, end } = attributes as { start: number; end: readonly Dim[] };
    if (start !== 0 || end[0] !== sizes.batch) return undefined;
    const rest = x.shape.slice(1);
    const first = slice(reshape(movedOf(x), [sizes.batch, sizes.length, ...rest]), 1, 0, 1);
    return reshape(first, [sizes.batch, ...rest]);
  }
  if (op === 'sum' && isGrid(x, sizes) && attributes['keep'] === false) {
    const axes = attributes['axes'] as readonly number[];
    if (axes.length === 1 && axes[0] === 0)
      return places.apply(movedOf(x).graph, op, [movedOf(x)], { ...attributes, axes: [1] })[0];
  }
  return undefined;
}

function attend({ inputs, outputs, attributes }: Node, { sizes, read, plainOf, movedOf }: Places) {
  const [q, k, v, bias, mask] = inputs as [Value, Value, Value, Value, Value?];
  if (mask || outputs.slice(1).some((value) => read.has(value))) return undefined;
  const seen = greater(plainOf(bias), constant(plainOf(bias).graph, -1));
  const { length, batch } = sizes;
  const parts = { k: movedOf(k), v: movedOf(v), real: reshape(seen, [batch, length]) };
  const { heads, scale } = attributes as { heads: number; scale: number };
  const queries = isRows(q, sizes) ? movedOf(q) : plainOf(q);
  return [sequenceAttention({ ...parts, q: queries }, { heads, scale, length, batch })];
}
