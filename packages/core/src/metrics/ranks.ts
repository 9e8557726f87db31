/** Ranks of numbers, and the average precision of a ranking. */

/** 1-based ranks `[n]` in ascending order; equal values share the mean of their ranks. */
export function rankAverages(values: ArrayLike<number>): Float64Array {
  const order = ascending(values);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) ranks[order[k]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/**
 * Average precision: sum over thresholds of (R_n - R_{n-1}) P_n, without interpolation, equal scores at one threshold;
 * scikit-learn's `average_precision_score`. `relevant` holds 0 or 1. 0 when nothing is relevant.
 */
export function averagePrecision(scores: ArrayLike<number>, relevant: ArrayLike<number>): number {
  const order = ascending(scores).reverse();
  let found = 0;
  let area = 0;
  for (let start = 0; start < order.length;) {
    let end = start;
    let hits = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) hits += relevant[order[end++]!]!;
    found += hits;
    area += (hits * found) / end;
    start = end;
  }
  return found === 0 ? 0 : area / found;
}

/** Indices by ascending value; equal values by ascending index. */
function ascending(values: ArrayLike<number>): number[] {
  return Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
}
