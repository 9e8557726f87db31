/** Folders that are never half written: they are filled under another name and renamed into place. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FieldcraftError, syncFolder } from '../foundation/index.js';

/**
 * Makes `folder` from what `fill` writes into the folder it is given. A folder of that name is replaced, and stays as it was if `fill`
 * fails.
 * @throws FieldcraftError FC_DISK where the folder cannot be written; and whatever `fill` throws.
 */
export function writeFolderAtomic(folder: string, fill: (temporary: string) => void): void {
  const places = placesOf(folder);
  try {
    begin(places);
    fill(places.temporary);
    putInPlace(folder, places);
  } catch (cause) {
    throw giveUp(folder, places, cause);
  }
}

/** As `writeFolderAtomic`, where filling takes time, or a check of what was filled. */
export async function writeCheckedFolder(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const places = placesOf(folder);
  try {
    begin(places);
    await fill(places.temporary);
    putInPlace(folder, places);
  } catch (cause) {
    throw giveUp(folder, places, cause);
  }
}

interface Places {
  readonly temporary: string;
  readonly replaced: string;
}

function placesOf(folder: string): Places {
  const beside = (purpose: string) => join(dirname(folder), `.${basename(folder)}.${process.pid}.${purpose}`);
  return { temporary: beside('new'), replaced: beside('old') };
}

function begin({ temporary, replaced }: Places): void {
  for (const path of [temporary, replaced]) rmSync(path, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
}

function putInPlace(folder: string, { temporary, replaced }: Places): void {
  syncFolder(temporary);
  moveAside(folder, replaced);
  renameSync(temporary, folder);
  syncFolder(dirname(folder));
  rmSync(replaced, { recursive: true, force: true });
}

/** Removes what was begun; the error to throw. */
function giveUp(folder: string, { temporary }: Places, cause: unknown): unknown {
  rmSync(temporary, { recursive: true, force: true });
  if (cause instanceof FieldcraftError) return cause;
  return new FieldcraftError('FC_DISK', {
    what: 'a folder could not be written',
    where: folder,
    got: cause instanceof Error ? cause.message : String(cause),
    fix: 'free some space or choose another folder',
    cause,
  });
}

/** A folder that holds something cannot be renamed onto. */
function moveAside(folder: string, to: string): void {
  try {
    renameSync(folder, to);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw error;
  }
}
