/** Lets one process at a time do a piece of work, such as a download that several trainings want at once. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isRunning } from './processes.js';

/** A holder shows that it lives this often (ms). */
const heartbeat = 5_000;
/** A lock that was not touched for so long (ms) was left behind. */
const staleAfter = 30_000;

/** Holds the lock file `path` while `work` runs; waits as long as another process holds it. A lock left by a crash is taken over. */
export async function withLock<T>(path: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  while (!acquire(path)) {
    const holder = readLock(path);
    if (holder !== undefined && isStale(path, holder)) discardLock(path, holder);
    else await sleep(200, undefined, signal === undefined ? {} : { signal });
  }
  const beat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // Taken over while this machine slept. Both then write the same bytes, and checksums decide what counts.
    }
  }, heartbeat).unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if (readLock(path) === ourselves()) rmSync(path, { force: true });
  }
}

/** Takes away the lock that a dead process left with the content `holder`, unless another process was quicker and this is a new one. */
export function discardLock(path: string, holder: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readLock(aside) === holder) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

/** What a lock of this process holds: where it runs, and which process it is. */
const ourselves = (): string => `${hostname()}\n${identityOf(process.pid)}`;

function acquire(path: string): boolean {
  try {
    writeFileSync(path, ourselves(), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The content of a lock; undefined where there is none any more. */
function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A lock that is empty was made this instant; one of another machine shows by its age alone whether it is held. */
function isStale(path: string, holder: string): boolean {
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (touched === undefined) return false;
  if (Date.now() - touched > staleAfter) return true;
  const [host, identity] = holder.split('\n');
  return host === hostname() && identity !== undefined && !isRunning(identity);
}
