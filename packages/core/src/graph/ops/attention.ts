/** Scaled dot-product attention over heads (Vaswani et al. 2017, section 3.2), with a gradient of its own. */
import { apply } from '../build.js';
import { sameShape, shapeError } from '../shapes.js';
import type { Dim, OpSpec, Shape, Value } from '../types.js';
import { at, defineOp, floats } from './define.js';
import { mul, sub } from './elementwise.js';
import { lowerMatmul, matmul } from './matrix.js';
import { sum } from './reduction.js';
import { reshape, slice, transpose } from './shape.js';

type AttentionAttributes = {
  heads: number;
  scale: number;
  /** Names of the sizes of a sequence batch; token rows are ordered by position first, then by sequence. */
  length: string;
  batch: string;
};

/** How many positions of each sequence have a row: all, or the first. */
const positions = (x: { shape: Shape }, { length, batch }: AttentionAttributes): Dim =>
  x.shape[0] === batch ? 1 : length;

/** Rows [tokens or batch, hidden] seen as [length or 1, batch, heads, head size]. */
const headShape = (x: { shape: Shape }, attributes: AttentionAttributes): Dim[] => [
  positions(x, attributes),
  attributes.batch,
  attributes.heads,
  Number(at(x.shape, 1)) / attributes.heads,
];

export const attentions = {
  /**
   * context = dropout(softmax(scale q k' + bias)) v for each head.
   *
   * Inputs: q, k, v [tokens, hidden]; bias [batch, 1, 1, length], 0 for real keys and very negative for padding; and in training a dropout
   * mask [batch, heads, length, length] of 0 and 1/(1-p). Outputs: context [tokens, hidden], and the probabilities before and after
   * dropout, which the gradient needs. Rows are ordered position first, so that a head is a strided view of them
   * and only the context has to be moved. Where q has the rows of the first position alone, [batch, hidden], so has the context, and the
   * mask is [batch, heads, 1, length].
   */
  attention: defineOp<AttentionAttributes>({
    infer(types, attributes) {
      floats('attention', types, types.length === 5 ? 5 : 4);
      const { heads, length, batch } = attributes;
      const [q, k, v, bias, mask] = types;
      const hidden = at(at(types, 0).shape, 1);
      if (
        !q ||
        !k ||
        !v ||
        !bias ||
        !sameShape(k.shape, v.shape) ||
        !(sameShape(q.shape, k.shape) || sameShape(q.shape, [batch, hidden])) ||
        typeof hidden !== 'number' ||
        hidden % heads !== 0
      ) {
        throw shapeError(
          'attention',
          `queries, keys and values must be equal rows that split into ${heads} heads`,
          types,
        );
      }
      const scores = [batch, heads, positions(q, attributes), length];
      if (!sameShape(bias.shape, [batch, 1, 1, length]) || (mask && !sameShape(mask.shape, scores))) {
        throw shapeError('attention', 'the bias or the dropout mask does not fit', types);
      }
      const probabilities = { dtype: 'float', shape: scores } as const;
      return [q, probabilities, probabilities];
    },
    /**
     * With P the probabilities, M the mask, C the context: dV = (P M)' dC, dP = (dC V') M, dS = P (dP - D), dQ = scale dS K, dK = scale dS' Q.
     * D, the row sums of P dP, equals the row sums of dC C (Dao et al. 2022, "FlashAttention", appendix B.2), which are far fewer numbers.
     */
    grad: ({ inputs, outputs, attributes, dy }) => {
      const { heads, scale, batch } = attributes;
      const [q, k, v] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
      const mask = inputs[4];
      const [context, probabilities, dropped] = [at(outputs, 0), at(outputs, 1), at(outputs, 2)];
      const split = (x: Value) => reshape(x, headShape(x, attributes));
      const merge = (x: Value, like: Value) => reshape(transpose(x, [2, 0, 1, 3]), like.shape);
      const dc = split(dy);
      const dv = merge(matmul(dropped, dc, { transposeA: true, rowsFirstB: true }), v);
      const dDropped = matmul(dc, split(v), { rowsFirstA: true, rowsFirstB: true, transposeB: true });
      const dp = mask ? mul(dDropped, mask) : dDropped;
      const rowSums = transpose(sum(mul(dc, split(context)), [-1]), [1, 2, 0]);
      const ds = mul(probabilities, sub(dp, reshape(rowSums, [batch, heads, positions(q, attributes), 1])));
      const dq = merge(matmul(ds, split(k), { rowsFirstB: true, alpha: scale }), q);
      const dk = merge(matmul(ds, split(q), { transposeA: true, rowsFirstB: true, alpha: scale }), k);
      return [dq, dk, dv];
    },
    lower(e, attributes) {
      const [q, k, v, bias, mask] = e.inputs as [string, string, string, string, string?];
      const [context, probabilities, dropped] = e.outputs as [string, string, string];
      const [rows, tokens] = [at(e.inputTypes, 0), at(e.inputTypes, 1)];
      const split = (x: string, type: { shape: Shape }) => e.emit('Reshape', [x, e.shape(headShape(type, attributes))]);
      const scores = lowerMatmul(e, split(q, rows), split(k, tokens), 4, {
        rowsFirstA: true,
        rowsFirstB: true,
        transposeB: true,
        alpha: attributes.scale,
      });
      e.emit('Softmax', [e.emit('Add', [scores, bias])], { axis: -1 }, { outputs: [probabilities] });
      if (mask) e.emit('Mul', [probabilities, mask], {}, { outputs: [dropped] });
      else e.emit('Identity', [probabilities], {}, { outputs: [dropped] });
      const byHead = lowerMatmul(e, mask ? dropped : probabilities, split(v, tokens), 4, { rowsFirstB: true });
      const moved = e.emit('Transpose', [byHead], { perm: [2, 0, 1, 3] });
      e.emit('Reshape', [moved, e.shape(rows.shape)], {}, { outputs: [context] });
    },
    // Queries are independent of each other. Those of the first position are a stretch of rows, and a slice of each head's mask.
    narrow: ({ inputs, attributes, rows, take, wholeOf }) => {
      if (rows.start !== 0 || rows.end !== attributes.batch) return undefined;
      const [q, k, v, bias, mask] = inputs as [Value, Value, Value, Value, Value?];
      const others = [k, v, bias].map(wholeOf);
      return mask ? [take(q), ...others, slice(wholeOf(mask), 2, 0, 1)] : [take(q), ...others];
    },
  }),
} satisfies Record<string, OpSpec>;

/** Attention over `heads` heads of token rows; `scale` defaults to 1 / sqrt(head size). */
export function attention(
  { q, k, v, bias, dropoutMask }: { q: Value; k: Value; v: Value; bias: Value; dropoutMask?: Value | undefined },
  { heads, scale, length, batch }: Omit<AttentionAttributes, 'scale'> & { scale?: number },
): Value {
  const attributes = { heads, scale: scale ?? 1 / Math.sqrt(Number(at(q.shape, 1)) / heads), length, batch };
  return apply('attention', dropoutMask ? [q, k, v, bias, dropoutMask] : [q, k, v, bias], attributes);
}
