/** The Hugging Face cache: the folders that all of its tools share, so that a model downloaded by one serves the others. */
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { writeFileAtomic } from '../foundation/index.js';

/** `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else `~/.cache/huggingface/hub` (under `XDG_CACHE_HOME` where that is set). */
export function hubCacheFolder(): string {
  const { HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
  if (HF_HUB_CACHE !== undefined && HF_HUB_CACHE !== '') return HF_HUB_CACHE;
  const home = HF_HOME !== undefined && HF_HOME !== '' ? HF_HOME : undefined;
  return join(home ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface'), 'hub');
}

/** A model's places in the cache. */
export interface CachedModel {
  /** `snapshots/<commit>/<file>`: the files by name. */
  snapshot(commit: string): string;
  /** `blobs/<checksum>`: the content that snapshots link to. */
  blob(checksum: string): string;
  /** A file that whoever downloads holds. */
  readonly lock: string;
  /** The commit that a branch or tag stood for when it was last asked for; a commit stands for itself. */
  commitOf(revision: string): string | undefined;
  /** Records what `revision` stands for. */
  pin(revision: string, commit: string): void;
  /** Puts the blob `checksum` into a snapshot under `file`. */
  link(commit: string, file: string, checksum: string): void;
}

/** The places of model `id` in the cache `folder`. */
export function cachedModel(folder: string, id: string): CachedModel {
  const name = `models--${id.replaceAll('/', '--')}`;
  const root = join(folder, name);
  const snapshot = (commit: string) => join(root, 'snapshots', commit);
  const blob = (checksum: string) => join(root, 'blobs', checksum);
  const ref = (revision: string) => join(root, 'refs', revision);
  return {
    snapshot,
    blob,
    lock: join(folder, '.locks', name, 'fieldcraft.lock'),
    commitOf: (revision) => {
      if (isCommit(revision)) return revision;
      if (!existsSync(ref(revision))) return undefined;
      const commit = readFileSync(ref(revision), 'utf8').trim();
      return isCommit(commit) ? commit : undefined;
    },
    pin: (revision, commit) => {
      if (revision !== commit) writeFileAtomic(ref(revision), commit);
    },
    link: (commit, file, checksum) => linkFile(join(snapshot(commit), file), blob(checksum)),
  };
}

/** A full commit hash, which alone names a state of a repository for good. */
function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** A relative symbolic link, as the other tools make it; a copy where the file system or its rules allow none (Windows). */
function linkFile(path: string, target: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) rmSync(path);
  try {
    symlinkSync(relative(dirname(path), target), path);
  } catch {
    const temporary = `${path}.${process.pid}.tmp`;
    copyFileSync(target, temporary);
    renameSync(temporary, path);
  }
}
