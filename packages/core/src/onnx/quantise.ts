/** INT8 weights in a lowered graph: which weights can have 8 bits, and the nodes that then read them. */
import { quantiseRows } from '../foundation/index.js';
import type { OnnxGraph, OnnxNode, OnnxTensorType } from './lower.js';

/** How a weight is read: as the second factor of products, or as a table whose rows are looked up. */
export type WeightUse = 'product' | 'table';

/**
 * How a weight of 8 bits is held: with one scale a row, what it multiplies by one scale for all of it; or, products alone, both by blocks of their rows,
 * each with a scale. Blocks lose a seventh as much where few columns are much larger than the others, and cost about as much time as floats.
 */
export type WeightForm = 'int8' | 'blocks';

/** What the scales of a weight are called beside it. */
export const scaleName = (weight: string): string => `${weight}.scale`;

/**
 * Numbers of a row that share a scale in blocks. 64 are a seventh faster and lose a quarter more: of a tagger of 603 entities with all factors by blocks 8
 * differ from those of floats, of 32 two.
 */
export const blockWidth = 32;

/** What the factors are called by which the columns of rows are divided before they are quantised, after the first weight that multiplies them. */
export const smoothingName = (leader: string): string => `${leader}.smoothing`;

/**
 * The matrices among a graph's inputs that every node which reads them could read in 8 bits: factors of `x weight' + bias` on float32, and tables.
 * Whether an input is a weight, the graph does not know.
 */
export function quantisableWeights({ inputs, outputs, nodes }: OnnxGraph): Map<string, WeightUse> {
  const uses = new Map<string, WeightUse | 'other'>();
  for (const node of nodes) {
    node.inputs.forEach((name, place) => {
      const use = useOf(node, place);
      uses.set(name, (uses.get(name) ?? use) === use ? use : 'other');
    });
  }
  const found = new Map<string, WeightUse>();
  for (const [name, { elementType, shape }] of inputs) {
    const use = uses.get(name);
    const matrix = elementType === 'float32' && shape.length === 2 && shape.every((dim) => typeof dim === 'number');
    if (matrix && !outputs.has(name) && use !== undefined && use !== 'other') found.set(name, use);
  }
  return found;
}

/** The weights among `names` that multiply the same rows and no others, by the first of them; with the rows' own name. */
export function productGroups(
  { nodes }: Pick<OnnxGraph, 'nodes'>,
  names: readonly string[],
): Map<string, { readonly rows: string; readonly weights: readonly string[] }> {
  const asked = new Set(names);
  const byRows = new Map<string, string[]>();
  const uses = new Map<string, number>();
  for (const { opType, inputs } of nodes) {
    const [rows = '', weight = ''] = inputs;
    if (opType !== 'Gemm' || !asked.has(weight)) continue;
    byRows.set(rows, [...(byRows.get(rows) ?? []), weight]);
    uses.set(weight, (uses.get(weight) ?? 0) + 1);
  }
  const isAlone = (weight: string) => uses.get(weight) === 1;
  const groups = [...byRows].filter(([, weights]) => weights.every(isAlone));
  return new Map(groups.map(([rows, weights]) => [weights[0]!, { rows, weights }]));
}

/** What `withColumnStatistics` calls its outputs. */
export const statisticsOf = (name: string) => ({ largest: `${name}.largest`, squares: `${name}.squares` });

/** The graph with two more outputs for each of these rows [n, columns]: the largest magnitude of each column, and the mean of its squares. */
export function withColumnStatistics(
  graph: OnnxGraph,
  statistics: ReadonlyMap<string, { readonly rows: string; readonly columns: number }>,
): OnnxGraph {
  const axes = 'statistics.axes';
  const outputs = new Map(graph.outputs);
  const nodes = [...graph.nodes];
  const add = (opType: string, inputs: readonly string[], made: string, attributes: OnnxNode['attributes'] = {}) => {
    nodes.push({ opType, domain: '', name: made, inputs, outputs: [made], attributes });
    return made;
  };
  for (const [name, { rows, columns }] of statistics) {
    const { largest, squares } = statisticsOf(name);
    add('ReduceMax', [add('Abs', [rows], `${name}.abs`), axes], largest, { keepdims: false });
    add('ReduceMean', [add('Mul', [rows, rows], `${name}.mul`), axes], squares, { keepdims: false });
    for (const output of [largest, squares]) outputs.set(output, { elementType: 'float32', shape: [columns] });
  }
  const constants = new Map([...graph.constants, [axes, { elementType: 'int64' as const, shape: [1], values: [0] }]]);
  return { ...graph, outputs, constants, nodes };
}

function useOf({ opType, attributes }: OnnxNode, place: number): WeightUse | 'other' {
  if (opType === 'Gather' && place === 0 && attributes['axis'] === 0) return 'table';
  if (opType !== 'Gemm' || place !== 1 || attributes['transA'] !== 0 || attributes['transB'] !== 1) return 'other';
  return isOne(attributes['alpha']) && isOne(attributes['beta']) ? 'product' : 'other';
}

const isOne = (factor: OnnxNode['attributes'][string] | undefined): boolean =>
  typeof factor === 'object' && 'float' in factor && factor.float === 1;

/**
 * The graph with weights in 8 bits. A factor [outputs, inputs] in int8 becomes an input [inputs, outputs] of the same name and scales [outputs]; what it
 * multiplies is quantised as it comes. In blocks it becomes a uint8 input [outputs, blocks, blockWidth], 128 the 0, and scales [outputs x blocks]. A table
 * [rows, width] becomes an int8 input of the same name and shape and scales [rows, 1]; rows are floats again once they were looked up.
 * @param smoothed rows, with the first weight that multiplies them: before they are quantised they are multiplied by an input [columns] of its
 *   `smoothingName`
 */
export function quantiseOnnx(
  graph: OnnxGraph,
  forms: ReadonlyMap<string, WeightForm>,
  smoothed: ReadonlyMap<string, string> = new Map(),
): OnnxGraph {
  const uses = quantisableWeights(graph);
  const inputs = new Map<string, OnnxTensorType>();
  for (const [name, type] of graph.inputs) {
    const use = uses.get(name);
    const form = use && forms.get(name);
    const [rows, columns] = type.shape as [number, number];
    const scales = (shape: readonly number[]) => inputs.set(scaleName(name), { elementType: 'float32', shape });
    if (form === undefined) {
      inputs.set(name, type);
    } else if (use === 'table') {
      inputs.set(name, { elementType: 'int8', shape: type.shape });
      scales([rows, 1]);
    } else if (form === 'int8') {
      inputs.set(name, { elementType: 'int8', shape: [columns, rows] });
      scales([rows]);
    } else {
      const blocks = blocksOf(columns);
      inputs.set(name, { elementType: 'uint8', shape: [rows, blocks, blockWidth] });
      scales([rows * blocks]);
    }
  }
  for (const leader of smoothed.values())
    inputs.set(smoothingName(leader), { elementType: 'float32', shape: [graph.inputs.get(leader)!.shape[1]!] });
  const prepared = { smoothed, done: new Set<string>() };
  const nodes = graph.nodes.flatMap((node): readonly OnnxNode[] => {
    const weight = node.inputs[node.opType === 'Gather' ? 0 : 1];
    const form = weight !== undefined && uses.has(weight) ? forms.get(weight) : undefined;
    if (weight === undefined || form === undefined) return [node];
    if (node.opType === 'Gather') return lookUp(node, weight);
    if (form === 'int8') return multiply(node, weight, prepared);
    return multiplyBlocks(node, weight, { ...prepared, shape: graph.inputs.get(weight)!.shape as [number, number] });
  });
  return { ...graph, inputs, nodes };
}

const blocksOf = (columns: number): number => Math.ceil(columns / blockWidth);

/** A matrix [rows, columns] in blocks; the last of a row is filled with zeros. */
export function quantiseBlocks(values: Float32Array, rows: number): { data: Uint8Array; scales: Float32Array } {
  const columns = values.length / rows;
  const width = blocksOf(columns) * blockWidth;
  const filled = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) filled.set(values.subarray(row * columns, (row + 1) * columns), row * width);
  const { data, scales } = quantiseRows(filled, filled.length / blockWidth);
  return { data: Uint8Array.from(data, (value) => value + 128), scales };
}

/** What was made of the rows that weights multiply: once, whoever multiplies them, as queries, keys and values are made of the same. */
interface Prepared {
  /** By the rows, whose `smoothingName` they are multiplied by. */
  readonly smoothed: ReadonlyMap<string, string>;
  readonly done: Set<string>;
}

/** The name of rows with even columns, and the node that makes them where no other has; the rows as they are where they have no factors. */
function smooth(rows: string, { smoothed, done }: Prepared): { x: string; made: OnnxNode[] } {
  const leader = smoothed.get(rows);
  if (leader === undefined) return { x: rows, made: [] };
  const x = `${rows}.smooth`;
  if (done.has(x)) return { x, made: [] };
  done.add(x);
  const inputs = [rows, smoothingName(leader)];
  return { x, made: [{ opType: 'Mul', domain: '', name: x, inputs, outputs: [x], attributes: {} }] };
}

/** The absent input is the weight's zero point, which is 0. */
function multiply(node: OnnxNode, weight: string, prepared: Prepared): OnnxNode[] {
  const [rows = '', , ...bias] = node.inputs;
  const outputs = ['int8', 'int8.scale', 'int8.zero'].map((part) => `${rows}.${part}`);
  const [numbers, scale, zero] = outputs as [string, string, string];
  const inputs = [numbers, weight, scale, scaleName(weight), zero, ...(bias.length > 0 ? ['', ...bias] : [])];
  const product = { ...node, opType: 'MatMulIntegerToFloat', domain: 'com.microsoft', inputs, attributes: {} } as const;
  if (prepared.done.has(numbers)) return [product];
  prepared.done.add(numbers);
  const { x, made } = smooth(rows, prepared);
  const common = { domain: '', attributes: {} } as const;
  return [...made, { ...common, opType: 'DynamicQuantizeLinear', name: numbers, inputs: [x], outputs }, product];
}

/** What is multiplied is quantised by blocks too, which `accuracy_level` 4 asks for: on floats it would be slower than a product of floats. */
function multiplyBlocks(
  node: OnnxNode,
  weight: string,
  { shape: [outputs, columns], ...prepared }: Prepared & { shape: readonly [number, number] },
): OnnxNode[] {
  const [rows = '', , ...bias] = node.inputs;
  const { x, made } = smooth(rows, prepared);
  return [
    ...made,
    {
      ...node,
      opType: 'MatMulNBits',
      domain: 'com.microsoft',
      // Absent: zero points, which are 128, and an order of columns.
      inputs: [x, weight, scaleName(weight), ...(bias.length > 0 ? ['', '', ...bias] : [])],
      attributes: { K: columns, N: outputs, bits: 8, block_size: blockWidth, accuracy_level: 4 },
    },
  ];
}

function lookUp(node: OnnxNode, table: string): OnnxNode[] {
  const [, ids = ''] = node.inputs;
  const part = (
    name: string,
    opType: string,
    inputs: readonly string[],
    attributes: OnnxNode['attributes'],
  ): OnnxNode => {
    const made = `${node.name}.${name}`;
    return { opType, domain: '', name: made, inputs, outputs: [made], attributes };
  };
  const rows = part('int8', 'Gather', [table, ids], { axis: 0 });
  const floats = part('float', 'Cast', [rows.name], { to: float32 });
  const scales = part('scale', 'Gather', [scaleName(table), ids], { axis: 0 });
  const product = { ...node, opType: 'Mul', inputs: [floats.name, scales.name], attributes: {} };
  return [rows, floats, scales, product];
}

/** A matrix of int8 [rows, columns] as [columns, rows]. */
export function transposeInt8(data: Int8Array, rows: number): Int8Array {
  const columns = data.length / rows;
  const moved = new Int8Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) moved[column * rows + row] = data[row * columns + column]!;
  return moved;
}

/** ONNX's number of the type. */
const float32 = 1;
