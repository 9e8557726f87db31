/** The spans of a window with the best sums of a start's and an end's score (n-best decoding, as in BERT's script for SQuAD), and the one to answer with. */
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

/** Spans of a text that are held against each other: the time is that of the pairs. */
const mostCompared = 100;

/**
 * Moves to the front that of the best spans which agrees most with all of these: that has the largest expected F1, counted in characters, where each is the answer with
 * its share, a softmax of the scores divided by `temperature` (minimum Bayes risk: Goel and Byrne 2000, section 2). Where many spans around one place
 * are about as likely, one that most of them overlap with is seldom quite wrong; where one stands out, it is the one.
 * @param spans the best first
 */
export function agreeingFirst(spans: readonly ScoredSpan[], temperature: number): readonly ScoredSpan[] {
  const best = spans.slice(0, mostCompared);
  const shares = best.map(({ score }) => Math.exp((score - best[0]!.score) / temperature));
  const agreements = best.map(({ start, end }) =>
    best.reduce((sum, other, i) => {
      const common = Math.min(end, other.end) - Math.max(start, other.start);
      return sum + (shares[i]! * 2 * Math.max(0, common)) / (end - start + other.end - other.start);
    }, 0),
  );
  const chosen = best[agreements.indexOf(Math.max(...agreements))];
  return chosen === undefined ? [] : [chosen, ...spans.filter((span) => span !== chosen)];
}
