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
 * @param segments of each row [tokens]: then the mean of those of segment 1, and of all where a sequence has none
 */
export function meanPooling(rows: Value, bias: Value, segments?: Value): Value {
  const column = (x: Value) => reshape(x, ['length', 'batch', 1]);
  const isReal = toFloat(greater(bias, constant(bias.graph, -1)));
  let kept = column(transpose(reshape(isReal, ['batch', 'length']), [1, 0]));
  if (segments) {
    const isSecond = mul(kept, column(toFloat(segments)));
    const hasNone = toFloat(equal(sum(isSecond, [0], true), constant(bias.graph, 0)));
    kept = add(isSecond, mul(kept, hasNone));
  }
  const byPosition = reshape(rows, ['length', 'batch', rows.shape[1] ?? 0]);
  return div(sum(mul(byPosition, kept), [0]), sum(kept, [0]));
}
