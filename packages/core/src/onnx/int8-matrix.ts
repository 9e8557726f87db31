/** Matrices in 8 bits: what is stored, and what it stands for. */

/** The largest magnitude of a stored number; -128 is not used, so that the range is the same on both sides of 0. */
export const largestInt8 = 127;

/** Whole numbers with a scale for each channel: number times scale is the value. */
export interface Int8Matrix {
  readonly data: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Symmetric quantisation of the rows of a matrix, row-major: a row's scale takes its largest magnitude to `largest`, and numbers are rounded to the
 * nearest. A row of zeros has scale 1.
 */
export function quantiseRows(values: Float32Array, rows: number, largest: number = largestInt8): Int8Matrix {
  const width = values.length / rows;
  const data = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    let most = 0;
    for (let i = start; i < start + width; i++) most = Math.max(most, Math.abs(values[i]!));
    const scale = Math.fround(most === 0 ? 1 : most / largest);
    scales[row] = scale;
    for (let i = start; i < start + width; i++) data[i] = Math.round(values[i]! / scale);
  }
  return { data, scales };
}

/** The values that the numbers stand for. */
export function dequantiseRows({ data, scales }: Int8Matrix): Float32Array {
  const width = data.length / scales.length;
  return Float32Array.from(data, (number, i) => number * scales[Math.floor(i / width)]!);
}

/** A matrix of int8 [rows, columns] as [columns, rows]. */
export function transposeInt8(data: Int8Array, rows: number): Int8Array {
  const columns = data.length / rows;
  const moved = new Int8Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) moved[column * rows + row] = data[row * columns + column]!;
  return moved;
}
