/** Matrix products: `gemm` for layers on rows, `matmul` for batches of small products. */
import { apply } from '../build.js';
import { sameShape, shapeError } from '../shapes.js';
import type { Dim, Emitter, OpSpec, TensorType, Value } from '../types.js';
import { constant, filled } from './constant.js';
import { at, defineOp, floats } from './define.js';
import { mul } from './elementwise.js';
import { reshape, transpose } from './shape.js';

type GemmAttributes = { transposeA: boolean; transposeB: boolean; alpha: number; beta: number };

/** How `matmul` reads one operand, which is [batch..., rows, columns] unless told otherwise. */
export type MatmulAttributes = {
  /** Use the operand's transpose (of its last two axes). */
  transposeA: boolean;
  transposeB: boolean;
  /** The operand is stored [rows, batch..., columns]: attention reads heads from token rows without moving them. */
  rowsFirstA: boolean;
  rowsFirstB: boolean;
  alpha: number;
};

const plain: MatmulAttributes = {
  transposeA: false,
  transposeB: false,
  rowsFirstA: false,
  rowsFirstB: false,
  alpha: 1,
};

/** [rows, batch..., columns] -> [batch..., rows, columns]. */
const rowsLast = <T>(items: readonly T[]): T[] => [...items.slice(1, -1), at(items, 0), at(items, items.length - 1)];

/** The axis order that undoes `rowsLast`. */
const rowsFirstOrder = (rank: number): number[] => {
  const axes = Array.from({ length: rank }, (_, i) => i);
  return [rank - 2, ...axes.slice(0, rank - 2), rank - 1];
};

function operandShape(type: TensorType, transposed: boolean, rowsFirst: boolean): Dim[] {
  const shape = rowsFirst ? rowsLast(type.shape) : [...type.shape];
  return transposed ? [...shape.slice(0, -2), at(shape, shape.length - 1), at(shape, shape.length - 2)] : shape;
}

export const matrices = {
  /** y [n, m] = alpha op(a) op(b) + beta c; c is [m] or [n, m]. */
  gemm: defineOp<GemmAttributes>({
    infer(types, { transposeA, transposeB }) {
      floats('gemm', types, types.length === 3 ? 3 : 2);
      const [a, b, c] = types;
      if (a?.shape.length !== 2 || b?.shape.length !== 2) throw shapeError('gemm', 'takes matrices', types);
      const [n, k] = operandShape(a, transposeA, false);
      const [k2, m] = operandShape(b, transposeB, false);
      if (k !== k2) throw shapeError('gemm', `inner sizes ${k} and ${k2} differ`, types);
      const shape = [n as Dim, m as Dim];
      if (c && !sameShape(c.shape, shape) && !sameShape(c.shape, [m as Dim])) {
        throw shapeError('gemm', 'the added term fits neither the rows nor the matrix', types);
      }
      return [{ dtype: 'float', shape }];
    },
    grad: ({ inputs, attributes: { transposeA, transposeB, alpha, beta }, dy }) => {
      const [a, b, c] = [at(inputs, 0), at(inputs, 1), inputs[2]];
      const da = transposeA
        ? gemm(b, dy, { transposeA: transposeB, transposeB: true, alpha })
        : gemm(dy, b, { transposeB: !transposeB, alpha });
      const db = transposeB
        ? gemm(dy, a, { transposeA: true, transposeB: transposeA, alpha })
        : gemm(a, dy, { transposeA: !transposeA, alpha });
      if (!c) return [da, db];
      const dc = c.shape.length === 1 ? columnSums(dy) : dy;
      return [da, db, beta === 1 ? dc : mul(dc, constant(dc.graph, beta))];
    },
    lower(e, { transposeA, transposeB, alpha, beta }) {
      const flags = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
      // Attributes are single precision: in double, a factor that would be rounded is multiplied instead.
      if (e.target.precision === 'float32' || (alpha === Math.fround(alpha) && beta === Math.fround(beta))) {
        const factors = { alpha: { float: alpha }, beta: { float: beta } };
        e.emit('Gemm', e.inputs, { ...flags, ...factors }, { outputs: e.outputs });
        return;
      }
      const product = e.emit('Gemm', e.inputs.slice(0, 2), flags);
      const [, , c] = e.inputs;
      const added = c === undefined ? e.float(0) : e.emit('Mul', [c, e.float(beta)]);
      e.emit('Add', [e.emit('Mul', [product, e.float(alpha)]), added], {}, { outputs: e.outputs });
    },
    narrow: ({ inputs, attributes, take, wholeOf }) =>
      attributes.transposeA
        ? undefined
        : inputs.map((value, i) => (i === 0 || (i === 2 && value.shape.length === 2) ? take(value) : wholeOf(value))),
  }),
  /** Batches of products: [batch..., n, k] x [batch..., k, m] -> [batch..., n, m]. */
  matmul: defineOp<MatmulAttributes>({
    infer(types, attributes) {
      floats('matmul', types, 2);
      const a = operandShape(at(types, 0), attributes.transposeA, attributes.rowsFirstA);
      const b = operandShape(at(types, 1), attributes.transposeB, attributes.rowsFirstB);
      if (a.length < 2 || !sameShape(a.slice(0, -2), b.slice(0, -2)) || at(a, a.length - 1) !== at(b, b.length - 2)) {
        throw shapeError('matmul', 'the batches or the inner sizes differ', types);
      }
      return [{ dtype: 'float', shape: [...a.slice(0, -1), at(b, b.length - 1)] }];
    },
    grad: ({ inputs, attributes: f, dy }) => {
      const [a, b] = [at(inputs, 0), at(inputs, 1)];
      const da = f.transposeA
        ? matmul(b, dy, { transposeA: f.transposeB, rowsFirstA: f.rowsFirstB, transposeB: true, alpha: f.alpha })
        : matmul(dy, b, { transposeB: !f.transposeB, rowsFirstB: f.rowsFirstB, alpha: f.alpha });
      const db = f.transposeB
        ? matmul(dy, a, { transposeA: true, transposeB: f.transposeA, rowsFirstB: f.rowsFirstA, alpha: f.alpha })
        : matmul(a, dy, { transposeA: !f.transposeA, rowsFirstA: f.rowsFirstA, alpha: f.alpha });
      const asStored = (d: Value, rowsFirst: boolean) => (rowsFirst ? transpose(d, rowsFirstOrder(d.shape.length)) : d);
      return [asStored(da, f.rowsFirstA), asStored(db, f.rowsFirstB)];
    },
    lower: (e, attributes) =>
      void lowerMatmul(e, at(e.inputs, 0), at(e.inputs, 1), at(e.inputTypes, 0).shape.length, attributes, e.outputs),
  }),
} satisfies Record<string, OpSpec>;

/** Emits one batched product: a single fused kernel where there is one, else explicit transposes around MatMul. */
export function lowerMatmul(
  e: Emitter,
  a: string,
  b: string,
  rank: number,
  attributes: Partial<MatmulAttributes>,
  outputs?: readonly string[],
): string {
  const f = { ...plain, ...attributes };
  const options = outputs ? { outputs } : {};
  if (e.target.precision === 'float32' && e.target.provider === 'cpu') {
    const flags = {
      transA: f.transposeA ? 1 : 0,
      transB: f.transposeB ? 1 : 0,
      transBatchA: f.rowsFirstA ? 1 : 0,
      transBatchB: f.rowsFirstB ? 1 : 0,
      alpha: { float: f.alpha },
    };
    return e.emit('FusedMatMul', [a, b], flags, { ...options, domain: 'com.microsoft' });
  }
  const axes = Array.from({ length: rank }, (_, i) => i);
  const prepare = (operand: string, transposed: boolean, rowsFirst: boolean): string => {
    const rows = rowsFirst ? rowsLast(axes) : axes;
    const order = transposed ? [...rows.slice(0, -2), at(rows, rank - 1), at(rows, rank - 2)] : rows;
    return order.every((axis, i) => axis === i) ? operand : e.emit('Transpose', [operand], { perm: order });
  };
  const factors = [prepare(a, f.transposeA, f.rowsFirstA), prepare(b, f.transposeB, f.rowsFirstB)];
  if (f.alpha === 1) return e.emit('MatMul', factors, {}, options);
  return e.emit('Mul', [e.emit('MatMul', factors), e.float(f.alpha)], {}, options);
}

/** alpha op(a) op(b), or with `c` that plus beta c. */
export function gemm(a: Value, b: Value, options: Partial<GemmAttributes> & { c?: Value } = {}): Value {
  const { c, ...given } = options;
  const attributes = { transposeA: false, transposeB: false, alpha: 1, beta: 1, ...given };
  return apply('gemm', c ? [a, b, c] : [a, b], attributes);
}

export const matmul = (a: Value, b: Value, options: Partial<MatmulAttributes> = {}): Value =>
  apply('matmul', [a, b], { ...plain, ...options });

/** The sums of a matrix's columns [width], as a product with a row of ones: half the time of a reduction over the first axis. */
export const columnSums = (x: Value): Value =>
  reshape(gemm(filled(x.graph, [1, at(x.shape, 0)], 1), x), [at(x.shape, 1)]);
