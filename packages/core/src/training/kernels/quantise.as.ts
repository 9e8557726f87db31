/**
 * Copies of weights in 8 bits, compiled to WebAssembly with SIMD (AssemblyScript). Pointers are byte offsets into the memory that holds the weights.
 */

/** Rows and columns of what is converted at once. */
const block: usize = 16;

/**
 * Both copies of a matrix [rows, columns] of floats that SwitchBack's products read, in two passes over it: `byRow` int8 [columns, rows] with
 * `rowScales` [rows], and `byColumn` int8 [rows, columns] with `columnScales` [columns]. The largest magnitude of a row or column becomes
 * `largest`; numbers are value * (1 / scale), both in single precision, rounded to the nearest, ties to even. A row or column of zeros has the scale 0.
 * `scratch`: (rows + columns) floats and 512 bytes.
 */
export function quantiseMatrix(
  matrix: usize,
  rows: usize,
  columns: usize,
  largest: f32,
  byRow: usize,
  rowScales: usize,
  byColumn: usize,
  columnScales: usize,
  scratch: usize,
): void {
  const tile = scratch;
  const rowFactors = scratch + 512;
  const columnFactors = rowFactors + (rows << 2);
  findLargest(matrix, rows, columns, rowScales, columnScales);
  toScales(rowScales, rowFactors, rows, largest);
  toScales(columnScales, columnFactors, columns, largest);
  const wholeRows = rows & ~(block - 1);
  const wholeColumns = columns & ~(block - 1);
  for (let row: usize = 0; row < wholeRows; row += block) {
    for (let column: usize = 0; column < wholeColumns; column += block) {
      const factors = columnFactors + (column << 2);
      const f0 = v128.load(factors);
      const f1 = v128.load(factors, 16);
      const f2 = v128.load(factors, 32);
      const f3 = v128.load(factors, 48);
      for (let i: usize = 0; i < block; i++) {
        const at = matrix + (((row + i) * columns + column) << 2);
        const x0 = v128.load(at);
        const x1 = v128.load(at, 16);
        const x2 = v128.load(at, 32);
        const x3 = v128.load(at, 48);
        v128.store(
          byColumn + (row + i) * columns + column,
          pack(rounded(x0, f0), rounded(x1, f1), rounded(x2, f2), rounded(x3, f3)),
        );
        const f = v128.load32_splat(rowFactors + ((row + i) << 2));
        v128.store(tile + (i << 4), pack(rounded(x0, f), rounded(x1, f), rounded(x2, f), rounded(x3, f)));
      }
      transposeTile(tile, byRow + column * rows + row, rows);
    }
    convertOneByOne(matrix, rows, columns, row, row + block, wholeColumns, byRow, rowFactors, byColumn, columnFactors);
  }
  convertOneByOne(matrix, rows, columns, wholeRows, rows, 0, byRow, rowFactors, byColumn, columnFactors);
}

/**
 * The largest magnitude of each row and column. Floats that are not negative are ordered as their bits are as integers, whose maximum is one
 * instruction where that of floats is eight; what is not a number is the largest.
 */
function findLargest(matrix: usize, rows: usize, columns: usize, ofRows: usize, ofColumns: usize): void {
  memory.fill(ofColumns, 0, columns << 2);
  const whole = columns & ~7;
  const magnitude = i32x4.splat(0x7fffffff);
  for (let row: usize = 0; row < rows; row++) {
    const start = matrix + ((row * columns) << 2);
    let even = i32x4.splat(0);
    let odd = i32x4.splat(0);
    for (let at: usize = 0; at < whole << 2; at += 32) {
      const x = v128.and(v128.load(start + at), magnitude);
      const y = v128.and(v128.load(start + at, 16), magnitude);
      even = i32x4.max_s(even, x);
      odd = i32x4.max_s(odd, y);
      v128.store(ofColumns + at, i32x4.max_s(v128.load(ofColumns + at), x));
      v128.store(ofColumns + at, i32x4.max_s(v128.load(ofColumns + at, 16), y), 16);
    }
    const most = i32x4.max_s(even, odd);
    let largest = max(
      max(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1)),
      max(i32x4.extract_lane(most, 2), i32x4.extract_lane(most, 3)),
    );
    for (let at = whole << 2; at < columns << 2; at += 4) {
      const x = load<i32>(start + at) & 0x7fffffff;
      largest = max(largest, x);
      store<i32>(ofColumns + at, max(load<i32>(ofColumns + at), x));
    }
    store<i32>(ofRows + (row << 2), largest);
  }
}

/** Largest magnitudes become scales, in place, and what values are multiplied by. Of next to nothing no inverse is finite. */
function toScales(scales: usize, factors: usize, count: usize, largest: f32): void {
  for (let i: usize = 0; i < count << 2; i += 4) {
    const scale = load<f32>(scales + i) / largest;
    store<f32>(scales + i, scale);
    store<f32>(factors + i, scale < 1e-37 ? 0 : <f32>1 / scale);
  }
}

/** Nearest integers, ties to even: added to a number so large that floats there are whole numbers, they are its lowest bits. */
function rounded(x: v128, factor: v128): v128 {
  const shifted = f32x4.add(f32x4.mul(x, factor), f32x4.splat(12582912));
  return i32x4.sub(shifted, i32x4.splat(0x4b400000));
}

function pack(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}

/** A tile of 16 x 16 bytes, transposed into rows that are `stride` bytes apart. Behind the tile there is room for another. */
function transposeTile(tile: usize, into: usize, stride: usize): void {
  // Interleaving the upper half of the rows with the lower turns the eight bits of a place, four of its row and four of its column, by one.
  interleave(tile, tile + 256);
  interleave(tile + 256, tile);
  interleave(tile, tile + 256);
  for (let i: usize = 0; i < 8; i++) {
    const a = v128.load(tile + 256 + (i << 4));
    const b = v128.load(tile + 384 + (i << 4));
    v128.store(into + 2 * i * stride, lower(a, b));
    v128.store(into + (2 * i + 1) * stride, upper(a, b));
  }
}

function interleave(from: usize, into: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    const a = v128.load(from + (i << 4));
    const b = v128.load(from + 128 + (i << 4));
    v128.store(into + (i << 5), lower(a, b));
    v128.store(into + (i << 5), upper(a, b), 16);
  }
}

function lower(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

function upper(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** What whole tiles leave over. */
function convertOneByOne(
  matrix: usize,
  rows: usize,
  columns: usize,
  firstRow: usize,
  endRow: usize,
  firstColumn: usize,
  byRow: usize,
  rowFactors: usize,
  byColumn: usize,
  columnFactors: usize,
): void {
  for (let row = firstRow; row < endRow; row++) {
    const factor = load<f32>(rowFactors + (row << 2));
    for (let column = firstColumn; column < columns; column++) {
      const at = row * columns + column;
      const x = load<f32>(matrix + (at << 2));
      store<i8>(byColumn + at, <i8>(<i32>nearest(x * load<f32>(columnFactors + (column << 2)))));
      store<i8>(byRow + column * rows + row, <i8>(<i32>nearest(x * factor)));
    }
  }
}
