/**
 * What ONNX Runtime computes in one kernel on a CPU and other operators in several: `fuseGraph` puts these in their place when a graph is served.
 * Elsewhere, and in double precision, they are lowered to standard operators.
 */
import { apply } from '../build.js';
import { sameShape, shapeError } from '../shapes.js';
import { notDifferentiable, type Dim, type Emitter, type OpSpec, type Value } from '../types.js';
import { at, defineOp, floats } from './define.js';
import { emitErf } from './elementwise.js';

type SequenceAttentionAttributes = {
  heads: number;
  scale: number;
  /** Names of the sizes of a sequence batch; token rows are ordered by sequence first, then by position. */
  length: string;
  batch: string;
};

const onlyServed = notDifferentiable('it stands in served graphs only: differentiate before fuseGraph');
const hasKernels = ({ target }: Emitter): boolean => target.precision === 'float32' && target.provider === 'cpu';
const kernel = { domain: 'com.microsoft' } as const;

export const fused = {
  /**
   * context = softmax(scale q k' where the key is real) v for each head.
   *
   * Inputs: q, k, v [tokens, hidden], rows ordered by sequence first; real [batch, length], a bool: which keys may be seen. Where q has one row
   * a sequence, [batch, hidden], so has the context.
   */
  sequenceAttention: defineOp<SequenceAttentionAttributes>({
    infer(types, { heads, batch, length }) {
      const [q, k, v, real] = types;
      floats('sequenceAttention', types.slice(0, 3), 3);
      const width = q?.shape[1];
      const fits =
        q &&
        k &&
        v &&
        sameShape(k.shape, v.shape) &&
        (sameShape(q.shape, k.shape) || sameShape(q.shape, [batch, width!]));
      if (!fits || typeof width !== 'number' || width % heads !== 0)
        throw shapeError('sequenceAttention', `takes equal rows that split into ${heads} heads`, types);
      if (real?.dtype !== 'bool' || !sameShape(real.shape, [batch, length]))
        throw shapeError('sequenceAttention', 'says which keys are real by bools [batch, length]', types);
      return [q];
    },
    grad: onlyServed,
    lower(e, { heads, scale, batch, length }) {
      const [q, k, v, real] = e.inputs as [string, string, string, string];
      const rows = at(e.inputTypes, 0).shape;
      const width = Number(at(rows, 1));
      const queries: Dim = rows[0] === batch ? 1 : length;
      const view = (x: string, ...shape: Dim[]) => e.emit('Reshape', [x, e.shape([batch, ...shape])]);
      const done = (context: string) => void e.emit('Reshape', [context, e.shape(rows)], {}, { outputs: e.outputs });
      if (hasKernels(e)) {
        const mask = e.emit('Cast', [real], { to: int32 });
        const parts = [view(q, queries, width), view(k, length, width), view(v, length, width)];
        const attributes = { num_heads: heads, scale: { float: scale }, mask_filter_value: { float: hidden } };
        const attention = (...inputs: string[]) => ({ opType: 'MultiHeadAttention', ...kernel, inputs, attributes });
        // Told of no mask, the kernel goes over keys block by block, a fifth faster (Dao et al. 2022).
        const isFull = e.emit('Cast', [e.emit('ReduceMin', [mask], { keepdims: false })], { to: bool });
        return done(e.choose(isFull, { then: attention(...parts), else: attention(...parts, '', mask) }));
      }
      const split = (x: string, positions: Dim, perm: readonly number[]) =>
        e.emit('Transpose', [view(x, positions, heads, width / heads)], { perm });
      const products = e.emit('MatMul', [split(q, queries, [0, 2, 1, 3]), split(k, length, [0, 2, 3, 1])]);
      const bias = e.emit('Where', [view(real, 1, 1, length), e.float(0), e.float(hidden)]);
      const scores = e.emit('Add', [e.emit('Mul', [products, e.float(scale)]), bias]);
      const context = e.emit('MatMul', [e.emit('Softmax', [scores], { axis: -1 }), split(v, length, [0, 2, 1, 3])]);
      done(e.emit('Transpose', [context], { perm: [0, 2, 1, 3] }));
    },
  }),
  /** GELU (Hendrycks & Gimpel 2016), the exact one. */
  gelu: defineOp({
    infer(types) {
      floats('gelu', types, 1);
      return [at(types, 0)];
    },
    grad: onlyServed,
    lower(e) {
      if (hasKernels(e)) return void e.emit('Gelu', e.inputs, {}, { outputs: e.outputs });
      const [u] = e.inputs as [string];
      const gate = e.emit('Add', [emitErf(e, e.emit('Mul', [u, e.float(Math.SQRT1_2)])), e.float(1)]);
      e.emit('Mul', [e.emit('Mul', [u, e.float(0.5)]), gate], {}, { outputs: e.outputs });
    },
  }),
} satisfies Record<string, OpSpec>;

/** ONNX's numbers of the types. */
const int32 = 6;
const bool = 9;

/** What is added to the scores of keys that may not be seen: exp(-10000) is 0. */
const hidden = -10_000;

export function sequenceAttention(
  { q, k, v, real }: Record<'q' | 'k' | 'v' | 'real', Value>,
  attributes: SequenceAttentionAttributes,
): Value {
  return apply('sequenceAttention', [q, k, v, real], attributes);
}

export const gelu = (x: Value): Value => apply('gelu', [x]);
