/** An untrusted file opened for positional reads that can never leave it, and a cursor over a stretch of it. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { FieldcraftError } from '../foundation/index.js';

/** A regular file, held open. Every read is checked against the size it had when it was opened. */
export interface BoundedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Fills `bytes` with what lies at `position`. */
  readInto(bytes: Uint8Array, position: number): void;
  /** `length` bytes at `position`, in an array of their own. */
  read(position: number, length: number): Uint8Array;
  close(): void;
}

/** Node refuses single reads of 2 GiB and more. */
const largestRead = 1 << 30;

/**
 * Opens `path`. @throws FieldcraftError FC_NOT_FOUND where nothing is, FC_FILE_FORMAT where no regular file is; reads throw
 * FC_FILE_FORMAT outside the file.
 */
export function openBoundedFile(path: string): BoundedFile {
  const { handle, size } = openRegularFile(path);

  const readInto = (bytes: Uint8Array, position: number): void => {
    if (position < 0 || position + bytes.length > size) {
      throw formatError(path, 'the file ends too early', {
        expected: `${position + bytes.length} bytes or more`,
        got: `${size} bytes`,
      });
    }
    for (let done = 0; done < bytes.length;) {
      const count = readSync(handle, bytes, done, Math.min(bytes.length - done, largestRead), position + done);
      if (count === 0) throw formatError(path, 'the file became shorter while it was being read');
      done += count;
    }
  };
  const read = (position: number, length: number): Uint8Array => {
    // Checked before allocating: a file may claim any length.
    if (length > size) throw formatError(path, 'the file ends too early', { got: `${size} bytes` });
    const bytes = new Uint8Array(length);
    readInto(bytes, position);
    return bytes;
  };
  return { path, size, readInto, read, close: () => closeSync(handle) };
}

function openRegularFile(path: string): { handle: number; size: number } {
  let handle: number;
  try {
    // Asked before opening: to open a pipe would wait for its other end.
    if (!statSync(path).isFile()) throw formatError(path, 'a file was expected, but something else is here');
    handle = openSync(path, 'r');
  } catch (cause) {
    if (cause instanceof FieldcraftError) throw cause;
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'a file cannot be opened', where: path, got, cause });
  }
  return { handle, size: fstatSync(handle).size };
}

/** Reads forward through a stretch of a file, byte by byte or in small pieces, without loading the stretch. */
export interface ByteCursor {
  readonly path: string;
  /** Position in the file of the next byte. */
  position(): number;
  byte(): number;
  /** The next `length` bytes, in an array of their own. */
  take(length: number): Uint8Array;
}

/** A cursor over `[begin, end)` of `file`; leaving the stretch throws FC_FILE_FORMAT. */
export function byteCursor(file: BoundedFile, begin: number, end: number): ByteCursor {
  let window = new Uint8Array(0);
  let windowBegin = begin;
  let at = begin;
  const demand = (length: number): void => {
    if (at + length > end) throw formatError(file.path, 'the data ends too early', { where: `byte ${at}` });
  };
  const byte = (): number => {
    demand(1);
    if (at >= windowBegin + window.length) {
      windowBegin = at;
      window = new Uint8Array(file.read(at, Math.min(65_536, end - at)));
    }
    return window[at++ - windowBegin] ?? 0;
  };
  const take = (length: number): Uint8Array => {
    demand(length);
    const inWindow = at >= windowBegin && at + length <= windowBegin + window.length;
    const bytes = inWindow ? window.slice(at - windowBegin, at - windowBegin + length) : file.read(at, length);
    at += length;
    return bytes;
  };
  return { path: file.path, position: () => at, byte, take };
}

/** FC_FILE_FORMAT about `path`; `where` narrows the place down. */
export function formatError(
  path: string,
  what: string,
  parts: { where?: string; expected?: string; got?: string; fix?: string; cause?: unknown } = {},
): FieldcraftError {
  const where = parts.where === undefined ? path : `${path}, ${parts.where}`;
  return new FieldcraftError('FC_FILE_FORMAT', { what, ...parts, where });
}

/** A name out of an untrusted file, fit for a message: short, quoted, without control characters. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}
