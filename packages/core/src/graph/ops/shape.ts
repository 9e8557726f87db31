/** Operators that move elements without changing them: reshape, transpose, slice, shift, concatenate, gather. */
import { FieldcraftError } from '../../foundation/index.js';
import { apply } from '../build.js';
import { broadcastShapes, elementCount, normalizeAxis, sameShape, shapeError } from '../shapes.js';
import type { Dim, OpSpec, Shape, Value } from '../types.js';
import { noGradient } from '../types.js';
import { at, defineOp } from './define.js';

export const shapes = {
  reshape: defineOp<{ shape: Shape }>({
    infer(types, { shape }, graph) {
      const x = at(types, 0);
      if (elementCount(x.shape, graph) !== elementCount(shape, graph)) {
        throw shapeError('reshape', `cannot become [${shape.join(', ')}]`, types);
      }
      return [{ dtype: x.dtype, shape }];
    },
    grad: ({ inputs, dy }) => [reshape(dy, at(inputs, 0).shape)],
    lower: (e, { shape }) => void e.emit('Reshape', [at(e.inputs, 0), e.shape(shape)], {}, { outputs: e.outputs }),
  }),
  /** Output axis i is input axis `order[i]`. */
  transpose: defineOp<{ order: readonly number[] }>({
    infer(types, { order }) {
      const x = at(types, 0);
      if ([...order].sort((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== x.shape.length) {
        throw shapeError('transpose', `${order.join()} is not an order of its axes`, types);
      }
      return [{ dtype: x.dtype, shape: order.map((axis) => at(x.shape, axis)) }];
    },
    grad: ({ attributes: { order }, dy }) => [
      transpose(
        dy,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ],
    lower: (e, { order }) => void e.emit('Transpose', e.inputs, { perm: order }, { outputs: e.outputs }),
  }),
  broadcastTo: defineOp<{ shape: Shape }>({
    infer(types, { shape }) {
      const x = at(types, 0);
      const target = { dtype: x.dtype, shape };
      if (!sameShape(broadcastShapes('broadcastTo', x, target), shape)) {
        throw shapeError('broadcastTo', `cannot become [${shape.join(', ')}]`, types);
      }
      return [target];
    },
    // The backward walk sums the gradient back to the input's shape.
    grad: ({ dy }) => [dy],
    lower: (e, { shape }) => void e.emit('Expand', [at(e.inputs, 0), e.shape(shape)], {}, { outputs: e.outputs }),
  }),
  /** Elements `start` up to `end` (which may be a named size) of one axis. */
  slice: defineOp<{ axis: number; start: number; end: readonly (number | string)[] }>({
    infer(types, { axis, start, end }) {
      const x = at(types, 0);
      const index = normalizeAxis('slice', axis, x);
      const stop = at(end, 0);
      const size = at(x.shape, index);
      if (typeof stop === 'number' && (stop <= start || (typeof size === 'number' && stop > size))) {
        throw shapeError('slice', `[${start}, ${stop}) is not a part of axis ${axis}`, types);
      }
      if (typeof stop === 'string' && start !== 0) throw shapeError('slice', 'a named end needs start 0', types);
      const length = typeof stop === 'string' ? stop : stop - start;
      return [{ dtype: x.dtype, shape: x.shape.map((dim, i) => (i === index ? length : dim)) }];
    },
    grad: ({ inputs, attributes, dy }) => [apply('unslice', [dy, at(inputs, 0)], attributes)],
    lower(e, { axis, start, end }) {
      e.emit('Slice', [at(e.inputs, 0), e.int64([start]), e.shape(end), e.int64([axis])], {}, { outputs: e.outputs });
    },
  }),
  /** The gradient of `slice`: zeros with the shape of the second input around the first. */
  unslice: defineOp<{ axis: number; start: number; end: readonly (number | string)[] }>({
    infer: (types) => [at(types, 1)],
    grad: ({ attributes, dy }) => {
      const { axis, start, end } = attributes;
      return [slice(dy, axis, start, at(end, 0)), undefined];
    },
    lower(e, { axis, start }) {
      const [part, whole] = [at(e.inputs, 0), at(e.inputs, 1)];
      const index = normalizeAxis('slice', axis, at(e.inputTypes, 1));
      const size = (name: string) => e.emit('Slice', [e.emit('Shape', [name]), e.int64([index]), e.int64([index + 1])]);
      const after = e.emit('Sub', [e.emit('Sub', [size(whole), size(part)]), e.int64([start])]);
      const pads = e.emit('Concat', [e.int64([start]), after], { axis: 0 });
      e.emit('Pad', [part, pads, e.float(0), e.int64([index])], { mode: 'constant' }, { outputs: e.outputs });
    },
  }),
  /** Row i is row i + `by` of the input; where the input has no such row, zeros. */
  shiftRows: defineOp<{ by: number }>({
    infer(types, { by }) {
      const x = at(types, 0);
      if (x.dtype !== 'float' || x.shape.length === 0 || !Number.isInteger(by)) {
        throw shapeError('shiftRows', `takes rows of floats and a whole number, not ${by}`, types);
      }
      return [x];
    },
    grad: ({ attributes: { by }, dy }) => [shiftRows(dy, -by)],
    lower(e, { by }) {
      const x = at(e.inputs, 0);
      const [before, after] = [Math.max(-by, 0), Math.max(by, 0)];
      const padded = e.emit('Pad', [x, e.int64([before, after]), e.float(0), e.int64([0])], { mode: 'constant' });
      const rows = e.emit('Slice', [e.emit('Shape', [x]), e.int64([0]), e.int64([1])]);
      const end = e.emit('Add', [rows, e.int64([after])]);
      e.emit('Slice', [padded, e.int64([after]), end, e.int64([0])], {}, { outputs: e.outputs });
    },
  }),
  concat: defineOp<{ axis: number }>({
    infer(types, { axis }) {
      const x = at(types, 0);
      const index = normalizeAxis('concat', axis, x);
      const total = types.reduce((sum, type) => {
        const fits = type.dtype === x.dtype && type.shape.length === x.shape.length;
        if (!fits || type.shape.some((dim, i) => i !== index && dim !== x.shape[i])) {
          throw shapeError('concat', 'the other axes must be equal', types);
        }
        const size = at(type.shape, index);
        if (typeof size !== 'number') throw shapeError('concat', `axis ${axis} must have a fixed size`, types);
        return sum + size;
      }, 0);
      return [{ dtype: x.dtype, shape: x.shape.map((dim, i) => (i === index ? total : dim)) }];
    },
    grad: ({ inputs, attributes: { axis }, dy }) => {
      let start = 0;
      return inputs.map((x) => {
        const size = Number(at(x.shape, normalizeAxis('concat', axis, x)));
        start += size;
        return slice(dy, axis, start - size, start);
      });
    },
    lower: (e, { axis }) => void e.emit('Concat', e.inputs, { axis }, { outputs: e.outputs }),
  }),
  /** Rows `indices` of a table [rows, ...]: [..., indices' shape, row shape]. */
  gatherRows: defineOp({
    infer(types) {
      const [table, indices] = [at(types, 0), at(types, 1)];
      if (indices.dtype !== 'int64' || table.shape.length < 1)
        throw shapeError('gatherRows', 'takes a table and int64 indices', types);
      return [{ dtype: table.dtype, shape: [...indices.shape, ...table.shape.slice(1)] }];
    },
    grad: ({ inputs, dy }) => [{ indices: at(inputs, 1), values: dy }, undefined],
    lower: (e) => void e.emit('Gather', e.inputs, { axis: 0 }, { outputs: e.outputs }),
  }),
  /** Zeros shaped like the third input, with row `indices[i]` increased by `values[i]`: the gradient of `gatherRows` inside a graph. */
  scatterAddRows: defineOp({
    infer(types) {
      const [indices, values, like] = [at(types, 0), at(types, 1), at(types, 2)];
      if (indices.dtype !== 'int64' || !sameShape(values.shape, [...indices.shape, ...like.shape.slice(1)])) {
        throw shapeError('scatterAddRows', 'values must be one row of the table for each index', types);
      }
      return [{ dtype: 'float', shape: like.shape }];
    },
    grad: ({ inputs, dy }) => [undefined, gatherRows(dy, at(inputs, 0)), undefined],
    lower(e) {
      const [indices, values, like] = [at(e.inputs, 0), at(e.inputs, 1), at(e.inputs, 2)];
      const row = at(e.inputTypes, 2).shape.slice(1);
      const zeros = e.emit('Expand', [e.float(0), e.emit('Shape', [like])]);
      const rows = e.emit('Reshape', [values, e.shape([-1, ...row])]);
      const column = e.emit('Reshape', [indices, e.int64([-1, ...row.map(() => 1)])]);
      const places = e.emit('Expand', [column, e.emit('Shape', [rows])]);
      // Not ScatterND: ONNX Runtime adds up its rows in several threads at once, and loses some of those that repeat.
      e.emit('ScatterElements', [zeros, places, rows], { axis: 0, reduction: 'add' }, { outputs: e.outputs });
    },
  }),
  /** Class numbers -> rows of 0 and 1 of size `depth`, which may be a named size; a class outside [0, depth) is a row of zeros. */
  oneHot: defineOp<{ depth: readonly Dim[] }>({
    infer(types, { depth }) {
      if (at(types, 0).dtype !== 'int64') throw shapeError('oneHot', 'takes int64 classes', types);
      return [{ dtype: 'float', shape: [...at(types, 0).shape, at(depth, 0)] }];
    },
    grad: noGradient,
    lower(e, { depth }) {
      const end = e.emit('Squeeze', [e.shape(depth)]);
      const classes = e.emit('Range', [e.int64([0], []), end, e.int64([1], [])]);
      const column = e.emit('Unsqueeze', [at(e.inputs, 0), e.int64([-1])]);
      const hit = e.emit('Equal', [column, classes]);
      e.emit('Cast', [hit], { to: e.target.precision === 'float32' ? 1 : 11 }, { outputs: e.outputs });
    },
  }),
  /** Passes the value on and stops its gradient. */
  stopGradient: defineOp({
    infer: (types) => [at(types, 0)],
    grad: noGradient,
    lower: (e) => void e.emit('Identity', e.inputs, {}, { outputs: e.outputs }),
  }),
} satisfies Record<string, OpSpec>;

export const reshape = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : apply('reshape', [x], { shape });
export const transpose = (x: Value, order: readonly number[]): Value => apply('transpose', [x], { order });
export const broadcastTo = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : apply('broadcastTo', [x], { shape });
export const slice = (x: Value, axis: number, start: number, end: number | string): Value =>
  apply('slice', [x], { axis, start, end: [end] });
export const shiftRows = (x: Value, by: number): Value => apply('shiftRows', [x], { by });
export const gatherRows = (table: Value, indices: Value): Value => apply('gatherRows', [table, indices]);
export const scatterAddRows = (indices: Value, values: Value, like: Value): Value =>
  apply('scatterAddRows', [indices, values, like]);
export const oneHot = (classes: Value, depth: Dim): Value => apply('oneHot', [classes], { depth: [depth] });
export const stopGradient = (x: Value): Value => apply('stopGradient', [x]);

export function concat(values: readonly Value[], axis: number): Value {
  const [first, ...rest] = values;
  if (!first) throw new FieldcraftError('FC_GRAPH', { what: 'concat: takes at least one value' });
  return rest.length === 0 ? first : apply('concat', [first, ...rest], { axis });
}
