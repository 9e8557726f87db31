/** Which processes live: what a lock needs to know of the one that holds it. */
import { readFileSync } from 'node:fs';

/** Whether a process of this number lives on this machine, whoever started it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A process's number and, where the system tells, when it started: numbers are given again, soon in a container and after a restart. */
export function identityOf(pid: number): string {
  const boot = readIfThere('/proc/sys/kernel/random/boot_id').trim();
  // The name, the second field, may hold spaces; the start is the twentieth behind it (proc(5)).
  const start = readIfThere(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[19];
  return boot === '' || start === undefined ? String(pid) : `${pid} ${boot} ${start}`;
}

/** Whether the process of an identity still lives; another one may have got its number since. */
export function isRunning(identity: string): boolean {
  const pid = Number(identity.split(' ')[0]);
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) && identityOf(pid) === identity;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
