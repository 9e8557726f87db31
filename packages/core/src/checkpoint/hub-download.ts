/** Downloads one file of a hub: resumed where it broke off, and put in place only when its checksum is right. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FieldcraftError } from '../foundation/index.js';
import { PassingFailure, reason, request, retry, stopped, waitForRetry, type HubAccess } from './hub-request.js';
import { stallSignal } from './stall-signal.js';

/** How far a file has come, in bytes. */
export interface DownloadProgress {
  readonly file: string;
  readonly received: number;
  readonly total: number;
}

/** What the hub says of a file's content. */
export interface RemoteFile {
  /** The SHA-256 of the content (64 digits) or, for small files, its git blob SHA-1 (40 digits). */
  readonly checksum: string;
  /** Bytes. */
  readonly size: number;
}

/** Bytes after which a try counts as having got further. */
const realProgress = 1 << 20;
/** Complete downloads with wrong bytes before giving up. */
const mostMismatches = 3;

/**
 * Asks for a file's checksum and size. Large files lie on another host: there the hub states both in `X-Linked-*` beside the redirect.
 * @throws FieldcraftError FC_DOWNLOAD where the server states neither; and as `request`.
 */
export function describeFile(url: string, access: HubAccess): Promise<RemoteFile> {
  return retry(url, access, async () => {
    const origin = new URL(access.endpoint).origin;
    const signal = stallSignal(access);
    const { headers } = await request(url, access, { method: 'HEAD', signal: signal.signal }, (response, target) => {
      return response.headers.has('x-linked-etag') || target?.origin !== origin;
    }).finally(signal.clear);
    const etag = headers.get('x-linked-etag') ?? headers.get('etag') ?? '';
    const checksum = etag.replace(/^W\//, '').replaceAll('"', '');
    const size = Number(headers.get('x-linked-size') ?? headers.get('content-length') ?? Number.NaN);
    if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(checksum) && Number.isSafeInteger(size) && size >= 0)
      return { checksum, size };
    throw new FieldcraftError('FC_DOWNLOAD', {
      what: 'a server does not say which bytes a file should have',
      where: url,
      expected: 'a checksum as ETag or X-Linked-ETag, and a length',
      got: `${JSON.stringify(etag)} and ${size}`,
      fix: 'use a hub that does (HF_ENDPOINT), or put the model’s files in a folder and name that',
    });
  });
}

/**
 * Downloads `url` to `path`. What arrived so far lies in `<path>.incomplete`, from where a later call goes on.
 * @throws FieldcraftError FC_CHECKSUM where the bytes stay wrong; FC_DISK where the disk is full; FC_INTERRUPTED after `access.signal`;
 * FC_DOWNLOAD where the connection keeps failing.
 */
export async function downloadFile(
  url: string,
  path: string,
  remote: RemoteFile,
  access: HubAccess,
  onProgress: (received: number) => void = () => undefined,
): Promise<void> {
  const part = `${path}.incomplete`;
  mkdirSync(dirname(path), { recursive: true });
  await refuseFullDisk(part, remote.size);
  let failures = 0;
  let mismatches = 0;
  let furthest = sizeOf(part);
  while (!existsSync(path)) {
    try {
      if (sizeOf(part) > remote.size) rmSync(part);
      onProgress(sizeOf(part));
      if (sizeOf(part) < remote.size || !existsSync(part)) await receive(url, part, remote.size, access, onProgress);
      if ((await contentChecksum(part, remote)) === remote.checksum) {
        renameSync(part, path);
        return;
      }
      rmSync(part);
      mismatches++;
    } catch (error) {
      if (sizeOf(part) >= furthest + realProgress) failures = 0;
      furthest = Math.max(furthest, sizeOf(part));
      await waitForRetry(url, access, ++failures, error);
    }
    if (mismatches >= mostMismatches) {
      throw new FieldcraftError('FC_CHECKSUM', {
        what: `a file came with wrong bytes ${mismatches} times`,
        where: url,
        expected: remote.checksum,
        fix: 'something between here and the hub changes files: try another network or HF_ENDPOINT',
      });
    }
  }
}

/** One connection: asks for what is missing in `part` and writes what comes. Ends without error only when `size` bytes are there. */
async function receive(
  url: string,
  part: string,
  size: number,
  access: HubAccess,
  onProgress: (received: number) => void,
): Promise<void> {
  const had = sizeOf(part);
  const stall = stallSignal(access);
  try {
    const headers: Record<string, string> = had > 0 ? { range: `bytes=${had}-` } : {};
    const response = await request(url, access, { headers, signal: stall.signal });
    const start = startOf(response, had, size);
    if (start === undefined || response.body === null) {
      await response.body?.cancel();
      rmSync(part, { force: true });
      throw new PassingFailure(`the server does not go on where the file broke off (status ${response.status})`);
    }
    const file = await open(part, start === 0 ? 'w' : 'r+');
    try {
      let at = start;
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        stall.restart();
        if (at + chunk.length > size) {
          rmSync(part, { force: true });
          throw new PassingFailure('the server sends more bytes than it announced');
        }
        for (let done = 0; done < chunk.length;) {
          done += (await file.write(chunk, done, chunk.length - done, at + done).catch(diskFailure(part))).bytesWritten;
        }
        at += chunk.length;
        onProgress(at);
      }
      if (at < size) throw new PassingFailure(`the connection ended after ${at} of ${size} bytes`);
      await file.sync().catch(diskFailure(part));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof FieldcraftError || error instanceof PassingFailure) throw error;
    throw stopped(access) ?? new PassingFailure(`the connection broke (${reason(error)})`);
  } finally {
    stall.clear();
  }
}

/** Where the body of `response` belongs in the file; undefined where it does not fit what is there. */
function startOf(response: Response, had: number, size: number): number | undefined {
  if (response.status === 200) return 0;
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  return response.status === 206 && Number(start) === had && Number(total) === size ? had : undefined;
}

/** A file's SHA-256, or its git blob SHA-1 where `remote` states that: the hash of a short header and the content. */
async function contentChecksum(path: string, { checksum }: RemoteFile): Promise<string> {
  const hash = createHash(checksum.length === 64 ? 'sha256' : 'sha1');
  if (checksum.length === 40) hash.update(`blob ${sizeOf(path)}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

async function refuseFullDisk(part: string, size: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(part));
  const missing = size - sizeOf(part);
  const free = bavail * bsize;
  if (missing <= free) return;
  throw new FieldcraftError('FC_DISK', {
    what: 'there is not enough space for a download',
    where: dirname(part),
    expected: `${megabytes(missing)} free`,
    got: megabytes(free),
    fix: 'free some space, or set HF_HUB_CACHE to a folder on another disk',
  });
}

function diskFailure(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new FieldcraftError('FC_DISK', {
      what: 'a download could not be written',
      where: path,
      got: reason(cause),
      fix: 'free some space, or set HF_HUB_CACHE to a folder on another disk, and run the command again: it goes on where it stopped',
      cause,
    });
  };
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
