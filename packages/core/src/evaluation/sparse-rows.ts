/** Sparse matrices by rows, as text features are. */

/** Row i holds `value[j]` at `column[j]` for j in [rowStart[i], rowStart[i + 1]); columns within a row differ. */
export interface SparseRows {
  columns: number;
  rowStart: Int32Array;
  column: Int32Array;
  value: Float64Array;
}

/** Dense vectors of one length as rows. */
export function denseRows(vectors: readonly Float32Array[]): SparseRows {
  const columns = vectors[0]?.length ?? 0;
  return {
    columns,
    rowStart: Int32Array.from({ length: vectors.length + 1 }, (_, i) => i * columns),
    column: Int32Array.from({ length: vectors.length * columns }, (_, i) => i % columns),
    value: Float64Array.from(vectors.flatMap((vector) => [...vector])),
  };
}

/** The given rows with only the columns that occur in them, renumbered; `origin[c]` is the old number of column c. */
export function selectRows(x: SparseRows, rows: readonly number[]): { x: SparseRows; origin: Int32Array } {
  const renumbered = new Int32Array(x.columns).fill(-1);
  const origin: number[] = [];
  const rowStart = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (rowStart[i + 1] = rowStart[i]! + x.rowStart[row + 1]! - x.rowStart[row]!));
  const column = new Int32Array(rowStart[rows.length]!);
  const value = new Float64Array(column.length);
  rows.forEach((row, i) => {
    for (let from = x.rowStart[row]!, to = rowStart[i]!; to < rowStart[i + 1]!; from++, to++) {
      const old = x.column[from]!;
      if (renumbered[old] === -1) renumbered[old] = origin.push(old) - 1;
      column[to] = renumbered[old]!;
      value[to] = x.value[from]!;
    }
  });
  return { x: { columns: origin.length, rowStart, column, value }, origin: Int32Array.from(origin) };
}

/** The products of row i of one matrix and row i of another: cosines, where rows have length 1. */
export function cosineRows(a: SparseRows, b: SparseRows): Float64Array {
  return Float64Array.from({ length: a.rowStart.length - 1 }, (_, i) => {
    const row = new Map<number, number>();
    for (let j = a.rowStart[i]!; j < a.rowStart[i + 1]!; j++) row.set(a.column[j]!, a.value[j]!);
    let sum = 0;
    for (let j = b.rowStart[i]!; j < b.rowStart[i + 1]!; j++) sum += b.value[j]! * (row.get(b.column[j]!) ?? 0);
    return sum;
  });
}

/** A function that multiplies one row of another matrix with every row of `x`: its cosines with all, where rows have length 1. */
export function productsWith(x: SparseRows): (rows: SparseRows, row: number) => Float64Array {
  const rows = x.rowStart.length - 1;
  const start = new Int32Array(x.columns + 1);
  for (const column of x.column) start[column + 1]! += 1;
  for (let c = 0; c < x.columns; c++) start[c + 1]! += start[c]!;
  const filled = start.slice();
  const [members, values] = [new Int32Array(x.column.length), new Float64Array(x.column.length)];
  for (let i = 0; i < rows; i++) {
    for (let j = x.rowStart[i]!; j < x.rowStart[i + 1]!; j++) {
      const at = filled[x.column[j]!]!++;
      members[at] = i;
      values[at] = x.value[j]!;
    }
  }
  return (other, row) => {
    const products = new Float64Array(rows);
    for (let j = other.rowStart[row]!; j < other.rowStart[row + 1]!; j++) {
      const column = other.column[j]!;
      for (let at = start[column]!; at < start[column + 1]!; at++)
        products[members[at]!]! += other.value[j]! * values[at]!;
    }
    return products;
  };
}
