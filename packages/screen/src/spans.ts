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
  /** Those that begin here: each does so in one piece only. */
  readonly begins: readonly S[];
}

/** Stretches that are empty or reach beyond the text are left out. */
export function cutText<S extends Stretch>(text: string, spans: readonly S[]): Piece<S>[] {
  const valid = spans
    .filter(({ start, end }) => start >= 0 && end <= text.length && start < end)
    .sort((a, b) => b.end - b.start - (a.end - a.start));
  const edges = [...new Set([0, text.length, ...valid.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  );
  return edges.slice(0, -1).map((start, i) => {
    const end = edges[i + 1]!;
    const over = valid.filter((span) => span.start <= start && span.end >= end);
    return {
      start,
      end,
      text: text.slice(start, end),
      spans: over,
      begins: over.filter((span) => span.start === start),
    };
  });
}
