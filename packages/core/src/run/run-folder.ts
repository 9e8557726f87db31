/** Run folders: made once, held by one process at a time, found again to resume, and pointed at by `latest`. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { discardLock, FieldcraftError, identityOf, isRunning, writeFileAtomic } from '../foundation/index.js';

export interface RunFolder {
  readonly path: string;
  /** Gives the folder back; another process may then resume it. */
  release(): void;
}

const lockName = 'run.lock';
const configName = 'config.json';
const reportName = 'report.json';

/** A name such as `2026-11-23_15-04-05_standard`: sorts by time, valid on every file system. */
export const runName = (profile: string, now = new Date()): string =>
  `${now.toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-')}_${profile}`;

/**
 * Makes a run folder and takes it.
 * @throws FieldcraftError FC_RUN_FOLDER if there already is a run in it.
 */
export function createRunFolder(path: string): RunFolder {
  // A process that was killed before it wrote anything leaves its lock, and perhaps half a configuration.
  const isLeft = (name: string) => name === lockName || /^config\.json\..+\.tmp$/.test(name);
  if (existsSync(path) && !readdirSync(path).every(isLeft)) {
    throw new FieldcraftError('FC_RUN_FOLDER', {
      what: existsSync(join(path, configName)) ? 'there already is a run in this folder' : 'the folder is not empty',
      where: path,
      fix: 'choose another --out, or go on with that run by --resume',
    });
  }
  mkdirSync(path, { recursive: true });
  return takeRunFolder(path);
}

/**
 * Takes a folder for this process.
 * @throws FieldcraftError FC_RUN_FOLDER while another living process holds it.
 */
export function takeRunFolder(path: string): RunFolder {
  const lock = join(path, lockName);
  for (;;) {
    try {
      writeFileSync(lock, identityOf(process.pid), { flag: 'wx' });
      dropUnfinishedWrites(path);
      return { path, release: () => rmSync(lock, { force: true }) };
    } catch (cause) {
      if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'EEXIST') throw cause;
    }
    const holder = readIfThere(lock);
    if (isHeld(lock, holder)) {
      throw new FieldcraftError('FC_RUN_FOLDER', {
        what: 'another process is working in this run folder',
        where: path,
        got: `process ${holder.split(' ')[0]}`,
        fix: 'wait for it, stop it, or choose another --out',
      });
    }
    discardLock(lock, holder);
  }
}

/** The newest run below `folder` (runs/<vertical>) that has begun and is not complete. */
export function findUnfinished(folder: string): string | undefined {
  if (existsSync(join(folder, configName))) return existsSync(join(folder, reportName)) ? undefined : folder;
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .sort()
    .reverse()
    .map((name) => join(folder, name))
    .find(
      (path) =>
        !lstatSync(path).isSymbolicLink() && existsSync(join(path, configName)) && !existsSync(join(path, reportName)),
    );
}

/** Makes `latest` beside the run point at it: a link, or where links are not permitted a file with the run's name. */
export function pointLatest(path: string): void {
  const latest = join(dirname(path), 'latest');
  const temporary = `${latest}.${process.pid}.tmp`;
  try {
    rmSync(temporary, { force: true });
    symlinkSync(basename(path), temporary);
    renameSync(temporary, latest);
  } catch {
    writeFileAtomic(latest, basename(path));
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Removes files and folders that a killed process had not yet renamed into place. The caller holds the folder. */
function dropUnfinishedWrites(path: string): void {
  for (const folder of [path, join(path, 'predictions')].filter((folder) => existsSync(folder)))
    for (const name of readdirSync(folder))
      if (/\.tmp$|^\..+\.\d+\.(new|old)$/.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** A new lock is empty for an instant. */
const writingMilliseconds = 2_000;

/** Whether the process that wrote `holder` into the lock still lives; another one may have got its number since. */
function isHeld(lock: string, holder: string): boolean {
  if (holder === '') {
    const written = lstatSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - written < writingMilliseconds;
  }
  return isRunning(holder);
}
