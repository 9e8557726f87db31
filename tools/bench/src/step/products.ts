/** The matrix products of a graph: their sizes once the named ones are known, and the floating-point operations that they cost. */
import { graph as graphs } from '@fieldcraft/core/internals';

/** Numbers of the named sizes in one run: `batch`, `length`, `tokens`. */
export type Sizes = Readonly<Record<string, number>>;

/** How the operands are laid out, as the attributes of `gemm` and `matmul` say. */
export interface ProductLayout {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly rowsFirstA: boolean;
  readonly rowsFirstB: boolean;
}

/** [n, k] x [k, m], for each element of `batch`; `gemm` has no batch. */
export interface Product extends ProductLayout {
  readonly op: 'gemm' | 'matmul';
  readonly batch: readonly number[];
  readonly n: number;
  readonly k: number;
  readonly m: number;
}

export interface CountedProduct extends Product {
  /** How often it stands in the graph. */
  readonly count: number;
}

/** One multiplication and one addition for each n, k, m and element of the batch. */
export const flopsOf = ({ batch, n, k, m }: Product): number => 2 * n * k * m * batch.reduce((all, b) => all * b, 1);

/**
 * The products that the outputs of a graph need, equal ones counted together. Left out are those with a vector: sums that are written as
 * products with ones are no work of the model, and their time is part of the rest.
 */
export function productsOf(graph: graphs.Graph, sizes: Sizes): CountedProduct[] {
  const counted = new Map<string, CountedProduct>();
  for (const node of graphs.liveNodes(graph)) {
    for (const product of productsOfNode(node, sizes)) {
      if (product.n === 1 || product.m === 1) continue;
      const key = JSON.stringify(product);
      counted.set(key, { ...product, count: (counted.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counted.values()];
}

/** A stored operand's shape from its logical one [batch..., rows, columns]; or, of three names, the names of its axes. */
export function storedShape<T>(batch: readonly T[], [rows, columns]: readonly [T, T], stored: OperandLayout): T[] {
  const [outer, inner] = stored.transposed ? [columns, rows] : [rows, columns];
  return stored.rowsFirst ? [outer, ...batch, inner] : [...batch, outer, inner];
}

export interface OperandLayout {
  readonly transposed: boolean;
  readonly rowsFirst: boolean;
}

export const layoutOfA = ({ transposeA, rowsFirstA }: ProductLayout): OperandLayout => ({
  transposed: transposeA,
  rowsFirst: rowsFirstA,
});

export const layoutOfB = ({ transposeB, rowsFirstB }: ProductLayout): OperandLayout => ({
  transposed: transposeB,
  rowsFirst: rowsFirstB,
});

const plain: ProductLayout = { transposeA: false, transposeB: false, rowsFirstA: false, rowsFirstB: false };

function productsOfNode({ op, inputs, outputs, attributes }: graphs.Node, sizes: Sizes): Product[] {
  const shapeOf = (value: graphs.Value | undefined): number[] => value?.shape.map((dim) => sizeOf(dim, sizes)) ?? [];
  const flag = (name: string) => attributes[name] === true;
  if (op === 'gemm' || op === 'matmul') {
    const layout: ProductLayout = {
      transposeA: flag('transposeA'),
      transposeB: flag('transposeB'),
      rowsFirstA: flag('rowsFirstA'),
      rowsFirstB: flag('rowsFirstB'),
    };
    const a = shapeOf(inputs[0]);
    const [rows = 0, columns = 0] = layout.rowsFirstA ? [a[0], a.at(-1)] : a.slice(-2);
    const result = shapeOf(outputs[0]);
    const [n = 0, m = 0] = result.slice(-2);
    return [{ op, ...layout, batch: result.slice(0, -2), n, k: layout.transposeA ? rows : columns, m }];
  }
  if (op === 'attention') {
    // Queries with keys, and probabilities with values, for each head of each sequence.
    const [batch = 0, heads = 0, length = 0] = shapeOf(outputs[1]);
    const [, hidden = 0] = shapeOf(inputs[0]);
    const width = hidden / heads;
    const each = { op: 'matmul', ...plain, rowsFirstB: true, batch: [batch, heads], n: length } as const;
    return [
      { ...each, rowsFirstA: true, transposeB: true, k: width, m: length },
      { ...each, k: length, m: width },
    ];
  }
  return [];
}

function sizeOf(dim: graphs.Dim, sizes: Sizes): number {
  const size = typeof dim === 'number' ? dim : sizes[dim];
  if (size === undefined) throw new Error(`the size ${dim} is not known`);
  return size;
}
