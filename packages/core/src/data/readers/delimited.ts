/** CSV and TSV with a header line, or with columns that the options name, streamed. */
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse, type Info } from 'csv-parse';
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { maxTextBytes, readTextChunks } from '../text-file.js';
import { count, defineReader, type RawExample, type SourceFile, type Tally } from './reader.js';
import { columnOptions, readRecord } from './records.js';

export const delimited = defineReader({
  options: z.strictObject({
    ...columnOptions,
    delimiter: z.string().length(1).optional().describe('by default a tab for .tsv, otherwise a comma'),
    quotes: z.boolean().default(true).describe('false where a quotation mark is a character like any other'),
    header: z.array(z.string()).min(1).optional().describe('names of the columns, where the file has no header line'),
    joinRows: z
      .boolean()
      .default(false)
      .describe('multi-label: rows of a file with one text are one example, which bears the labels of all'),
    leaveOut: z.array(z.string()).default([]).describe('texts that are none, such as the #NAME? of a spreadsheet'),
  }),
  async *read({ files, kind, options, tally }) {
    const { delimiter, quotes, header, joinRows, leaveOut, ...columns } = options;
    const unwanted = new Set(leaveOut);
    for (const file of files) {
      const joined = new Map<string, RawExample>();
      const layout = { delimiter: delimiter ?? delimiterOf(file.name), quotes, header };
      for await (const { record, where } of readNamedRows(file, layout)) {
        const raw = readRecord({ record, where, kind, columns, tally });
        if (file.part !== undefined) raw.part = file.part;
        if (unwanted.has(raw.text)) count(tally, `rows whose text is ${JSON.stringify(raw.text)} (left out)`);
        else if (joinRows) join(joined, raw, tally);
        else yield raw;
      }
      yield* joined.values();
    }
  },
});

/** A row with a text that is known brings it another label. */
function join(joined: Map<string, RawExample>, raw: RawExample, tally: Tally): void {
  const known = joined.get(raw.text);
  if (known === undefined) {
    joined.set(raw.text, raw);
    return;
  }
  known.labels = [...new Set([...(known.labels ?? []), ...(raw.labels ?? [])])];
  count(tally, 'rows that are a further label of an earlier text (joined)');
}

/** The rows under the header as objects. @throws FieldcraftError FC_FILE_FORMAT for a row of another width */
async function* readNamedRows(
  file: SourceFile,
  { delimiter, quotes, header: given }: { delimiter: string; quotes: boolean; header: string[] | undefined },
): AsyncGenerator<{ record: Record<string, string | undefined>; where: string }> {
  let header = given;
  for await (const { fields, line } of readRows(file, { delimiter, quotes })) {
    if (header === undefined) {
      header = fields;
      continue;
    }
    const where = `${file.name}:${line}`;
    if (fields.length !== header.length) {
      throw new FieldcraftError('FC_FILE_FORMAT', {
        what: 'a row has another number of columns than the header',
        where,
        expected: `${header.length} columns: ${header.join(', ')}`,
        got: `${fields.length}`,
        fix: 'quote cells that hold the delimiter; or say which delimiter the file uses',
      });
    }
    yield { record: Object.fromEntries(header.map((name, i) => [name, fields[i]])), where };
  }
}

/** One kind of line ending everywhere, inside cells too: the parser would count \r\n there as two lines. */
async function* unixLines(file: SourceFile): AsyncGenerator<string> {
  for await (const chunk of readTextChunks(file.path)) yield chunk.replaceAll('\r\n', '\n');
}

export interface Row {
  fields: string[];
  /** The line where the row begins, from 1. */
  line: number;
}

/** The rows of a delimited file, the header among them, each with the line it begins on. Rows may be of any width; empty lines are rows of one empty field where `emptyLines`. */
export async function* readRows(
  file: SourceFile,
  { delimiter, quotes = true, emptyLines = false }: { delimiter: string; quotes?: boolean; emptyLines?: boolean },
): AsyncGenerator<Row> {
  const parser = parse({
    delimiter,
    quote: quotes ? '"' : null,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: !emptyLines,
    info: true,
    max_record_size: 3 * maxTextBytes,
  });
  // Errors of either end reach the loop below through the parser.
  pipeline(Readable.from(unixLines(file)), parser, () => undefined);
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      yield { fields: record, line };
      line = info.lines + 1;
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a delimited file cannot be parsed',
      where: `${file.name}:${line}`,
      got: cause.message,
      fix: 'double the quotation marks inside quoted cells, or read with quotes: false where they are plain characters',
      cause,
    });
  }
}

function delimiterOf(name: string): string {
  return /\.tsv$/i.test(name) ? '\t' : ',';
}
