/** What frozen layers say of a group of windows, as a file: found again by what it depends on, and read whole or a window at a time. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { dropOldest, writeFileAtomic } from '../foundation/index.js';

export interface ActivationFolder {
  /** Made where it is missing. */
  readonly folder: string;
  /** Most bytes that its files may have together; those used longest ago go first. Default 8 GiB. */
  readonly maxBytes?: number;
}

export const defaultFolderBytes = 2 ** 33;

/** One file: the group's rows, one window after the other. */
export interface ActivationFile extends ActivationFolder {
  /** SHA-256 of all that the rows depend on. */
  readonly key: Buffer;
  /** Numbers in it. */
  readonly count: number;
}

// A file: magic, version and two reserved 32-bit words; the 32-byte key; the rows, 32-bit floats; and the SHA-256 of all before.
const magic = 0x43414346; // 'FCAC' in little-endian order; a machine of the other order reads another number and computes anew
const version = 1;
const headerBytes = 16 + 32;
const digestBytes = 32;
const extension = '.activations';

const pathOf = ({ folder, key }: ActivationFile): string => join(folder, `${key.toString('hex')}${extension}`);

/** The rows of a file; undefined where it is missing, damaged or of something else. */
export function readActivations(file: ActivationFile): Float32Array | undefined {
  let content: Buffer;
  try {
    content = readFileSync(pathOf(file));
    const now = new Date();
    utimesSync(pathOf(file), now, now);
  } catch {
    return undefined;
  }
  if (content.length !== headerBytes + file.count * 4 + digestBytes) return undefined;
  if (content.readUInt32LE(0) !== magic || content.readUInt32LE(4) !== version) return undefined;
  if (!file.key.equals(content.subarray(16, headerBytes))) return undefined;
  const body = content.subarray(0, -digestBytes);
  if (!createHash('sha256').update(body).digest().equals(content.subarray(-digestBytes))) return undefined;
  // Views of floats need aligned memory.
  return new Float32Array(Uint8Array.from(body.subarray(headerBytes)).buffer);
}

/** Numbers `from`, `from` + 1... of a file that was read or written whole before; undefined where it is there no more. */
export function readStretch(file: ActivationFile, from: number, count: number): Float32Array | undefined {
  const stretch = new Float32Array(count);
  const bytes = new Uint8Array(stretch.buffer);
  let handle: number | undefined;
  try {
    handle = openSync(pathOf(file), 'r');
    if (fstatSync(handle).size !== headerBytes + file.count * 4 + digestBytes) return undefined;
    for (let done = 0; done < bytes.length;) {
      const got = readSync(handle, bytes, done, bytes.length - done, headerBytes + from * 4 + done);
      if (got === 0) return undefined;
      done += got;
    }
    return stretch;
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Writes the rows, and makes room for them. @throws FieldcraftError FC_DISK where the folder cannot be written. */
export function writeActivations(file: ActivationFile, rows: Float32Array): void {
  const { folder, maxBytes = defaultFolderBytes, key } = file;
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(magic, 0);
  header.writeUInt32LE(version, 4);
  header.set(key, 16);
  const content = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
  const digest = createHash('sha256').update(header).update(content).digest();
  writeFileAtomic(pathOf(file), [header, content, digest]);
  dropOldest(folder, { extension, maxBytes });
}
