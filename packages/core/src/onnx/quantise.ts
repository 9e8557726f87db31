/** INT8 weights in a lowered graph: which weights can have 8 bits, and the nodes that then read them. */
import type { OnnxGraph, OnnxNode, OnnxTensorType } from './lower.js';

/** How a weight is read: as the second factor of products, or as a table whose rows are looked up. */
export type WeightUse = 'product' | 'table';

/** What the scales of a weight are called beside it. */
export const scaleName = (weight: string): string => `${weight}.scale`;

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
  const byRows = new Map<string, string[]>();
  for (const { opType, inputs } of nodes) {
    const [rows = '', weight = ''] = inputs;
    if (opType === 'Gemm' && names.includes(weight)) byRows.set(rows, [...(byRows.get(rows) ?? []), weight]);
  }
  const uses = [...byRows.values()].flat();
  const isAlone = (weight: string) => uses.indexOf(weight) === uses.lastIndexOf(weight);
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
 * The graph with the weights `names` in 8 bits. A factor [outputs, inputs] becomes an int8 input [inputs, outputs] of the same name and scales
 * [outputs]; what it multiplies is quantised as it comes, by one scale for the whole tensor. A table [rows, width] becomes an int8 input of the same
 * name and shape and scales [rows, 1]; rows are floats again once they were looked up. Rows that weights multiply of which one stands in `smoothed`
 * are first multiplied by an input [columns] of its `smoothingName`.
 */
export function quantiseOnnx(
  graph: OnnxGraph,
  names: ReadonlySet<string>,
  smoothed: ReadonlySet<string> = new Set(),
): OnnxGraph {
  const uses = quantisableWeights(graph);
  const inputs = new Map<string, OnnxTensorType>();
  for (const [name, type] of graph.inputs) {
    const use = names.has(name) ? uses.get(name) : undefined;
    const [rows, columns] = type.shape;
    if (use === undefined || rows === undefined || columns === undefined) {
      inputs.set(name, type);
      continue;
    }
    const product = use === 'product';
    inputs.set(name, { elementType: 'int8', shape: product ? [columns, rows] : type.shape });
    inputs.set(scaleName(name), { elementType: 'float32', shape: product ? [rows] : [rows, 1] });
  }
  const leaders = new Map<string, string>();
  for (const { rows, weights } of productGroups(graph, [...uses.keys()]).values()) {
    const leader = weights.find((weight) => smoothed.has(weight));
    if (leader === undefined || !weights.some((weight) => names.has(weight))) continue;
    leaders.set(rows, leader);
    inputs.set(smoothingName(leader), { elementType: 'float32', shape: [graph.inputs.get(leader)!.shape[1]!] });
  }
  const quantised = new Set<string>();
  const nodes = graph.nodes.flatMap((node): readonly OnnxNode[] => {
    const weight = node.inputs[node.opType === 'Gather' ? 0 : 1];
    if (weight === undefined || inputs.get(weight)?.elementType !== 'int8') return [node];
    return node.opType === 'Gather' ? lookUp(node, weight) : multiply(node, weight, { leaders, quantised });
  });
  return { ...graph, inputs, nodes };
}

/**
 * What is multiplied is quantised once, whoever multiplies it: queries, keys and values are made of the same rows. The absent input is the weight's
 * zero point, which is 0.
 */
function multiply(
  node: OnnxNode,
  weight: string,
  { leaders, quantised }: { leaders: ReadonlyMap<string, string>; quantised: Set<string> },
): OnnxNode[] {
  const [x = '', , ...bias] = node.inputs;
  const [numbers, scale, zero] = ['int8', 'int8.scale', 'int8.zero'].map((part) => `${x}.${part}`) as [
    string,
    string,
    string,
  ];
  const inputs = [numbers, weight, scale, scaleName(weight), zero, ...(bias.length > 0 ? ['', ...bias] : [])];
  const product = { ...node, opType: 'MatMulIntegerToFloat', domain: 'com.microsoft', inputs, attributes: {} } as const;
  if (quantised.has(x)) return [product];
  quantised.add(x);
  const outputs = [numbers, scale, zero];
  const common = { domain: '', attributes: {} } as const;
  const leader = leaders.get(x);
  const smooth = `${x}.smooth`;
  const quantise = { ...common, opType: 'DynamicQuantizeLinear', name: numbers, outputs };
  if (leader === undefined) return [{ ...quantise, inputs: [x] }, product];
  const divide = { ...common, opType: 'Mul', name: smooth, inputs: [x, smoothingName(leader)], outputs: [smooth] };
  return [divide, { ...quantise, inputs: [smooth] }, product];
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
