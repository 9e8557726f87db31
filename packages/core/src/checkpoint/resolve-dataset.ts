/** Finds a dataset's folder: a folder, the workspace's own data, the mirror, Fieldcraft's cache, in this order. Nothing is downloaded here. */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { userCacheFolder, workspaceRoot } from '../foundation/index.js';
import { mirrorFolder } from './mirror.js';

/** A dataset by name; a name that is a path means the folder there. */
export interface DatasetName {
  /** Such as `legal`. */
  readonly field: string;
  /** Such as `unfair-tos`. */
  readonly name: string;
}

export interface ResolveDatasetOptions {
  /** Folder with `<field>/<name>`: data of the people who work here, which git ignores; `data` of the workspace by default. */
  readonly ownFolder?: string | undefined;
  /** Folder with `data/<field>/<name>`; `FIELDCRAFT_MIRROR` by default. A relative one counts from the workspace root. */
  readonly mirror?: string | undefined;
  /** Folder with `data/<field>/<name>`; `FIELDCRAFT_CACHE` or `~/.cache/fieldcraft` by default. */
  readonly cacheFolder?: string | undefined;
}

/** A dataset that is on this machine; `folder` is absolute. */
export interface ResolvedDataset {
  readonly folder: string;
  readonly source: 'folder' | 'mirror' | 'cache';
}

/** Finds a dataset, or undefined where it is nowhere on this machine. */
export function resolveDataset(
  { field, name }: DatasetName,
  options: ResolveDatasetOptions = {},
): ResolvedDataset | undefined {
  if (/^(\.{0,2}|~)[/\\]|^[a-z]:[/\\]/i.test(name)) {
    const folder = resolve(name.replace(/^~/, homedir()));
    return isFolder(folder) ? { folder, source: 'folder' } : undefined;
  }
  // Names come out of configurations: one must not climb out of the mirror.
  if (![field, name].every((part) => /^[\w-][\w.-]*$/.test(part))) return undefined;
  const own = join(options.ownFolder ?? join(workspaceRoot(), 'data'), field, name);
  if (isFolder(own)) return { folder: own, source: 'folder' };
  const mirror = mirrorFolder(options.mirror);
  const cache = options.cacheFolder ?? userCacheFolder();
  if (mirror !== undefined && isFolder(join(mirror, 'data', field, name))) {
    return { folder: join(mirror, 'data', field, name), source: 'mirror' };
  }
  const folder = resolve(cache, 'data', field, name);
  return isFolder(folder) ? { folder, source: 'cache' } : undefined;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
