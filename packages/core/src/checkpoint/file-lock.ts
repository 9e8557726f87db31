/** Lets one process at a time do a piece of work, such as a download that several trainings want at once. */
import { mkdirSync, rmSync, statSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A holder shows that it lives this often (ms). */
const heartbeat = 5_000;
/** A lock that was not touched for so long (ms) was left behind. */
const staleAfter = 30_000;

/** Holds the lock file `path` while `work` runs; waits as long as another process holds it. A lock left by a crash is taken over. */
export async function withLock<T>(path: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  while (!acquire(path)) {
    if (isStale(path)) rmSync(path, { force: true });
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
    rmSync(path, { force: true });
  }
}

function acquire(path: string): boolean {
  try {
    writeFileSync(path, `${hostname()}\n${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function isStale(path: string): boolean {
  try {
    if (Date.now() - statSync(path).mtimeMs > staleAfter) return true;
    const [host, pid] = readFileSync(path, 'utf8').split('\n');
    return host === hostname() && pid !== undefined && !isAlive(Number(pid));
  } catch {
    // The holder removed it in the meantime.
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
