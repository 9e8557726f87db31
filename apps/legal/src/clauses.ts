/** Clauses of a contract: its segments without the headings, each under the name that leads to it, cut into sentences. */
import { splitSentences, type Segment, type Span } from '@fieldcraft/serving';

export interface Clause extends Span {
  /** `2.3`, where the contract numbers it. */
  number?: string;
  /** Its own title, or that of the heading over it. */
  title?: string;
  /** Of the whole text. */
  sentences: Span[];
}

export function clausesOf(text: string, segments: readonly Segment[]): Clause[] {
  return segments
    .filter(({ kind }) => kind !== 'heading')
    .map((segment) => {
      const { start, end } = segment;
      const number = nearest(segments, segment, ({ number }) => number);
      const title = nearest(segments, segment, ({ title }) => title);
      return {
        start,
        end,
        ...(number !== undefined && { number }),
        ...(title !== undefined && { title }),
        sentences: splitSentences(text.slice(start, end)).map((span) => ({
          start: start + span.start,
          end: start + span.end,
        })),
      };
    });
}

/** What the segment says of itself, or else the closest one that it stands under. */
function nearest(segments: readonly Segment[], from: Segment, read: (segment: Segment) => string | undefined) {
  for (let at: Segment | undefined = from; at; at = at.parent === undefined ? undefined : segments[at.parent]) {
    const value = read(at);
    if (value !== undefined) return value;
  }
  return undefined;
}
