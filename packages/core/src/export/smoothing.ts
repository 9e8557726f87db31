/** Factors that even out the columns of what is multiplied in 8 bits. */

/** Of the columns of rows: their largest magnitudes, and the means of their squares. */
export interface ColumnStatistics {
  readonly largest: Float32Array;
  readonly squares: Float32Array;
}

/** Rows, and the matrices [outputs, columns] that multiply them. */
export interface RowsAndWeights {
  readonly rows: ColumnStatistics;
  readonly matrices: readonly Float32Array[];
}

/** By the first weight that multiplies them: by what columns of rows are divided before they are quantised, and those of their weights multiplied. */
export type Smoothing = ReadonlyMap<string, number[]>;

/** How much of the unevenness of columns may move into the weights. */
const shares = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** Below this share of their mean no factor lies: a column that was silent in what was seen must not be the largest of all when it speaks. */
const leastFactor = 1 / 8;
/** Of the error without it, what may be left where smoothing is worth a multiplication. */
const worthwhile = 0.75;

/**
 * Factors that even out columns whose values are much larger than the others', on which the one scale of all rows would be spent (SmoothQuant, Xiao
 * et al. 2023, section 4): s = x^a / w^(1 - a) of the largest magnitudes x of a column of rows and w of the weights' column. The share a is that of
 * the least expected error, and rows where it helps little have none.
 */
export function smoothingOf(groups: ReadonlyMap<string, RowsAndWeights>, weightBits: 7 | 8): Smoothing {
  const smoothing = new Map<string, number[]>();
  for (const [leader, { rows, matrices }] of groups) {
    const columns = largestByColumn(matrices, rows.largest.length);
    const candidates = shares.map((share) => factorsOf(rows.largest, columns, share));
    const errorOf = (factors: readonly number[]) => expectedError({ rows, matrices }, factors, weightBits);
    const errors = candidates.map(errorOf);
    const least = Math.min(...errors);
    if (least < worthwhile * errorOf(new Array<number>(columns.length).fill(1)))
      smoothing.set(leader, candidates[errors.indexOf(least)]!);
  }
  return smoothing;
}

function largestByColumn(matrices: readonly Float32Array[], columns: number): Float32Array {
  const largest = new Float32Array(columns);
  for (const matrix of matrices)
    for (let i = 0; i < matrix.length; i++) {
      const column = i % columns;
      largest[column] = Math.max(largest[column]!, Math.abs(matrix[i]!));
    }
  return largest;
}

/** With a geometric mean of 1, to three digits. A column that is 0 everywhere needs no factor. */
function factorsOf(rows: Float32Array, weights: Float32Array, share: number): number[] {
  const factors = Array.from(rows, (x, i) =>
    x > 0 && weights[i]! > 0 ? x ** share / weights[i]! ** (1 - share) : undefined,
  );
  const known = factors.filter((factor) => factor !== undefined);
  const mean = Math.exp(known.reduce((sum, factor) => sum + Math.log(factor), 0) / Math.max(1, known.length));
  return factors.map((factor) =>
    factor === undefined ? 1 : Number(Math.max(leastFactor, factor / mean).toPrecision(3)),
  );
}

/**
 * The root of the mean square error of a product in 8 bits, of rows with one scale and weights with one for each output, as if the errors of rounding
 * were even and independent; up to a constant.
 */
function expectedError(
  { rows: { largest, squares }, matrices }: RowsAndWeights,
  factors: readonly number[],
  weightBits: 7 | 8,
): number {
  const columns = factors.length;
  const coarser = weightBits === 7 ? 2 : 1;
  const step = Math.max(...factors.map((factor, i) => largest[i]! / factor));
  const size = factors.reduce((sum, factor, i) => sum + squares[i]! / factor ** 2, 0);
  let [ofRows, ofWeights, outputs] = [0, 0, 0];
  for (const matrix of matrices) {
    for (let from = 0; from < matrix.length; from += columns) {
      let [sum, most] = [0, 0];
      for (let i = 0; i < columns; i++) {
        const value = Math.abs(matrix[from + i]! * factors[i]!);
        sum += value * value;
        if (value > most) most = value;
      }
      ofRows += step ** 2 * sum;
      ofWeights += (coarser * most) ** 2 * size;
      outputs++;
    }
  }
  return Math.sqrt((ofRows + ofWeights) / outputs);
}
