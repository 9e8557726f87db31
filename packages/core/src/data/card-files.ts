/** The files of a card: where they are on this machine, fetched where they are not, and compared with their checksums. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { resolveDataset, type ResolveDatasetOptions } from '../checkpoint/index.js';
import { FieldcraftError, sha256File } from '../foundation/index.js';
import type { Card } from './card-page.js';
import { downloadDataset, type DownloadDatasetOptions } from './download-dataset.js';
import type { DataOrigin } from './examples.js';

export interface FindFilesOptions extends ResolveDatasetOptions, DownloadDatasetOptions {
  /** The folder of the files, where it is known; otherwise the mirror and the cache are searched. */
  folder?: string;
  /** True to download what is neither in the mirror nor in the cache, where the card says from where. Default false. */
  download?: boolean;
}

/** Where the files of a card are. */
export interface FilesFolder {
  folder: string;
  origin: DataOrigin;
}

/**
 * The folder of a card's files, or why they cannot be had. They are not yet compared with the card.
 * @throws FieldcraftError FC_CHECKSUM, FC_DISK of a download
 */
export async function findFiles(
  card: Card,
  options: FindFilesOptions,
): Promise<FilesFolder | { why: FieldcraftError }> {
  if (options.folder !== undefined) return { folder: options.folder, origin: 'files' };
  const resolved = resolveDataset({ field: card.field, name: card.folder }, options);
  if (resolved !== undefined)
    return { folder: resolved.folder, origin: resolved.source === 'folder' ? 'files' : resolved.source };
  if (options.download === true && card.download !== undefined) {
    try {
      return { folder: await downloadDataset(card, options), origin: 'download' };
    } catch (why) {
      if (why instanceof FieldcraftError && why.code === 'FC_DOWNLOAD') return { why };
      throw why;
    }
  }
  const why = new FieldcraftError('FC_NOT_FOUND', {
    what: `the data of ${card.name} is not on this machine`,
    expected: `${card.files.length} files as ${card.path} lists them`,
    fix: `put its files into data/${card.field}/${card.folder} of this workspace or of the mirror that FIELDCRAFT_MIRROR names; they are from ${card.source}`,
  });
  return { why };
}

/** Compares every file with its card. @throws FieldcraftError FC_NOT_FOUND, FC_CHECKSUM */
export async function verifyFiles(card: Card, folder: string): Promise<void> {
  for (const { path, bytes, sha256 } of card.files) {
    const where = join(folder, path);
    const stat = statSync(where, { throwIfNoEntry: false });
    if (stat === undefined) {
      throw new FieldcraftError('FC_NOT_FOUND', {
        what: `a file of ${card.name} is missing`,
        where,
        expected: `a file of ${bytes} bytes`,
      });
    }
    const got = await sha256File(where);
    if (got === sha256) continue;
    throw new FieldcraftError('FC_CHECKSUM', {
      what: `a file of ${card.name} is not the one that its card describes`,
      where,
      expected: `SHA-256 ${sha256} (${bytes} bytes)`,
      got: `SHA-256 ${got} (${stat.size} bytes)`,
      fix: card.source.startsWith('file:')
        ? 'put the old file back, or have the card written anew: npx nx g @fieldcraft/nx:task --replace'
        : `fetch version ${card.version} again from ${card.source}`,
    });
  }
}
