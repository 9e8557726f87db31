/** Few rows of many columns as a square matrix with the same products between rows: linear models on either are the same. */
import type { SparseRows } from './sparse-rows.js';

export interface RowSpace {
  /** Lower triangular, as many columns as rows: its rows have the products with each other that those of the given matrix have. */
  readonly square: SparseRows;
  /** Weights of the square's columns as weights of the given columns, which give every row the same score and have the same length. */
  weightsOf(weights: ArrayLike<number>): Float64Array;
}

/** Smaller pivots are rounding: the row is a combination of earlier ones. */
const smallestPivot = 1e-10;

/**
 * Factors the products of rows, X X' = L L' (Cholesky), so that a model with a penalty on the length of its weights can be fitted on L: its
 * weights w = X' b have w.w = (L' b).(L' b). Takes rows^3 / 3 multiplications and rows^2 numbers once, however many models follow.
 */
export function rowSpaceOf(x: SparseRows): RowSpace {
  const rows = x.rowStart.length - 1;
  const factor = new Float64Array(rows * rows);
  const dense = new Float64Array(x.columns);
  for (let i = 0; i < rows; i++) {
    for (let k = x.rowStart[i]!; k < x.rowStart[i + 1]!; k++) dense[x.column[k]!] = x.value[k]!;
    for (let j = 0; j <= i; j++) {
      let product = 0;
      for (let k = x.rowStart[j]!; k < x.rowStart[j + 1]!; k++) product += x.value[k]! * dense[x.column[k]!]!;
      for (let k = 0; k < j; k++) product -= factor[i * rows + k]! * factor[j * rows + k]!;
      const pivot = factor[j * rows + j]!;
      if (j < i) factor[i * rows + j] = pivot === 0 ? 0 : product / pivot;
      else factor[i * rows + i] = product < smallestPivot ? 0 : Math.sqrt(product);
    }
    for (let k = x.rowStart[i]!; k < x.rowStart[i + 1]!; k++) dense[x.column[k]!] = 0;
  }
  const square: SparseRows = {
    columns: rows,
    rowStart: Int32Array.from({ length: rows + 1 }, (_, i) => (i * (i + 1)) / 2),
    column: new Int32Array((rows * (rows + 1)) / 2),
    value: new Float64Array((rows * (rows + 1)) / 2),
  };
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++, at++) {
      square.column[at] = j;
      square.value[at] = factor[i * rows + j]!;
    }
  }
  return {
    square,
    weightsOf(weights) {
      // L' b = weights, from the last row up.
      const shares = new Float64Array(rows);
      for (let j = rows - 1; j >= 0; j--) {
        let rest = weights[j]!;
        for (let i = j + 1; i < rows; i++) rest -= factor[i * rows + j]! * shares[i]!;
        const pivot = factor[j * rows + j]!;
        shares[j] = pivot === 0 ? 0 : rest / pivot;
      }
      const all = new Float64Array(x.columns);
      for (let i = 0; i < rows; i++)
        for (let k = x.rowStart[i]!; k < x.rowStart[i + 1]!; k++) all[x.column[k]!]! += shares[i]! * x.value[k]!;
      return all;
    },
  };
}
