/** Arithmetic on shapes with named sizes: broadcasting, equality, element counts. */
import { FieldcraftError } from '../foundation/index.js';
import type { Dim, Graph, Shape, TensorType } from './types.js';

type Products = Pick<Graph, 'products'>;

export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;
export const formatType = (type: TensorType): string => `${type.dtype}${formatShape(type.shape)}`;

/** An FC_GRAPH error about the shapes given to `op`. */
export function shapeError(op: string, what: string, types: readonly TensorType[]): FieldcraftError {
  return new FieldcraftError('FC_GRAPH', {
    what: `${op}: ${what}`,
    got: types.map(formatType).join(', ') || 'nothing',
  });
}

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i]);

/** NumPy's rule, with named sizes equal only to themselves. */
export function broadcastShapes(op: string, a: TensorType, b: TensorType): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a.shape[a.shape.length - rank + i] ?? 1;
    const y = b.shape[b.shape.length - rank + i] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw shapeError(op, `sizes ${x} and ${y} do not broadcast`, [a, b]);
  });
}

/** The number of elements as a number times a sorted list of elementary names: equal counts have equal texts. */
export function elementCount(shape: Shape, { products }: Products): string {
  let count = 1;
  const names: string[] = [];
  const visit = (dim: Dim): void => {
    if (typeof dim === 'number') count *= dim;
    else if (products[dim]) products[dim].forEach(visit);
    else names.push(dim);
  };
  shape.forEach(visit);
  return count === 0 ? '0' : [count, ...names.sort()].join('*');
}

/** Axis `axis` of a shape of this rank, counting from the end where it is negative. */
export function normalizeAxis(op: string, axis: number, type: TensorType): number {
  const rank = type.shape.length;
  const index = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(index) || index < 0 || index >= rank) throw shapeError(op, `there is no axis ${axis}`, [type]);
  return index;
}
