/** Downloads a dataset's files one by one from where its card says, each compared with its checksum before it is kept. */
import { existsSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stallSignal } from '../checkpoint/index.js';
import {
  FieldcraftError,
  sha256,
  sha256File,
  userCacheFolder,
  withLock,
  writeFileAtomic,
} from '../foundation/index.js';
import type { Card } from './card-page.js';

export interface DatasetProgress {
  dataset: string;
  file: string;
  filesDone: number;
  files: number;
  bytesDone: number;
  bytes: number;
}

export interface DownloadDatasetOptions {
  /** Files go to `<cacheFolder>/data/<field>/<name>`. Default: `FIELDCRAFT_CACHE` or `~/.cache/fieldcraft`. */
  readonly cacheFolder?: string | undefined;
  onProgress?: (progress: DatasetProgress) => void;
  signal?: AbortSignal;
  /** Tries a file. Default 3. */
  attempts?: number;
  /** Milliseconds before the second try, doubled each time. Default 500. */
  retryDelay?: number;
  /** Milliseconds without a byte after which a connection counts as dead. Default 30,000. */
  stallTimeout?: number;
}

/**
 * The folder of the downloaded dataset. Files that are there already are kept, so that a broken download goes on where it stopped.
 * Processes that want the same dataset wait for each other.
 * @throws FieldcraftError FC_DOWNLOAD where a file cannot be had; FC_CHECKSUM where the server keeps sending other bytes; FC_DISK
 */
export async function downloadDataset(card: Card, options: DownloadDatasetOptions = {}): Promise<string> {
  const cache = options.cacheFolder ?? userCacheFolder();
  const folder = resolve(cache, 'data', card.field, card.folder);
  try {
    return await withLock(`${folder}.lock`, () => bringFiles(card, folder, options), options.signal);
  } catch (cause) {
    if (cause instanceof FieldcraftError || options.signal?.aborted === true) throw cause;
    throw new FieldcraftError('FC_DISK', {
      what: 'a downloaded dataset cannot be kept',
      where: folder,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: 'remove the folder if it is there; or set FIELDCRAFT_CACHE to one that can be written',
      cause,
    });
  }
}

async function bringFiles(card: Card, folder: string, options: DownloadDatasetOptions): Promise<string> {
  const downloads = cardDownloads(card);
  // Another process may have brought it while this one waited.
  if (existsSync(folder) && (await areAll(downloads, folder))) return folder;
  // The cache is searched for whole datasets: until the last file is there, they wait beside it.
  const partial = `${folder}.partial`;
  const bytes = downloads.reduce((sum, file) => sum + file.bytes, 0);
  let bytesDone = 0;
  for (const [filesDone, file] of downloads.entries()) {
    const progress = { dataset: card.name, file: file.path, files: downloads.length, bytes };
    options.onProgress?.({ ...progress, filesDone, bytesDone });
    if (!(await isThere(file, partial))) writeFileAtomic(join(partial, file.path), await fetchFile(file, options));
    bytesDone += file.bytes;
    options.onProgress?.({ ...progress, filesDone: filesDone + 1, bytesDone });
  }
  renameSync(partial, folder);
  return folder;
}

/** Where each file can be downloaded; empty where the card names no place. */
export function cardDownloads(card: Card): { path: string; url: string; bytes: number; sha256: string }[] {
  const base = card.download;
  if (base === undefined) return [];
  return card.files.map(({ path, upstream, bytes, sha256 }) => ({
    path,
    url: `${base.replace(/\/$/, '')}/${(upstream ?? path).split('/').map(encodeURIComponent).join('/')}`,
    bytes,
    sha256,
  }));
}

type Download = ReturnType<typeof cardDownloads>[number];

async function areAll(downloads: readonly Download[], folder: string): Promise<boolean> {
  for (const file of downloads) if (!(await isThere(file, folder))) return false;
  return true;
}

async function isThere(file: Download, folder: string): Promise<boolean> {
  const path = join(folder, file.path);
  return existsSync(path) && (await sha256File(path)) === file.sha256;
}

async function fetchFile(file: Download, options: DownloadDatasetOptions): Promise<Uint8Array> {
  const { attempts = 3, retryDelay = 500 } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(file, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (attempt >= attempts) throw failure(file, error, attempt);
      await sleep(
        retryDelay * 2 ** (attempt - 1),
        undefined,
        options.signal === undefined ? {} : { signal: options.signal },
      );
    }
  }
}

async function fetchOnce(
  { url, bytes, sha256: expected }: Download,
  options: DownloadDatasetOptions,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let received = 0;
  const stall = stallSignal(options);
  try {
    const response = await fetch(url, { signal: stall.signal });
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`);
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      stall.restart();
      received += part.length;
      // Never more than the card says, whatever the server sends.
      if (received > bytes) break;
      parts.push(part);
    }
  } finally {
    stall.clear();
  }
  const content = Buffer.concat(parts);
  const got = sha256(content);
  if (got === expected) return content;
  throw new FieldcraftError('FC_CHECKSUM', {
    what: 'a downloaded file is not the published one',
    where: url,
    expected: `SHA-256 ${expected} (${bytes} bytes)`,
    got: received > bytes ? 'more bytes than that' : `SHA-256 ${got} (${received} bytes)`,
  });
}

function failure(file: Download, error: unknown, attempts: number): FieldcraftError {
  if (error instanceof FieldcraftError) return error;
  const cause =
    error instanceof Error && error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : String(error);
  return new FieldcraftError('FC_DOWNLOAD', {
    what: `a file of the dataset could not be downloaded (tried ${attempts} times)`,
    where: file.url,
    got: cause,
    fix: 'try again when the network is there: files that came whole are kept; or set FIELDCRAFT_MIRROR',
    cause: error,
  });
}
