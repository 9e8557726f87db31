/** Ridge regression on sparse rows, as scikit-learn's Ridge defines it: squared errors and a penalty on the weights, the bias free. */
import { minimise } from './lbfgs.js';
import type { SparseRows } from './sparse-rows.js';

/** Fits numbers `y[i]` to the rows of `x`: minimises |Xw + b - y|^2 + alpha |w|^2. The model gives a number a row. */
export function fitRidge(
  x: SparseRows,
  y: Float64Array,
  { alpha = 1 }: { alpha?: number } = {},
): (rows: SparseRows) => Float64Array {
  const bias = x.columns;
  const predict = (rows: SparseRows, weights: Float64Array) =>
    Float64Array.from({ length: rows.rowStart.length - 1 }, (_, i) => {
      let sum = weights[bias]!;
      for (let j = rows.rowStart[i]!; j < rows.rowStart[i + 1]!; j++) sum += rows.value[j]! * weights[rows.column[j]!]!;
      return sum;
    });
  const weights = minimise(
    (w, gradient) => {
      let value = 0;
      for (let k = 0; k < bias; k++) {
        value += alpha * w[k]! ** 2;
        gradient[k] = 2 * alpha * w[k]!;
      }
      gradient[bias] = 0;
      predict(x, w).forEach((sum, i) => {
        const error = sum - y[i]!;
        value += error ** 2;
        gradient[bias]! += 2 * error;
        for (let j = x.rowStart[i]!; j < x.rowStart[i + 1]!; j++) gradient[x.column[j]!]! += 2 * error * x.value[j]!;
      });
      return value;
    },
    new Float64Array(bias + 1),
  );
  return (rows) => predict(rows, weights);
}
