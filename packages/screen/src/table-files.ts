/** A table as a file: CSV, JSON or Markdown. */
import { stringify } from 'csv-stringify/browser/esm/sync';

export type Cell = string | number | boolean | null | undefined;

export interface TableData {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export const tableFormats = ['csv', 'json', 'markdown'] as const;
export type TableFormat = (typeof tableFormats)[number];

export interface TableFile {
  readonly extension: string;
  readonly mediaType: string;
  readonly content: string;
}

export function tableFile(table: TableData, format: TableFormat): TableFile {
  switch (format) {
    case 'csv':
      // A spreadsheet takes UTF-8 for granted only after a byte-order mark, and runs what begins with "=" unless it is escaped.
      return {
        extension: 'csv',
        mediaType: 'text/csv;charset=utf-8',
        content: stringify([[...table.columns], ...table.rows.map((row) => row.map(plain))], {
          bom: true,
          escape_formulas: true,
        }),
      };
    case 'json': {
      const rows = table.rows.map((row) =>
        Object.fromEntries(table.columns.map((column, i) => [column, row[i] ?? null])),
      );
      return { extension: 'json', mediaType: 'application/json', content: `${JSON.stringify(rows, null, 2)}\n` };
    }
    case 'markdown': {
      const line = (cells: readonly Cell[]) => `| ${cells.map(markdownCell).join(' | ')} |\n`;
      const rule = `| ${table.columns.map(() => '---').join(' | ')} |\n`;
      return {
        extension: 'md',
        mediaType: 'text/markdown;charset=utf-8',
        content: `# ${table.title}\n\n${line(table.columns)}${rule}${table.rows.map(line).join('')}`,
      };
    }
  }
}

const plain = (cell: Cell): string | number => (typeof cell === 'number' ? cell : String(cell ?? ''));

function markdownCell(cell: Cell): string {
  return String(cell ?? '')
    .replace(/[\\|*_`<[\]#]/g, '\\$&')
    .replace(/\s+/g, ' ');
}

/** Hands a file to the browser. */
export function download(name: string, content: Blob | string, mediaType = 'application/octet-stream'): void {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type: mediaType }) : content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the file after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
