/** What distillation compares inside two encoders: how the tokens of a text relate to each other, and the rows of a layer. */
import {
  add,
  constant,
  div,
  greater,
  logSoftmax,
  matmul,
  mul,
  reshape,
  softmax,
  square,
  sub,
  sum,
  sumAll,
  toFloat,
  transpose,
  type Value,
} from '../graph/index.js';

/** Rows [tokens, width] on both sides, position first: how much each token of `from` has to do with each of `to`. */
export interface Relation {
  readonly from: Value;
  readonly to: Value;
}

/** [batch, 1, 1, length]: 1 for real tokens and 0 for padding, from the bias of attention. */
const realKeys = (bias: Value): Value => toFloat(greater(bias, constant(bias.graph, -1)));

/** 1 for the rows [tokens, 1] of real tokens and 0 for those of padding, from the bias of attention [batch, 1, 1, length]. */
export const realTokens = (bias: Value): Value => reshape(transpose(realKeys(bias), [3, 1, 2, 0]), ['tokens', 1]);

/** The scores of each token with each other by so many heads [batch, heads, length, length]: a b' / sqrt(width of a head) + bias. */
function scores({ from, to }: Relation, heads: number, bias: Value): Value {
  const size = Number(from.shape[1]) / heads;
  const split = (rows: Value) => reshape(rows, ['length', 'batch', heads, size]);
  const options = { rowsFirstA: true, rowsFirstB: true, transposeB: true, alpha: 1 / Math.sqrt(size) };
  return add(matmul(split(from), split(to), options), bias);
}

/**
 * KL(softmax(teacher's scores) || softmax(student's scores)), the mean over heads and real tokens: of queries with keys the attention transfer of
 * MiniLM (Wang et al. 2020, equation 5), of values with values its value-relation transfer (equations 6 and 7). Both sides split into the same
 * number of heads, whatever they have of their own (MiniLMv2, Wang et al. 2021), so that their widths may differ.
 */
export function relationDivergence(
  teacher: Relation,
  student: Relation,
  { heads, bias }: { heads: number; bias: Value },
): Value {
  const [p, q] = [scores(teacher, heads, bias), scores(student, heads, bias)];
  const rows = sum(mul(softmax(p), sub(logSoftmax(p), logSoftmax(q))), [-1]);
  const real = reshape(realKeys(bias), ['batch', 1, 'length']);
  return div(sumAll(mul(rows, real)), mul(sumAll(real), constant(bias.graph, heads)));
}

/** Mean squared difference of rows [tokens, width], those of padding left out: what TinyBERT learns hidden states by (Jiao et al. 2020). */
export function rowError(x: Value, target: Value, bias: Value): Value {
  const real = realTokens(bias);
  const width = constant(x.graph, Number(x.shape[1]));
  return div(sumAll(mul(square(sub(x, target)), real)), mul(sumAll(real), width));
}
