/** Runs by their path: `latest` beside them is a link to the newest or, where links are not permitted, a file with its name. */
import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FieldcraftError } from '../foundation/index.js';

/** Bytes; a name is shorter. */
const longestPointer = 4096;

/**
 * The run that a path means: itself, or what `latest` points at.
 * @throws FieldcraftError FC_NOT_FOUND where there is nothing of that path
 */
export function resolveRunFolder(path: string): string {
  const folder = followLatest(path);
  if (folder !== undefined) return folder;
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'there is no such run or model folder',
    where: path,
    fix: 'train first, or name another folder',
  });
}

/** As `resolveRunFolder`; undefined where there is nothing of that path. */
export function followLatest(path: string): string | undefined {
  const stat = statOf(path);
  if (stat?.isSymbolicLink() === true) return resolve(dirname(path), readlinkSync(path));
  const isPointer = stat?.isFile() === true && basename(path) === 'latest' && stat.size <= longestPointer;
  // The name of a folder beside it, and not a way to another place.
  if (isPointer) return join(dirname(path), basename(readFileSync(path, 'utf8').trim()));
  return stat === undefined ? undefined : path;
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
