/** The rows of files that are predicted in bulk, one at a time: files may be larger than memory, and a bad row is said to be one and passed over. */
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { FieldcraftError, neighboursOf, type ModelInput } from '@fieldcraft/core';
import { parse } from 'csv-parse/sync';
import { inputOf } from './read-texts.js';

export interface RowSource {
  readonly files: readonly InputFile[];
  /** Whether a .txt file is one text instead of one a line. */
  readonly whole: boolean;
  /** Column of a .csv with the text. Columns `second` and `context` are read too. */
  readonly textColumn: string;
  /** What every row has that does not say it itself. */
  readonly given: Partial<ModelInput>;
  /** Whether rows of a file are sentences that are read with their neighbours. */
  readonly neighbours: boolean;
}

export interface InputFile {
  readonly path: string;
  readonly bytes: number;
  readonly changed: number;
}

export interface Row {
  /** Where it stands, such as `notes.txt:3`. */
  readonly source: string;
  /** Bytes of its file up to its end. */
  readonly at: number;
  readonly input: ModelInput | FieldcraftError;
}

/** No line, and no text, is longer. */
const longest = 16 * 1024 * 1024;
const extensions = ['.jsonl', '.csv', '.txt'];

/**
 * The file, or all files of the folder that can be read, by name.
 * @throws FieldcraftError FC_NOT_FOUND, and FC_DATA where there is nothing to read
 */
export function findInputs(path: string): InputFile[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'there is no such file or folder', where: path });
  const paths = stat.isDirectory()
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && extensions.includes(extname(entry.name).toLowerCase()))
        .map(({ parentPath, name }) => join(parentPath, name))
        .sort()
    : [path];
  const readable = paths.filter((file) => extensions.includes(extname(file).toLowerCase()));
  if (readable.length > 0)
    return readable.map((file) => {
      const { size, mtimeMs } = statSync(file);
      return { path: file, bytes: size, changed: mtimeMs };
    });
  throw new FieldcraftError('FC_DATA', {
    what: 'there is nothing to predict',
    where: path,
    expected: `files that end in ${extensions.join(', ')}`,
  });
}

/** All rows, in order; empty lines are none. */
export async function* readRows({ files, neighbours, given, ...source }: RowSource): AsyncGenerator<Row> {
  for (const file of files) {
    const rows = rowsOf(file, source);
    for await (const { input, ...row } of neighbours ? relate(rows) : rows)
      yield { ...row, input: input instanceof FieldcraftError ? input : { ...given, ...input } };
  }
}

async function* rowsOf(
  file: InputFile,
  { whole, textColumn }: Pick<RowSource, 'whole' | 'textColumn'>,
): AsyncGenerator<Row> {
  const { path } = file;
  const extension = extname(path).toLowerCase();
  const name = basename(path);
  if (extension === '.csv') yield* csvRows(file, textColumn);
  else if (extension === '.txt' && whole) yield* wholeText(file);
  else
    for await (const { number, at, line } of linesOf(path)) {
      const source = `${name}:${number}`;
      if (line instanceof FieldcraftError) yield { source, at, input: line };
      else if (line.trim() !== '')
        yield { source, at, input: extension === '.jsonl' ? attempt(() => inputOf(line, source)) : { text: line } };
    }
}

interface Line {
  /** From 1. */
  readonly number: number;
  readonly at: number;
  /** Without its end; an error where it is too long or not UTF-8. */
  readonly line: string | FieldcraftError;
}

async function* linesOf(path: string): AsyncGenerator<Line> {
  let [number, at, size] = [1, 0, 0];
  let parts: Buffer[] = [];
  const end = (): Line => {
    const line =
      size > longest
        ? tooLong(`${basename(path)}:${number}`)
        : decode(Buffer.concat(parts), `${basename(path)}:${number}`);
    const found = { number: number++, at, line };
    [parts, size] = [[], 0];
    return found;
  };
  const add = (bytes: Buffer) => {
    size += bytes.length;
    at += bytes.length;
    if (size > longest) parts = [];
    else parts.push(bytes);
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let to = chunk.indexOf(10); to >= 0; to = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, to + 1));
      from = to + 1;
      yield end();
    }
    if (from < chunk.length) add(chunk.subarray(from));
  }
  if (size > 0) yield end();
}

/** A record of a .csv may go over several lines, as long as a quote is open. */
async function* csvRows({ path, bytes }: InputFile, textColumn: string): AsyncGenerator<Row> {
  let columns: string[] | undefined;
  let [open, first, quotes]: [string, number, number] = ['', 0, 0];
  const name = basename(path);
  for await (const { number, at, line } of linesOf(path)) {
    if (open === '') [first, quotes] = [number, 0];
    const source = `${name}:${first}`;
    if (line instanceof FieldcraftError) {
      open = '';
      yield { source, at, input: line };
      continue;
    }
    open += line;
    // Quotes inside quotes are doubled. Each line is looked at once: a quote that is never closed leaves millions of them open.
    quotes += line.split('"').length - 1;
    if (quotes % 2 === 1 && open.length <= longest && at < bytes) {
      open += '\n';
      continue;
    }
    const record = open;
    open = '';
    if (record.trim() === '') continue;
    if (columns === undefined) columns = headerOf(record, source, textColumn);
    else yield { source, at, input: attempt(() => recordOf(record, { columns: columns!, source, textColumn })) };
  }
}

const cells = (record: string): string[] => parse(record, { bom: true })[0] ?? [];

function headerOf(record: string, where: string, textColumn: string): string[] {
  const columns = cells(record);
  if (columns.includes(textColumn)) return columns;
  throw new FieldcraftError('FC_DATA', {
    what: `the file has no column "${textColumn}"`,
    where,
    expected: `a first line with the names of columns, "${textColumn}" among them`,
    got: columns.join(', ').slice(0, 200),
    fix: 'name the column with the text: --text-column',
  });
}

function recordOf(
  record: string,
  { columns, source, textColumn }: { columns: string[]; source: string; textColumn: string },
): ModelInput {
  let values: string[];
  try {
    values = cells(record);
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a record cannot be read',
      where: source,
      got: String(cause),
      cause,
    });
  }
  if (values.length !== columns.length) {
    throw new FieldcraftError('FC_DATA', {
      what: 'a record has not as many values as there are columns',
      where: source,
      expected: String(columns.length),
      got: String(values.length),
    });
  }
  const row = new Map(columns.map((column, i) => [column, values[i]!]));
  const [text = '', second, context] = [textColumn, 'second', 'context'].map((column) => row.get(column));
  if (text.trim() === '') throw new FieldcraftError('FC_DATA', { what: 'a record has no text', where: source });
  return { text, ...(second && { second }), ...(context && { context }) };
}

async function* wholeText({ path, bytes: at }: InputFile): AsyncGenerator<Row> {
  const source = basename(path);
  if (at > longest) {
    yield { source, at, input: tooLong(source) };
    return;
  }
  const text = decode(await readFile(path), source);
  if (text instanceof FieldcraftError) yield { source, at, input: text };
  else if (text.trim() !== '') yield { source, at, input: { text } };
}

/** Sentences of a file with those around them; of rows that say it themselves, and of bad ones, nothing. */
async function* relate(rows: AsyncGenerator<Row>): AsyncGenerator<Row> {
  const kept: Row[] = [];
  let next = 0;
  const [textsOf, around] = [(some: readonly Row[]) => some.map(({ input }) => ('text' in input ? input.text : '')), 8];
  const related = (i: number): Row => {
    const row = kept[i]!;
    if (!('text' in row.input) || row.input.before || row.input.after) return row;
    return { ...row, input: { ...row.input, ...neighboursOf(textsOf(kept))[i] } };
  };
  for await (const row of rows) {
    kept.push(row);
    if (kept.length - next > around) yield related(next++);
    if (next > around) {
      kept.shift();
      next--;
    }
  }
  for (; next < kept.length; next++) yield related(next);
}

function decode(bytes: Buffer, where: string): string | FieldcraftError {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch (cause) {
    return new FieldcraftError('FC_FILE_FORMAT', { what: 'a text is not UTF-8', where, cause });
  }
}

const tooLong = (where: string) =>
  new FieldcraftError('FC_TOO_LARGE', { what: 'a text is too long', where, expected: `at most ${longest} bytes` });

/** The error that is the row's own. */
function attempt<T>(read: () => T): T | FieldcraftError {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldcraftError) return error;
    throw error;
  }
}
