/** The spans of a window with the best sums of a start's and an end's score: n-best decoding, as in BERT's script for SQuAD. */
import type { Feature } from './task.js';

/** UTF-16 indices of the text, `end` exclusive, and the sum of the scores of the start and of the end. */
export interface ScoredSpan {
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/** Starts and ends that are tried, and spans that are kept, of a window. */
const most = 20;

/**
 * At most 20 spans of a window's stretch of text, the best first.
 * @param scores [2, positions]: how well an answer starts at a position, and ends there.
 * @param longest characters of a span.
 */
export function bestSpans(
  { ids, stretch, starts, ends }: Feature,
  scores: Float32Array,
  longest: number,
): ScoredSpan[] {
  const positions = Array.from({ length: stretch.count }, (_, i) => stretch.first + i);
  const best = (side: number) =>
    [...positions].sort((a, b) => scores[side + b]! - scores[side + a]! || a - b).slice(0, most);
  const lasts = best(ids.length);
  const spans: ScoredSpan[] = [];
  for (const first of best(0)) {
    for (const last of lasts) {
      const [start, end] = [starts[first]!, ends[last]!];
      if (last < first || end - start > longest || end <= start) continue;
      spans.push({ start, end, score: scores[first]! + scores[ids.length + last]! });
    }
  }
  return spans.sort((a, b) => b.score - a.score || a.start - b.start).slice(0, most);
}
