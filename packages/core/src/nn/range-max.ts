/**
 * The largest values of stretches of rows. The maximum over any stretch is that of two overlapping ones whose lengths are the same power of
 * two, so that a table of those answers for all stretches, however many and however long (a sparse table: Bender & Farach-Colton 2000, "The
 * LCA Problem Revisited"). Nothing in it grows with the number of stretches but two gathers.
 */
import {
  concat,
  gatherRows,
  greater,
  productSize,
  reshape,
  shiftRows,
  where,
  type Dim,
  type Value,
} from '../graph/index.js';

/** The larger of two values, element by element; where they are equal the gradient is the second's. */
export const larger = (a: Value, b: Value): Value => where(greater(a, b), a, b);

/**
 * Tensors [rows, width] of one shape side by side: [rows * their number, width], row r * number + i being row r of the i-th. `name` is what
 * the size of the result is called.
 */
export function interleaveRows(values: readonly [Value, ...Value[]], name: string): Value {
  const [rows, width] = values[0].shape as [Dim, Dim];
  return reshape(concat(values, 1), [productSize(values[0].graph, name, [rows, values.length]), width]);
}

/** How many powers of two fit into a stretch of `length` rows, 1 among them. */
export const rangeLevels = (length: number): number => Math.floor(Math.log2(length)) + 1;

/**
 * The table over sequences whose rows x [tokens, width] are ordered position first: for each row and each of `levels` powers of two the maximum
 * over so many positions from there on, interleaved. `name` is what its size is called.
 */
export function rangeTable(x: Value, { levels, name }: { levels: number; name: string }): Value {
  const table: [Value, ...Value[]] = [x];
  let last = x;
  for (let level = 1; level < levels; level++) {
    last = larger(last, shiftPositions(last, 2 ** (level - 1)));
    table.push(last);
  }
  return interleaveRows(table, name);
}

/** Of rows [tokens, width], position first: each position's row is that of `by` positions later in its sequence, zeros behind the end. */
export function shiftPositions(x: Value, by: number): Value {
  const width = x.shape[1] as Dim;
  return reshape(shiftRows(reshape(x, ['length', 'batch', width]), by), ['tokens', width]);
}

/** The maxima [stretches, width] over stretches given as two entries of the table each, int64 [stretches]: those of `rangeEntries`. */
export const rangeMax = (table: Value, first: Value, second: Value): Value =>
  larger(gatherRows(table, first), gatherRows(table, second));

/** The two entries of a table that together cover positions `first` to `last` of a sequence; `rowOf` is the row of a position. */
export function rangeEntries(
  { first, last }: { first: number; last: number },
  { levels, rowOf }: { levels: number; rowOf: (position: number) => number },
): [first: number, second: number] {
  const level = rangeLevels(last - first + 1) - 1;
  return [rowOf(first) * levels + level, rowOf(last - 2 ** level + 1) * levels + level];
}
