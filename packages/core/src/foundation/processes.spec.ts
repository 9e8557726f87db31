/** Processes are known by their number and their start. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { identityOf, isAlive, isRunning } from './processes.js';

test('a process lives until it ends, and is no other of its number', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const pid = child.pid as number;
  const identity = identityOf(pid);
  expect([isAlive(pid), isRunning(identity), identity.split(' ')[0]]).toEqual([true, true, String(pid)]);
  // As after a restart, when the number belongs to somebody else.
  expect(isRunning(`${pid} another-boot 1`)).toBe(false);
  child.kill();
  await once(child, 'exit');
  expect([isAlive(pid), isRunning(identity)]).toEqual([false, false]);
});

test.each(['', 'x', '0', '-1', String(2 ** 30)])('%j is nobody', (identity) => {
  expect(isRunning(identity)).toBe(false);
});
