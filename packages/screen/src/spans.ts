/** Cuts a text with marked stretches, which may overlap, into pieces that each lie under the same marks. */

/** UTF-16 indices, `end` exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface Piece<S extends Stretch> extends Stretch {
  readonly text: string;
  /** The marks over this piece, the longest first: the last is the innermost. */
  readonly spans: readonly S[];
}

const lengthOf = ({ start, end }: Stretch) => end - start;

/** Stretches that are empty or reach beyond the text are left out. */
export function cutText<S extends Stretch>(text: string, spans: readonly S[]): Piece<S>[] {
  const coming = spans
    .filter(({ start, end }) => start >= 0 && end <= text.length && start < end)
    .sort((a, b) => b.start - a.start);
  const edges = [...new Set([0, text.length, ...coming.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  );
  let over: S[] = [];
  return edges.slice(0, -1).map((start, i) => {
    const end = edges[i + 1]!;
    over = over.filter((span) => span.end > start);
    while (coming.at(-1)?.start === start) over.push(coming.pop()!);
    over.sort((a, b) => lengthOf(b) - lengthOf(a));
    return { start, end, text: text.slice(start, end), spans: [...over] };
  });
}

/**
 * The spans over each part of a text, cut to it and at places in it. Parts are in order, and do not overlap.
 */
export function spansByPart<S extends Stretch>(parts: readonly Stretch[], spans: readonly S[]): S[][] {
  const found = parts.map((): S[] => []);
  const ordered = [...spans].sort((a, b) => a.start - b.start);
  let first = 0;
  for (const span of ordered) {
    while (first < parts.length && parts[first]!.end <= span.start) first++;
    for (let i = first; i < parts.length && parts[i]!.start < span.end; i++) {
      const { start, end } = parts[i]!;
      found[i]!.push({ ...span, start: Math.max(span.start, start) - start, end: Math.min(span.end, end) - start });
    }
  }
  return found;
}
