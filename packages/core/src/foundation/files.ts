/** Files that are never half written: bytes go to a temporary name beside the target, are synced, and are renamed into place. */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { FieldcraftError } from './errors.js';

/**
 * Writes `path` so that a reader, or a machine that loses power, sees the old file or the new one and nothing between.
 * `chunks` are written in order; strings as UTF-8. The folder is made where it is missing.
 * @throws FieldcraftError FC_DISK when the disk is full or the place cannot be written; the old file is untouched then.
 */
export function writeFileAtomic(path: string, chunks: string | Uint8Array | Iterable<string | Uint8Array>): void {
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2, 8)}.tmp`;
  let file: number | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    file = openSync(temporary, 'wx');
    for (const chunk of typeof chunks === 'string' || chunks instanceof Uint8Array ? [chunks] : chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk;
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done);
    }
    fsyncSync(file);
    closeSync(file);
    file = undefined;
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    dropQuietly(temporary);
    throw new FieldcraftError('FC_DISK', {
      what: 'a file could not be written',
      where: path,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: 'free some space or choose another folder; what was there before is unchanged',
      cause,
    });
  }
}

/** Removes what is left of a failed write; the failure itself is what the user must hear of. */
function dropQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its folder is no folder: then there is nothing to remove.
  }
}

/** Makes a rename in `folder` durable. Some platforms cannot open folders: there the rename is as durable as they make it. */
export function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Windows refuses to open a folder; nothing else to do there.
  }
}

/** SHA-256 of a file's bytes in lower-case hexadecimal, streamed. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** SHA-256 of a text (as UTF-8) or of bytes, in lower-case hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
