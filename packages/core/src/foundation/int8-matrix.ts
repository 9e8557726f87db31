/** Matrices in 8 bits: what is stored, and what it stands for. */

/** Whole numbers with a scale for each channel: number times scale is the value. */
export interface Int8Matrix {
  readonly data: Int8Array;
  readonly scales: Float32Array;
}

export interface RowOptions {
  /** The largest magnitude of a stored number. Default 127: without -128 the range is the same on both sides of 0. */
  readonly largest?: number | undefined;
  /** The scale of a row of zeros, for which any will do. Default 1. */
  readonly scaleOfZeros?: number | undefined;
}

/**
 * Symmetric quantisation of the rows of a matrix, row-major: a row's scale takes its largest magnitude to `largest`, and numbers are rounded to the
 * nearest, so that none moves by more than half a scale.
 */
export function quantiseRows(
  values: Float32Array,
  rows: number,
  { largest = 127, scaleOfZeros = 1 }: RowOptions = {},
): Int8Matrix {
  const width = values.length / rows;
  const data = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    let most = 0;
    for (let i = start; i < start + width; i++) most = Math.max(most, Math.abs(values[i]!));
    const scale = Math.fround(most === 0 ? scaleOfZeros : most / largest);
    scales[row] = scale;
    if (most === 0) continue;
    for (let i = start; i < start + width; i++) data[i] = Math.round(values[i]! / scale);
  }
  return { data, scales };
}

/** The values that the numbers stand for, into memory of their size. */
export function dequantiseRows(
  { data, scales }: Int8Matrix,
  into: Float32Array = new Float32Array(data.length),
): Float32Array {
  const width = data.length / scales.length;
  scales.forEach((scale, row) => {
    for (let i = row * width; i < (row + 1) * width; i++) into[i] = data[i]! * scale;
  });
  return into;
}
