/** Markdown from text that comes from data: what it says is shown, never obeyed. */

/** A list; the items are Markdown. */
export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** A table of plain texts; columns of figures stand right. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumeric = (column: number) => rows.every((row) => /^[\d.,–± %-]+$/.test(row[column] ?? ''));
  const line = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`;
  return [line(head), `|${head.map((_, i) => (isNumeric(i) ? ' ---: |' : ' --- |')).join('')}`, ...rows.map(line)].join(
    '\n',
  );
}

/** Text that Markdown takes as text: names and notes come from data. */
export function text(value: string): string {
  return escape(value).trim();
}

function escape(value: string): string {
  return value.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|~]|&(?=#?\w+;)/g, (character) => `\\${character}`);
}

/** A code span: as long a fence of backticks as the value needs. */
export function code(value: string): string {
  const line = value.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return longest > 0 ? `${ticks} ${line} ${ticks}` : `${ticks}${line}${ticks}`;
}

/** A sentence whose pieces between backticks are code; the rest is text. */
export function prose(value: string): string {
  const pieces = value.split('`');
  return pieces
    .map((piece, i) =>
      i % 2 === 0 ? escape(piece) : i < pieces.length - 1 && piece.trim() !== '' ? code(piece) : escape(`\`${piece}`),
    )
    .join('')
    .trim();
}

/** A web address as a link, anything else as text. */
export function address(value: string): string {
  return /^https?:\/\/[^\s<>]+$/.test(value) ? `<${value}>` : text(value);
}
