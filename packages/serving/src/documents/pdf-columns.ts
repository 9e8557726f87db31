/** Pieces of a page as lines in the order a person reads them: columns side by side, headings across them. */
import type { Line, Piece } from './pdf-lines.js';

type PageLine = Omit<Line, 'page' | 'depth'>;
type Row = Piece[];

/** The space between columns is at least so wide, in sizes of the text. */
const narrowestGutter = 0.9;
/** Columns have at least so many lines, */
const fewestLines = 5;
/** and their lines fill this much of them: cells of a table do not. */
const leastFilled = 0.55;
/** Lines that may cross the space between columns, such as a title or a wide table. */
const mostCrossing = 0.4;
const mostNested = 2;

/** Lines of a page, top to bottom, column by column. */
export function inReadingOrder(pieces: readonly Piece[]): PageLine[] {
  const lines: PageLine[] = [];
  let region = 0;
  const emit = (rows: readonly Row[]) => {
    if (rows.length === 0) return;
    for (const row of rows) lines.push({ ...joined(row), region });
    region++;
  };
  const read = (rows: readonly Row[], depth: number): void => {
    const gutter = depth < mostNested ? gutterOf(rows) : undefined;
    if (gutter === undefined) return emit(rows);
    let [lefts, rights, across]: [Row[], Row[], Row[]] = [[], [], []];
    const flushColumns = () => {
      read(lefts, depth + 1);
      read(rights, depth + 1);
      [lefts, rights] = [[], []];
    };
    for (const row of rows) {
      if (row.some(({ left, right }) => left < gutter && right > gutter)) {
        flushColumns();
        across.push(row);
        continue;
      }
      emit(across);
      across = [];
      const [left, right] = [row.filter((piece) => piece.left < gutter), row.filter((piece) => piece.left >= gutter)];
      if (left.length > 0) lefts.push(left);
      if (right.length > 0) rights.push(right);
    }
    flushColumns();
    emit(across);
  };
  read(rowsOf(pieces), 0);
  return lines;
}

/** Pieces by their baselines, top to bottom, each row from left to right. Raised and lowered signs belong to the row of their words. */
function rowsOf(pieces: readonly Piece[]): Row[] {
  const rows: { y: number; size: number; row: Row }[] = [];
  for (const piece of [...pieces].sort((a, b) => a.y - b.y)) {
    const last = rows.at(-1);
    if (last !== undefined && piece.y - last.y < 0.4 * Math.max(piece.size, last.size)) {
      last.row.push(piece);
      if (piece.size > last.size) [last.y, last.size] = [piece.y, piece.size];
    } else rows.push({ y: piece.y, size: piece.size, row: [piece] });
  }
  return rows.map(({ row }) => row.sort((a, b) => a.left - b.left));
}

/** The middle of the space between two columns of running text, or undefined. */
function gutterOf(rows: readonly Row[]): number | undefined {
  if (rows.length < fewestLines) return undefined;
  const pieces = rows.flat();
  // One by one: a page may have more pieces than a call takes arguments.
  const left = pieces.reduce((least, piece) => Math.min(least, piece.left), Infinity);
  const right = pieces.reduce((most, piece) => Math.max(most, piece.right), -Infinity);
  const size = median(pieces.map((piece) => piece.size));
  const width = Math.floor(right - left);
  if (!(width > 20 * size) || width > 10_000) return undefined;
  // How many rows have ink at each point of the width.
  const ink = new Int32Array(width + 2);
  for (const row of rows)
    for (const piece of row) {
      ink[clamp(Math.floor(piece.left - left), width)]!++;
      ink[clamp(Math.ceil(piece.right - left), width)]!--;
    }
  for (let x = 1; x < ink.length; x++) ink[x]! += ink[x - 1]!;
  const allowed = rows.length * mostCrossing;
  let best: { from: number; to: number; crossing: number } | undefined;
  for (let x = Math.floor(width * 0.2); x < width * 0.8; x++) {
    const crossing = ink[x]!;
    if (crossing > allowed) continue;
    let to = x;
    while (to < width && ink[to]! <= crossing) to++;
    if (
      to - x >= narrowestGutter * size &&
      (best === undefined || crossing < best.crossing || (crossing === best.crossing && to - x > best.to - best.from))
    )
      best = { from: x, to, crossing };
  }
  if (best === undefined) return undefined;
  const gutter = left + (best.from + best.to) / 2;
  const apart = rows.filter((row) => !row.some((piece) => piece.left < gutter && piece.right > gutter));
  const sides = [
    { rows: apart.map((row) => row.filter((piece) => piece.right <= gutter)), width: best.from },
    { rows: apart.map((row) => row.filter((piece) => piece.left >= gutter)), width: width - best.to },
  ];
  const running = sides.every((side) => {
    const filled = side.rows
      .filter((row) => row.length > 0)
      .map((row) => (row.at(-1)!.right - row[0]!.left) / side.width);
    return filled.length >= fewestLines && median(filled) >= leastFilled;
  });
  return running ? gutter : undefined;
}

const clamp = (x: number, most: number): number => Math.max(0, Math.min(most, x));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** A row as one line: a space where there is a gap. */
function joined(row: Row): Omit<PageLine, 'region'> {
  let text = '';
  let end = -Infinity;
  const main = row.reduce((a, b) => (b.text.length > a.text.length ? b : a));
  for (const piece of row) {
    const gap = piece.left - end;
    if (text !== '' && gap > 0.12 * piece.size && !/\s$/.test(text) && !/^\s/.test(piece.text)) text += ' ';
    text += piece.text;
    end = Math.max(end, piece.right);
  }
  const fonts = new Set(row.map(({ font }) => font));
  return {
    text: text.replace(/\s+/g, ' ').trim(),
    left: row[0]!.left,
    right: end,
    y: main.y,
    size: main.size,
    // Of mixed lines none.
    font: fonts.size === 1 ? main.font : '',
  };
}
