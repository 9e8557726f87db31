/** Tables of text: columns as wide as their cells, narrowed by wrapping where the screen is narrower. */

export interface Column {
  readonly head: string;
  readonly align: 'left' | 'right';
}

export interface Table {
  readonly columns: readonly Column[];
  /** As many cells a row as there are columns. */
  readonly rows: readonly (readonly string[])[];
}

export interface TableOptions {
  /** Columns of the screen. Default: no limit. */
  readonly width?: number;
  /** Dresses the head line, or all lines of a row, after they are laid out. */
  readonly styleHead?: (line: string) => string;
  readonly styleRow?: (line: string, row: number) => string;
}

const gap = '  ';
/** Narrower than this a column of text cannot be read. */
const leastWidth = 12;

/** The table's lines, indented by two. */
export function layOut({ columns, rows }: Table, options: TableOptions = {}): string[] {
  const { width = Infinity, styleHead = (line) => line, styleRow = (line) => line } = options;
  const widths = fit(
    columns.map(({ head }, i) => Math.max(lengthOf(head), ...rows.map((row) => lengthOf(row[i] ?? '')))),
    columns,
    width - gap.length * columns.length,
  );
  const lines = (cells: readonly string[]): string[] => {
    const wrapped = columns.map((_, i) => wrap(cells[i] ?? '', widths[i] ?? 0));
    const height = Math.max(...wrapped.map((cell) => cell.length));
    return Array.from({ length: height }, (_, y) =>
      columns
        .map(({ align }, i) => gap + pad(wrapped[i]?.[y] ?? '', widths[i] ?? 0, align))
        .join('')
        .trimEnd(),
    );
  };
  return [
    ...lines(columns.map(({ head }) => head)).map(styleHead),
    ...rows.flatMap((row, i) => lines(row).map((line) => styleRow(line, i))),
  ];
}

/** Takes from the widest columns of text until all fit into `room`. */
function fit(natural: readonly number[], columns: readonly Column[], room: number): number[] {
  const widths = [...natural];
  for (let excess = widths.reduce((a, b) => a + b, 0) - room; excess > 0; excess--) {
    const texts = widths.map((width, i) => (columns[i]?.align === 'left' ? width : 0));
    const widest = texts.indexOf(Math.max(...texts));
    if ((texts[widest] ?? 0) <= leastWidth) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** Breaks at spaces, and inside a word that is wider than a line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (lengthOf(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const letters = [...word];
    while (letters.length > width) lines.push(letters.splice(0, width).join(''));
    line = letters.join('');
  }
  lines.push(line);
  return lines;
}

const lengthOf = (text: string): number => [...text].length;

function pad(text: string, width: number, align: Column['align']): string {
  const spaces = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return align === 'left' ? text + spaces : spaces + text;
}
