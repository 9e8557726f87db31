/** Lenient reading of predicted entities: overlapping a true entity of the same label is enough. */
import type { Span } from '../metrics/index.js';

/**
 * Predicted spans, text by text, with those that overlap a true span of the same label moved onto it, so that exact scoring counts them as
 * right. Each true span takes one predicted span at most: an exact one if there is one, else the first that overlaps it.
 */
export function lenientSpans(gold: readonly (readonly Span[])[], predicted: readonly (readonly Span[])[]): Span[][] {
  return predicted.map((spans, i) => {
    const truth = gold[i] ?? [];
    const taken = new Set<Span>();
    const take = (matches: (truth: Span) => boolean): Span | undefined => {
      const found = truth.find((span) => !taken.has(span) && matches(span));
      if (found) taken.add(found);
      return found;
    };
    const exact = spans.map((span) =>
      take((other) => other.label === span.label && other.start === span.start && other.end === span.end),
    );
    return spans.map(
      (span, s) =>
        exact[s] ??
        take((other) => other.label === span.label && other.start < span.end && span.start < other.end) ??
        span,
    );
  });
}
