/** Text files read strictly as UTF-8, in pieces: a wrong byte is an error that names its place, never a silent replacement. */
import { Buffer, isUtf8 } from 'node:buffer';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FieldcraftError } from '../foundation/index.js';

/** The longest text of one example, in UTF-8 bytes (10 MB); a longer one is refused. */
export const maxTextBytes = 10_000_000;
/** The longest line: a 10 MB text whose every character is escaped in JSON still fits. */
const maxLineBytes = 6 * maxTextBytes + 1_000_000;
/** The largest file that is read whole (formats that cannot be streamed: JSON, brat). */
const maxWholeFileBytes = 400_000_000;

/** One line of a file, without its line ending. */
export interface Line {
  text: string;
  /** From 1. */
  number: number;
}

/**
 * A whole file as text, a leading byte-order mark removed. In ISO 8859-1, the encoding of some old corpora, every byte is a character.
 * @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT, FC_DATA (too large)
 */
export function readTextFile(path: string, encoding: 'utf-8' | 'iso-8859-1' = 'utf-8'): string {
  const size = fileSize(path);
  if (size > maxWholeFileBytes) {
    throw new FieldcraftError('FC_DATA', {
      what: 'a file is too large to be read whole',
      where: path,
      expected: `at most ${maxWholeFileBytes} bytes`,
      got: `${size} bytes`,
      fix: 'convert it to JSON Lines, CSV or Parquet, which are read in pieces',
    });
  }
  if (encoding === 'iso-8859-1') return readFileSync(path, 'latin1');
  return withoutMark(decodeStrictly(readFileSync(path), { path, offset: 0, line: 1 }));
}

/**
 * A whole file as text, unpacked where its name ends in `.gz`: never more than any other file may hold, whatever it claims.
 * @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT (damaged, not UTF-8), FC_DATA (too large)
 */
export async function readPackedText(path: string, maxBytes = maxWholeFileBytes): Promise<string> {
  if (!path.toLowerCase().endsWith('.gz')) return readTextFile(path);
  fileSize(path);
  let bytes: Buffer;
  try {
    bytes = await promisify(gunzip)(readFileSync(path), { maxOutputLength: maxBytes });
  } catch (cause) {
    const tooLarge = cause instanceof RangeError;
    throw new FieldcraftError(tooLarge ? 'FC_DATA' : 'FC_FILE_FORMAT', {
      what: tooLarge ? 'a packed file is too large to be read whole' : 'a packed file cannot be unpacked',
      where: path,
      expected: tooLarge ? `at most ${maxBytes} bytes unpacked` : 'a whole gzip file',
      ...(tooLarge ? {} : { got: cause instanceof Error ? cause.message : String(cause) }),
      fix: tooLarge ? 'divide it into several' : 'fetch it again, or pack it again with gzip',
      cause,
    });
  }
  return withoutMark(decodeStrictly(bytes, { path, offset: 0, line: 1 }));
}

/** The lines of a file, one at a time (\n or \r\n). @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT, FC_DATA (a line too long) */
export async function* readLines(path: string): AsyncGenerator<Line> {
  let number = 0;
  for await (const chunk of readTextChunks(path)) {
    const lines = chunk.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) yield { text: line.endsWith('\r') ? line.slice(0, -1) : line, number: ++number };
  }
}

/** A file as text in chunks that end with a line ending (but for the last), so that no character is ever cut. Errors as `readLines`. */
export async function* readTextChunks(path: string): AsyncGenerator<string> {
  fileSize(path);
  let rest: Buffer[] = [];
  let restBytes = 0;
  const place = { path, offset: 0, line: 1 };
  const flush = (last: Buffer): string => {
    const bytes = Buffer.concat([...rest, last]);
    const text = decodeStrictly(bytes, place);
    const first = place.offset === 0;
    place.offset += bytes.length;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) place.line++;
    rest = [];
    restBytes = 0;
    return first ? withoutMark(text) : text;
  };
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const end = piece.lastIndexOf(10) + 1;
    if (end > 0) yield flush(piece.subarray(0, end));
    rest.push(piece.subarray(end));
    restBytes += piece.length - end;
    if (restBytes > maxLineBytes) {
      throw new FieldcraftError('FC_DATA', {
        what: 'a line is too long',
        where: `${path}:${place.line}`,
        expected: `at most ${maxLineBytes} bytes`,
        fix: 'cut the text into documents; is this a text file at all?',
      });
    }
  }
  if (restBytes > 0) yield flush(Buffer.alloc(0));
}

/** @throws FieldcraftError FC_DATA where a text is longer than 10 MB. */
export function checkTextSize(text: string, where: string): void {
  // A UTF-16 unit is at most three bytes of UTF-8: most texts need no counting.
  if (text.length * 3 <= maxTextBytes) return;
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes <= maxTextBytes) return;
  throw new FieldcraftError('FC_DATA', {
    what: 'a text is too long to be one example',
    where,
    expected: `at most ${maxTextBytes} bytes`,
    got: `${bytes} bytes`,
    fix: 'cut it into documents, chapters or paragraphs, one example each',
  });
}

function fileSize(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: 'a data file does not exist',
      where: path,
      ...(stat === undefined ? {} : { got: 'something that is not a file' }),
    });
  }
  return stat.size;
}

function decodeStrictly(bytes: Buffer, place: { path: string; offset: number; line: number }): string {
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) return text;
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'UTF-16 (little endian)'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'UTF-16 (big endian)'
        : undefined;
  // A wrong byte was replaced by U+FFFD: the first byte that changes when the text is encoded again is the wrong one.
  const again = Buffer.from(text, 'utf8');
  let at = 0;
  while (bytes[at] === again[at]) at++;
  const line = place.line + bytes.subarray(0, at).reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 0);
  throw new FieldcraftError('FC_FILE_FORMAT', {
    what: 'a text file is not UTF-8',
    where: `${place.path}:${line}, byte ${place.offset + at}`,
    expected: 'UTF-8, with or without a byte-order mark',
    got:
      place.offset === 0 && mark !== undefined ? mark : `the byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`,
    fix: `convert it, for example: iconv -f ${mark === undefined ? 'WINDOWS-1252' : 'UTF-16'} -t UTF-8`,
  });
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
