/**
 * Products with weights in 8 bits, for training: forward and input gradient multiply 8-bit numbers, the gradient of the weight stays a product of floats
 * (SwitchBack: Wortsman et al. 2023, "Stable and low-precision training for large-scale vision-language models", section 2).
 */
import { apply } from '../build.js';
import { sameShape, shapeError } from '../shapes.js';
import type { Dim, OpSpec, TensorType, Value } from '../types.js';
import { constant } from './constant.js';
import { at, defineOp, floats } from './define.js';
import { mul } from './elementwise.js';
import { columnSums, gemm } from './matrix.js';

/** A factor [k, m] in 8 bits: number times the scale of its column is the value. */
export interface Int8Copy {
  /** int8 [k, m]. */
  readonly numbers: Value;
  /** float [m]. */
  readonly scales: Value;
}

/** One for the product and one for its gradient, whose factor is the transpose: each has its own columns, and so its own scales. */
export interface Int8Copies {
  readonly forward: Int8Copy;
  readonly backward: Int8Copy;
}

type Int8GemmAttributes = { transposeB: boolean; alpha: number; beta: number };

const isCopy = (numbers: TensorType, scales: TensorType, shape: readonly Dim[]): boolean =>
  numbers.dtype === 'int8' && sameShape(numbers.shape, shape) && sameShape(scales.shape, shape.slice(1));

export const int8Products = {
  /**
   * y [n, m] = alpha x op(b) + beta c, with op(b) read as its copy in 8 bits, and x [n, k] quantised as it comes to unsigned 8-bit numbers by one scale and
   * zero point for the whole tensor. Inputs: x, b, numbers and scales of the forward copy, those of the backward copy, and perhaps c [m].
   *
   * Gradients pass straight through the rounding: that of x is the same product, of dy with the backward copy, and that of b is the exact one. On a CPU
   * in single precision neither product reads b. Elsewhere, and in double precision, both are the exact products that the 8-bit ones
   * stand for, so that gradients can be checked by differences.
   */
  int8Gemm: defineOp<Int8GemmAttributes>({
    infer(types, { transposeB }) {
      const [x, b, numbers, scales, backNumbers, backScales, c] = types;
      if (!x || !b || !numbers || !scales || !backNumbers || !backScales || types.length > 7)
        throw shapeError('int8Gemm', 'takes two matrices, the copies of the second, and perhaps a bias', types);
      floats('int8Gemm', [x, b, scales, backScales, ...(c ? [c] : [])], c ? 5 : 4);
      const [n, k] = x.shape;
      const [k2, m] = transposeB ? [b.shape[1], b.shape[0]] : b.shape;
      if (x.shape.length !== 2 || b.shape.length !== 2 || n === undefined || k !== k2)
        throw shapeError('int8Gemm', 'takes matrices whose inner sizes agree', types);
      const [inner, width] = [k as Dim, m as Dim];
      if (!isCopy(numbers, scales, [inner, width]) || !isCopy(backNumbers, backScales, [width, inner]))
        throw shapeError('int8Gemm', 'the copies are those of another matrix', types);
      if (c && !sameShape(c.shape, [width])) throw shapeError('int8Gemm', 'the added term fits no row', types);
      return [{ dtype: 'float', shape: [n, width] }];
    },
    grad: ({ inputs, attributes: { transposeB, alpha, beta }, dy }) => {
      const [x, b, c] = [at(inputs, 0), at(inputs, 1), inputs[6]];
      const { forward: backward, backward: forward } = copiesOf(inputs);
      const dx = int8Gemm(dy, b, { forward, backward }, { transposeB: !transposeB, alpha });
      const db = transposeB ? gemm(dy, x, { transposeA: true, alpha }) : gemm(x, dy, { transposeA: true, alpha });
      const none = [undefined, undefined, undefined, undefined];
      if (!c) return [dx, db, ...none];
      const dc = columnSums(dy);
      return [dx, db, ...none, beta === 1 ? dc : mul(dc, constant(dc.graph, beta))];
    },
    lower(e, { transposeB, alpha, beta }) {
      const [x, b, numbers, scales, , , c] = e.inputs as [string, string, string, string, string, string, string?];
      const scaled = (value: string, factor: number) =>
        factor === 1 ? value : e.emit('Mul', [value, e.float(factor)]);
      const bias = c === undefined ? undefined : scaled(c, beta);
      if (e.target.precision === 'float32' && e.target.provider === 'cpu') {
        // The absent input is the weight's zero point, which is 0.
        const operands = [x, numbers, scaled(scales, alpha), ...(bias === undefined ? [] : ['', bias])];
        e.emit('DynamicQuantizeMatMul', operands, {}, { outputs: e.outputs, domain: 'com.microsoft' });
        return;
      }
      const product = e.emit('Gemm', [x, b], { transA: 0, transB: transposeB ? 1 : 0 });
      e.emit('Add', [scaled(product, alpha), bias ?? e.float(0)], {}, { outputs: e.outputs });
    },
    narrow: ({ inputs, take, wholeOf }) => inputs.map((value, i) => (i === 0 ? take(value) : wholeOf(value))),
  }),
} satisfies Record<string, OpSpec>;

const copiesOf = (inputs: readonly Value[]): Int8Copies => ({
  forward: { numbers: at(inputs, 2), scales: at(inputs, 3) },
  backward: { numbers: at(inputs, 4), scales: at(inputs, 5) },
});

/** alpha x op(b), or with `c` that plus beta c; `copies` are those of op(b) and of its transpose. */
export function int8Gemm(
  x: Value,
  b: Value,
  { forward, backward }: Int8Copies,
  options: Partial<Int8GemmAttributes> & { c?: Value } = {},
): Value {
  const { c, ...given } = options;
  const copies = [forward.numbers, forward.scales, backward.numbers, backward.scales];
  const attributes = { transposeB: false, alpha: 1, beta: 1, ...given };
  return apply('int8Gemm', [x, b, ...copies, ...(c ? [c] : [])], attributes);
}
