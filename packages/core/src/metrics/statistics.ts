/**
 * Per-example statistics whose sums determine a metric, so that a thousand resamples cost a thousand sums
 * instead of a thousand evaluations.
 */

/** Sparse rows, one an example: row `i` adds `value[j]` to `column[j]` for j in [rowStart[i], rowStart[i + 1]). */
export interface ExampleStatistics {
  /** Number of sums. */
  width: number;
  rowStart: Int32Array;
  column: Int32Array;
  value: Float64Array;
}

/** The metrics that follow from the sums, by name. */
export type MetricsOfSums<Name extends string = string> = (sums: Float64Array) => Record<Name, number>;

/** Builds the rows: `describe(i, add)` calls `add(column, value)` for each statistic of example `i`. */
export function collectStatistics(
  examples: number,
  width: number,
  describe: (example: number, add: (column: number, value: number) => void) => void,
): ExampleStatistics {
  const rowStart = new Int32Array(examples + 1);
  const column: number[] = [];
  const value: number[] = [];
  for (let i = 0; i < examples; i++) {
    describe(i, (c, v) => {
      if (v === 0) return;
      column.push(c);
      value.push(v);
    });
    rowStart[i + 1] = column.length;
  }
  return { width, rowStart, column: Int32Array.from(column), value: Float64Array.from(value) };
}

/** Sums over the examples `indices` (repeats count again), or over all. Returns `[width]`. */
export function sumStatistics(statistics: ExampleStatistics, indices?: ArrayLike<number>): Float64Array {
  const { width, rowStart, column, value } = statistics;
  const sums = new Float64Array(width);
  const count = indices?.length ?? rowStart.length - 1;
  for (let k = 0; k < count; k++) {
    const row = indices === undefined ? k : indices[k]!;
    for (let j = rowStart[row]!, end = rowStart[row + 1]!; j < end; j++) sums[column[j]!]! += value[j]!;
  }
  return sums;
}
