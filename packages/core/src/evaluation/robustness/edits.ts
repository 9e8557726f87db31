/** Changes of a text: what stands in the place of which stretches, and where spans of the text are afterwards. */

/** A stretch of a text: UTF-16 indices, `end` exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Puts other characters in the place of a stretch, which is never empty. */
export interface Edit extends Stretch {
  readonly put: string;
}

export interface EditedText {
  readonly text: string;
  /** The edits with where what they put stands now, in order. */
  readonly changes: readonly (Edit & { readonly now: Stretch })[];
  /** A span where it is now. It may hold edits, and lie in none; one that crosses the edge of an edit keeps its part outside. */
  move<S extends Stretch>(span: S): S;
}

export const overlaps = (a: Stretch, b: Stretch): boolean => a.start < b.end && b.start < a.end;

/** Whether an edit changes a span and what is outside it at once, so that it would not be clear where the span ends. */
export const crosses = (edit: Stretch, span: Stretch): boolean =>
  overlaps(edit, span) && (edit.start < span.start || edit.end > span.end);

/** Makes edits, which may stand in any order and do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): EditedText {
  const sorted = [...edits].sort((a, b) => a.start - b.start);
  let written = '';
  let at = 0;
  const changes = sorted.map((edit) => {
    written += text.slice(at, edit.start) + edit.put;
    at = edit.end;
    return { ...edit, now: { start: written.length - edit.put.length, end: written.length } };
  });
  const shift = (place: number, inside: 'start' | 'end') => {
    const last = changes.findLast(({ start }) => start < place);
    if (last === undefined) return place;
    return place < last.end ? last.now[inside] : place + last.now.end - last.end;
  };
  return {
    text: written + text.slice(at),
    changes,
    move: (span) => ({ ...span, start: shift(span.start, 'end'), end: shift(span.end, 'start') }),
  };
}

/** The published words of an edited text: one of which an edit changes a part goes on, and those that it goes over whole give way to the words that it puts. */
export function moveWords(
  words: readonly (readonly [start: number, end: number])[],
  edited: Pick<EditedText, 'changes' | 'move' | 'text'>,
): [start: number, end: number][] {
  const spans = words.map(([start, end]) => ({ start, end }));
  const isPart = (change: Stretch, { start, end }: Stretch) =>
    start <= change.start && change.end <= end && change.end - change.start < end - start;
  const wide = edited.changes.filter((change) => !spans.some((span) => isPart(change, span)));
  const kept = spans.filter((span) => !wide.some((change) => overlaps(change, span))).map(edited.move);
  const put = wide.flatMap(({ put, now }) =>
    Array.from(put.matchAll(/\S+/g), ({ 0: word, index }) => ({
      start: now.start + index,
      end: now.start + index + word.length,
    })),
  );
  return [...kept, ...put]
    .filter(({ start, end }) => start < end)
    .sort((a, b) => a.start - b.start)
    .map(({ start, end }) => [start, end]);
}
