/** The beginning of a file of which nobody has said yet what is in it: its format, its columns and its first rows. */
import type { TaskKind } from './examples.js';
import { detectFormat } from './read-format.js';
import { readRows } from './readers/delimited.js';
import type { FormatName } from './readers/index.js';
import { parseObject } from './readers/json-lines.js';
import type { SourceFile } from './readers/reader.js';
import { readLines } from './text-file.js';

export interface FilePreview {
  format: FormatName;
  /** What the reader must be told besides: a delimiter that the file's name does not show. */
  readerOptions: Record<string, string>;
  /** In order of their first appearance; empty for formats that have none, and for Parquet, of which nothing is read here. */
  columns: string[];
  rows: Record<string, unknown>[];
}

/**
 * Reads so many rows at most. The format is that which `detectFormat` finds for the kind of task.
 * @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT
 */
export async function previewFile(
  path: string,
  { kind = 'classification', rows: most = 10_000 }: { kind?: TaskKind; rows?: number } = {},
): Promise<FilePreview> {
  const format = await detectFormat(path, kind);
  const file: SourceFile = { path, name: path };
  if (format === 'delimited') return previewDelimited(file, most);
  const rows: Record<string, unknown>[] = [];
  if (format === 'json-lines') {
    for await (const { text, number } of readLines(path)) {
      if (rows.length === most) break;
      if (text.trim() !== '') rows.push(parseObject(text, `${path}:${number}`));
    }
  }
  return { format, readerOptions: {}, columns: [...new Set(rows.flatMap((row) => Object.keys(row)))], rows };
}

/** Spreadsheets of some countries write CSV with semicolons: the delimiter is the one that cuts the first line into most columns. */
const delimiters = [',', ';', '\t', '|'];

async function previewDelimited(file: SourceFile, most: number): Promise<FilePreview> {
  const expected = /\.tsv$/i.test(file.name) ? '\t' : ',';
  let [delimiter, columns]: [string, string[]] = [expected, []];
  for (const candidate of [expected, ...delimiters]) {
    const header = await headerOf(file, candidate);
    if (header.length > columns.length) [delimiter, columns] = [candidate, header];
  }
  const rows: Record<string, unknown>[] = [];
  let isHeader = true;
  for await (const { fields } of readRows(file, { delimiter })) {
    if (rows.length === most) break;
    if (!isHeader) rows.push(Object.fromEntries(columns.map((name, i) => [name, fields[i]])));
    isHeader = false;
  }
  return { format: 'delimited', readerOptions: delimiter === expected ? {} : { delimiter }, columns, rows };
}

async function headerOf(file: SourceFile, delimiter: string): Promise<string[]> {
  for await (const { fields } of readRows(file, { delimiter })) return fields;
  return [];
}
