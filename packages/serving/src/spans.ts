/** Stretches of a text that lie apart. */
import type { Span } from './documents/document.js';

/** By bisection: `sorted` lie apart, in order. */
export function overlapsAny(sorted: readonly Readonly<Span>[], { start, end }: Readonly<Span>): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.end <= start) low = middle + 1;
    else high = middle;
  }
  const next = sorted[low];
  return next !== undefined && next.start < end;
}
