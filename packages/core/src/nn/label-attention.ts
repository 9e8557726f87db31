/** Attention of labels to the token rows of segments, so that documents of any number of segments can be put together from them. */
import {
  add,
  div,
  exp,
  gemm,
  log,
  max,
  mul,
  reshape,
  softmax,
  stopGradient,
  sub,
  sum,
  transpose,
  type Value,
} from '../graph/index.js';

export interface LabelAttentionInputs {
  /** Token rows [tokens, hidden], position first. */
  readonly rows: Value;
  /** [batch, 1, 1, length]: 0 for real tokens and very negative for padding. */
  readonly bias: Value;
  /** What each label looks for, and what it makes of what it finds, both [labels, hidden]. */
  readonly queries: Value;
  readonly weights: Value;
}

/** For each segment and label, both [batch, labels]. */
export interface LabelAttention {
  /** The weighted mean, by attention, of what the segment's tokens say for the label. */
  readonly scores: Value;
  /** The logarithm of all attention in the segment: how much of a document's falls on it. */
  readonly masses: Value;
}

/**
 * Label-wise attention (Mullenbach et al. 2018, section 2.2; over segments, PLM-ICD, Huang, Tsai & Chen 2022, section 3.3). With a = rows
 * queries', g = rows weights': masses[s, l] = log sum_t exp a[t, l] and scores[s, l] = sum_t exp(a[t, l] - masses[s, l]) g[t, l] over the
 * tokens t of segment s. Weighing values before or after the sum is the same, since a score is linear in them.
 */
export function labelAttention({ rows, bias, queries, weights }: LabelAttentionInputs): LabelAttention {
  const labels = queries.shape[0] ?? 0;
  // [batch, labels, length]
  const bySegment = (factors: Value) =>
    transpose(reshape(gemm(factors, rows, { transposeB: true }), [labels, 'length', 'batch']), [2, 0, 1]);
  const attention = add(bySegment(queries), reshape(bias, ['batch', 1, 'length']));
  // log sum exp: the largest is only there against overflow, and cancels in the gradient.
  const largest = stopGradient(max(attention, [-1], true));
  const shares = exp(sub(attention, largest));
  const total = sum(shares, [-1]);
  return {
    scores: div(sum(mul(shares, bySegment(weights)), [-1]), total),
    masses: add(log(total), reshape(largest, ['batch', labels])),
  };
}

/**
 * The scores of whole documents [batch, labels]: row i is that of the document of segment i, as if the softmax had run over all its tokens.
 * `siblings` [batch, batch] is 0 for two segments of one document and very negative elsewhere.
 */
export function joinSegments({ scores, masses }: LabelAttention, siblings: Value): Value {
  const labels = scores.shape[1] ?? 0;
  const columns = (x: Value) => reshape(transpose(x, [1, 0]), [1, labels, 'batch']);
  const shares = softmax(add(columns(masses), reshape(siblings, ['batch', 1, 'batch'])));
  return sum(mul(shares, columns(scores)), [-1]);
}
