/** The sentences of a document: its parts one by one, so that a heading is not read into the sentence below it. */
import type { Span } from './document.js';
import { segmentText } from './segment.js';
import { splitSentences } from './sentences.js';

/** @param segments those of the text, where they were found already */
export function sentencesOf(text: string, segments: readonly Span[] = segmentText(text)): Span[] {
  return segments.flatMap((segment) =>
    splitSentences(text.slice(segment.start, segment.end)).map(({ start, end }) => ({
      start: segment.start + start,
      end: segment.start + end,
    })),
  );
}
