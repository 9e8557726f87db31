/** The sentences of a document: its parts one by one, so that a heading is not read into the sentence below it. */
import { segmentText, splitSentences } from '@fieldcraft/serving';

/** UTF-16 indices, `end` exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export function sentencesOf(text: string): Stretch[] {
  return segmentText(text).flatMap((segment) =>
    splitSentences(text.slice(segment.start, segment.end)).map(({ start, end }) => ({
      start: segment.start + start,
      end: segment.start + end,
    })),
  );
}
