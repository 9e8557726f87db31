/** Tables for a terminal. */

/** Rows under a heading, the first column to the left and the others to the right, two spaces between. Ragged rows are filled up. */
export function formatTable(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [heading, ...rows];
  const columns = Math.max(...lines.map((line) => line.length));
  const widths = Array.from({ length: columns }, (_, c) => Math.max(...lines.map((line) => line[c]?.length ?? 0)));
  return lines.map((line) =>
    widths
      .map((width, c) => (c === 0 ? (line[c] ?? '').padEnd(width) : (line[c] ?? '').padStart(width)))
      .join('  ')
      .trimEnd(),
  );
}

/** `84.12 ± 0.31` of values in one unit; one value stands alone. */
export function formatMean(values: readonly number[], digits: number): string {
  const { mean, deviation } = meanAndDeviation(values);
  return values.length > 1 ? `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}` : mean.toFixed(digits);
}

/** The mean and the sample's standard deviation; that of one value is 0. */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = NaN, above = NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (below + above) / 2;
}
