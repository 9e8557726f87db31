/** One vector a sequence: the mean of its token rows. */
import {
  add,
  constant,
  div,
  equal,
  greater,
  mul,
  reshape,
  sum,
  toFloat,
  transpose,
  type Value,
} from '../graph/index.js';

/**
 * The mean of each sequence's rows [batch, hidden], padding left out (Reimers & Gurevych 2019, section 3). `rows` [tokens, hidden], position
 * first; `bias` [batch, 1, 1, length] is 0 for real tokens and very negative for padding.
 * @param among 1 for some rows and 0 for others [tokens]: then the mean of those, and of all where a sequence has none
 */
export function meanPooling(rows: Value, bias: Value, among?: Value): Value {
  const column = (x: Value) => reshape(x, ['length', 'batch', 1]);
  const isReal = toFloat(greater(bias, constant(bias.graph, -1)));
  let kept = column(transpose(reshape(isReal, ['batch', 'length']), [1, 0]));
  if (among) {
    const chosen = mul(kept, column(among));
    const hasNone = toFloat(equal(sum(chosen, [0], true), constant(bias.graph, 0)));
    kept = add(chosen, mul(kept, hasNone));
  }
  const byPosition = reshape(rows, ['length', 'batch', rows.shape[1] ?? 0]);
  return div(sum(mul(byPosition, kept), [0]), sum(kept, [0]));
}
