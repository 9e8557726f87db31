/** Operators that fold axes away, and the normalised exponentials over the last axis. */
import { apply } from '../build.js';
import { normalizeAxis, shapeError } from '../shapes.js';
import type { OpSpec, TensorType, Value } from '../types.js';
import { notDifferentiable, noGradient } from '../types.js';
import { exp, mul, sub } from './elementwise.js';
import { at, defineOp, floats } from './define.js';
import { broadcastTo, reshape } from './shape.js';

type ReduceAttributes = { axes: readonly number[]; keep: boolean };

function reducedType(op: string, types: readonly TensorType[], { axes, keep }: ReduceAttributes): TensorType {
  const x = at(types, 0);
  const folded = new Set(axes.map((axis) => normalizeAxis(op, axis, x)));
  if (folded.size !== axes.length) throw shapeError(op, `axes ${axes.join()} repeat`, types);
  const shape = x.shape.flatMap((dim, axis) => (!folded.has(axis) ? [dim] : keep ? [1] : []));
  return { dtype: x.dtype, shape };
}

/** Puts the folded axes back as ones, so that the result broadcasts against the input. */
function unfold(value: Value, like: Value, axes: readonly number[]): Value {
  const folded = new Set(axes.map((axis) => normalizeAxis('reduce', axis, like)));
  return reshape(
    value,
    like.shape.map((dim, axis) => (folded.has(axis) ? 1 : dim)),
  );
}

const rowwise = (op: string) => ({
  infer(types: readonly TensorType[]) {
    floats(op, types, 1);
    normalizeAxis(op, -1, at(types, 0));
    return [at(types, 0)];
  },
});

export const reductions = {
  sum: defineOp<ReduceAttributes>({
    infer(types, attributes) {
      floats('sum', types, 1);
      return [reducedType('sum', types, attributes)];
    },
    grad: ({ inputs, attributes, dy }) => {
      const x = at(inputs, 0);
      return [broadcastTo(unfold(dy, x, attributes.axes), x.shape)];
    },
    lower(e, { axes, keep }) {
      e.emit('ReduceSum', [at(e.inputs, 0), e.int64(axes)], { keepdims: keep ? 1 : 0 }, { outputs: e.outputs });
    },
  }),
  /** The largest element over the axes. */
  max: defineOp<ReduceAttributes>({
    infer(types, attributes) {
      floats('max', types, 1);
      return [reducedType('max', types, attributes)];
    },
    grad: notDifferentiable('a maximum has no gradient where elements tie; use softmax, or stop the gradient'),
    lower(e, { axes, keep }) {
      e.emit('ReduceMax', [at(e.inputs, 0), e.int64(axes)], { keepdims: keep ? 1 : 0 }, { outputs: e.outputs });
    },
  }),
  /** Index of the largest element of the last axis. */
  argMax: defineOp({
    infer(types) {
      floats('argMax', types, 1);
      return [{ dtype: 'int64', shape: at(types, 0).shape.slice(0, -1) }];
    },
    grad: noGradient,
    lower: (e) => void e.emit('ArgMax', e.inputs, { axis: -1, keepdims: 0 }, { outputs: e.outputs }),
  }),
  /** exp(x) / sum exp(x) over the last axis; dx = y (dy - sum(dy y)). */
  softmax: defineOp({
    ...rowwise('softmax'),
    grad: ({ outputs, dy }) => {
      const y = at(outputs, 0);
      const weighted = mul(dy, y);
      return [sub(weighted, mul(y, sum(weighted, [-1], true)))];
    },
    lower: (e) => void e.emit('Softmax', e.inputs, { axis: -1 }, { outputs: e.outputs }),
  }),
  /** log softmax over the last axis; dx = dy - softmax(x) sum(dy). */
  logSoftmax: defineOp({
    ...rowwise('logSoftmax'),
    grad: ({ outputs, dy }) => [sub(dy, mul(exp(at(outputs, 0)), sum(dy, [-1], true)))],
    lower: (e) => void e.emit('LogSoftmax', e.inputs, { axis: -1 }, { outputs: e.outputs }),
  }),
} satisfies Record<string, OpSpec>;

export const sum = (x: Value, axes: readonly number[], keep = false): Value => apply('sum', [x], { axes, keep });
export const max = (x: Value, axes: readonly number[], keep = false): Value => apply('max', [x], { axes, keep });
export const argMax = (x: Value): Value => apply('argMax', [x]);
export const softmax = (x: Value): Value => apply('softmax', [x]);
export const logSoftmax = (x: Value): Value => apply('logSoftmax', [x]);

/** The sum of all elements, as a scalar. */
export const sumAll = (x: Value): Value =>
  x.shape.length === 0
    ? x
    : sum(
        x,
        x.shape.map((_, axis) => axis),
      );
