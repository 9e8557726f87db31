/** Axes: round numbers at even distances, and the way from a value to a place. */

export interface Scale {
  /** Round values within the range, ascending. */
  ticks: number[];
  low: number;
  high: number;
  at: (value: number) => number;
  /** A tick as text, with as many decimals as the ticks need. */
  label: (value: number) => string;
}

/** A linear scale from `values` to the places `from`..`to`; its ends are round numbers, `ticks` about this many steps apart. */
export function linearScale(
  values: readonly number[],
  { from, to, ticks = 5, whole = false }: { from: number; to: number; ticks?: number; whole?: boolean },
): Scale {
  const min = values.reduce((least, value) => Math.min(least, value), Infinity);
  const max = values.reduce((most, value) => Math.max(most, value), -Infinity);
  // Values that differ by rounding alone get room around them.
  const size = Math.max(1, Math.abs(min), Math.abs(max));
  const [first, last] =
    max - min > 1e-6 * size ? [min, max] : whole ? [min, min + 1] : [min - 0.05 * size, max + 0.05 * size];
  const step = Math.max(roundStep((last - first) / ticks), whole ? 1 : 0);
  const low = Math.floor(first / step + 1e-9) * step;
  const high = Math.ceil(last / step - 1e-9) * step;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return {
    low,
    high,
    ticks: Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step),
    at: (value) => from + ((value - low) / (high - low)) * (to - from),
    label: (value) =>
      value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
  };
}

/** The smallest of 1, 2, 5 times a power of ten that is not below `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10);
}
