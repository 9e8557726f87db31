/** CSV and TSV with a header line, or with columns that the options name, streamed. */
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse, type Info } from 'csv-parse';
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { maxTextBytes, readTextChunks } from '../text-file.js';
import { defineReader, type SourceFile } from './reader.js';
import { columnOptions, readRecord } from './records.js';

export const delimited = defineReader({
  options: z.strictObject({
    ...columnOptions,
    delimiter: z.string().length(1).optional().describe('by default a tab for .tsv, otherwise a comma'),
    quotes: z.boolean().default(true).describe('false where a quotation mark is a character like any other'),
    header: z.array(z.string()).min(1).optional().describe('names of the columns, where the file has no header line'),
  }),
  async *read({ files, kind, options, tally }) {
    const { delimiter, quotes, header: given, ...columns } = options;
    for (const file of files) {
      let header = given;
      for await (const { fields, line } of readRows(file, { delimiter: delimiter ?? delimiterOf(file.name), quotes })) {
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
        const record = Object.fromEntries(header.map((name, i) => [name, fields[i]]));
        const raw = readRecord({ record, where, kind, columns, tally });
        yield file.part === undefined ? raw : { ...raw, part: file.part };
      }
    }
  },
});

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
