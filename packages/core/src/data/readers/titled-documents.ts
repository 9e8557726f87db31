/** Texts of many documents in one file, plain or gzip: a blank line between documents, the first line of each its title, the second its text. */
import { readFileSync, statSync } from 'node:fs';
import { TextDecoder } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize, readTextFile } from '../text-file.js';
import { count, defineReader, type SourceFile } from './reader.js';
import { shown } from './records.js';

/** An archive is read whole: one that unpacks to more is refused. */
const maxUnpackedBytes = 200_000_000;

export const titledDocuments = defineReader({
  options: z.strictObject({
    leaveOut: z
      .array(z.string())
      .default([])
      .describe('documents that are not read, by their ids: the name of the file, a colon, the line of the title'),
  }),
  /** A title is the text, what it is the title of the second text. */
  async *read({ files, options, tally }) {
    const left = new Set(options.leaveOut);
    for (const file of files) {
      for (const { line, lines } of documentsOf(contentOf(file))) {
        const where = `${file.name}:${line}`;
        const [title = '', text = '', ...more] = lines;
        if (text === '' || more.length > 0) {
          throw new FieldcraftError('FC_FILE_FORMAT', {
            what: 'a document has other lines than a title and a text',
            where,
            expected: 'two lines',
            got: `${lines.length}: ${shown(lines.join(' '))}`,
          });
        }
        if (left.delete(where)) {
          count(tally, 'documents (left out, as the card says)');
          continue;
        }
        checkTextSize(text, where);
        yield { where, text: title, second: text, ...(file.part === undefined ? {} : { part: file.part }) };
      }
    }
    const [unknown] = left;
    if (unknown !== undefined) {
      throw new FieldcraftError('FC_DATA', { what: 'a document that shall be left out is not there', where: unknown });
    }
  },
});

function contentOf(file: SourceFile): string {
  if (!file.name.endsWith('.gz')) return readTextFile(file.path);
  if (statSync(file.path, { throwIfNoEntry: false }) === undefined)
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'a data file does not exist', where: file.path });
  try {
    const bytes = gunzipSync(readFileSync(file.path), { maxOutputLength: maxUnpackedBytes });
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: `a file is no gzip archive of UTF-8 text, or unpacks to more than ${maxUnpackedBytes} bytes`,
      where: file.name,
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

/** The lines of each document, and the number of the first. */
function documentsOf(content: string): { line: number; lines: string[] }[] {
  const documents: { line: number; lines: string[] }[] = [];
  let open = false;
  content.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '') open = false;
    else if (open) documents.at(-1)!.lines.push(line);
    else {
      documents.push({ line: i + 1, lines: [line] });
      open = true;
    }
  });
  return documents;
}
