/** Values that do not depend on any input. */
import { applyToGraph } from '../build.js';
import { shapeError } from '../shapes.js';
import type { Dim, Graph, OpSpec, Shape, Value } from '../types.js';
import { noGradient } from '../types.js';
import { at, defineOp } from './define.js';

type ConstantAttributes = { values: readonly number[]; shape: readonly number[]; integer: boolean };

export const constants = {
  constant: defineOp<ConstantAttributes>({
    infer(_, { values, shape, integer }) {
      if (shape.reduce((a, b) => a * b, 1) !== values.length) {
        throw shapeError('constant', `${values.length} values do not fill ${shape.join('x')}`, []);
      }
      return [{ dtype: integer ? 'int64' : 'float', shape }];
    },
    grad: noGradient,
    lower(e, { values, shape, integer }) {
      const name = integer ? e.int64(values, shape) : e.float(values, shape);
      e.emit('Identity', [name], {}, { outputs: e.outputs });
    },
  }),
  /** A tensor of one value whose shape may have named sizes. */
  filled: defineOp<{ shape: Shape; value: number }>({
    infer: (_, { shape }) => [{ dtype: 'float', shape }],
    grad: noGradient,
    lower: (e, { shape, value }) =>
      void e.emit('Expand', [e.float(value), e.shape(shape)], {}, { outputs: [at(e.outputs, 0)] }),
  }),
  /** 0, 1, 2, ... as many as its one size says. */
  range: defineOp<{ shape: Shape }>({
    infer: (_, { shape }) => [{ dtype: 'int64', shape }],
    grad: noGradient,
    lower(e, { shape }) {
      const [first, step] = [e.int64([0], []), e.int64([1], [])];
      e.emit('Range', [first, e.emit('Squeeze', [e.shape(shape)]), step], {}, { outputs: e.outputs });
    },
  }),
} satisfies Record<string, OpSpec>;

/** A scalar, or with `shape` an array in row-major order. */
export const constant = (graph: Graph, values: number | readonly number[], shape?: readonly number[]): Value =>
  applyToGraph(graph, 'constant', {
    values: typeof values === 'number' ? [values] : values,
    shape: shape ?? (typeof values === 'number' ? [] : [values.length]),
    integer: false,
  });

/** As `constant`, of type int64. */
export const integers = (graph: Graph, values: readonly number[], shape: readonly number[] = [values.length]): Value =>
  applyToGraph(graph, 'constant', { values, shape, integer: true });

/** `value` everywhere; the shape may have named sizes. */
export const filled = (graph: Graph, shape: Shape, value: number): Value =>
  applyToGraph(graph, 'filled', { shape, value });

/** The whole numbers below `size` in order, int64 [size]. */
export const range = (graph: Graph, size: Dim): Value => applyToGraph(graph, 'range', { shape: [size] });
