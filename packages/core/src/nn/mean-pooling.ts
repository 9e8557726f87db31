/** One vector a sequence: the mean of its token rows. */
import { constant, div, greater, mul, reshape, sum, toFloat, transpose, type Value } from '../graph/index.js';

/**
 * The mean of each sequence's rows [batch, hidden], padding left out (Reimers & Gurevych 2019, section 3). `rows` [tokens, hidden], position
 * first; `bias` [batch, 1, 1, length] is 0 for real tokens and very negative for padding.
 */
export function meanPooling(rows: Value, bias: Value): Value {
  const isReal = toFloat(greater(bias, constant(bias.graph, -1)));
  const kept = reshape(transpose(reshape(isReal, ['batch', 'length']), [1, 0]), ['length', 'batch', 1]);
  const byPosition = reshape(rows, ['length', 'batch', rows.shape[1] ?? 0]);
  return div(sum(mul(byPosition, kept), [0]), sum(kept, [0]));
}
