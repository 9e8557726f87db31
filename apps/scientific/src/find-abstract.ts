/** Where the abstract stands in a paper: roles of sentences were learnt from abstracts alone. */
import { segmentText, type Span } from '@fieldcraft/serving';

/** A text of no more is taken to be an abstract as a whole. */
const longestAbstract = 3_500;

/** Undefined where a text is longer than an abstract and names none. */
export function findAbstract(text: string, segments = segmentText(text)): Span | undefined {
  const words = ({ start, end }: Span) => text.slice(start, end);
  const first = segments.findIndex((segment) => /^(?:\W|\d)*abstract\b/i.test(words(segment)));
  if (first < 0) return text.length <= longestAbstract ? { start: 0, end: text.length } : undefined;
  const heading = segments[first]!;
  const named = /^(?:\W|\d)*abstract\s*[.:—–-]*\s*/i.exec(words(heading))?.[0].length ?? 0;
  const next = segments.findIndex(
    (segment, i) =>
      i > first && (segment.kind === 'heading' || /^(?:\W|\d)*(?:introduction|keywords?)\b/i.test(words(segment))),
  );
  const last = segments[next < 0 ? segments.length - 1 : next - 1]!;
  const start = heading.start + named;
  if (last.end <= start) return undefined;
  return { start, end: Math.min(last.end, start + 2 * longestAbstract) };
}
