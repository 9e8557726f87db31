/** Whole sentences as answers: those that are like the question count by the share of words beside the encoder. */
import type { ScoredSpan } from './best-spans.js';
import { compareKnown, type Question, type SharedWords } from './shared-words.js';
import type { Feature } from './task.js';

/**
 * The sentences of a text that windows have read from their first token to their last, each with the scores of its start and its end, the best of any
 * window, and its likeness to the question times the share.
 */
export function likeSentences(
  example: Question,
  windows: readonly { readonly feature: Feature; readonly index: number }[],
  { logits, words }: { logits: readonly Float32Array[]; words: SharedWords },
): ScoredSpan[] {
  const [starts, ends] = [new Map<number, number>(), new Map<number, number>()];
  for (const { feature, index } of windows) {
    const { stretch, ids } = feature;
    for (let at = stretch.first; at < stretch.first + stretch.count; at++) {
      keepBest(starts, feature.starts[at]!, logits[index]![at]!);
      keepBest(ends, feature.ends[at]!, logits[index]![ids.length + at]!);
    }
  }
  return compareKnown(words, example).flatMap(({ start, end, likeness }) => {
    const [first, last] = [starts.get(start), ends.get(end)];
    if (first === undefined || last === undefined) return [];
    return [{ start, end, score: first + last + words.share * likeness }];
  });
}

const keepBest = (scores: Map<number, number>, place: number, score: number): void =>
  void scores.set(place, Math.max(score, scores.get(place) ?? -Infinity));
