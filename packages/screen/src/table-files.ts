/** A table as a file to take away: written by the server, handed over by the browser. */
import type { Client } from './api.js';

export type Cell = string | number | boolean | null | undefined;

export interface TableData {
  readonly title: string;
  readonly columns: readonly string[];
  /** Cells in the order of the columns. */
  readonly rows: readonly (readonly Cell[])[];
}

/** By the names that the server knows them by. */
export const tableFormats = { csv: 'CSV', json: 'JSON', markdown: 'Markdown', docx: 'Word' } as const;
export type TableFormat = keyof typeof tableFormats;

const extensions = { csv: 'csv', json: 'json', markdown: 'md', docx: 'docx' } satisfies Record<TableFormat, string>;

/** Makes the file `name`, which has no extension yet. @throws ApiProblem */
export async function saveTable(client: Client, name: string, table: TableData, format: TableFormat): Promise<void> {
  download(`${name}.${extensions[format]}`, await client.file(`v1/export?format=${format}`, asSent(table)));
}

/** As `POST /v1/export` reads tables. */
const asSent = ({ title, columns, rows }: TableData) => ({
  title,
  columns: columns.map((name) => ({ key: name, title: name })),
  rows: rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null]))),
});

/** Hands a file to the browser. */
function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the file after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
