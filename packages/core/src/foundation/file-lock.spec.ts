import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withLock } from './file-lock.js';
import { identityOf } from './processes.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldcraft-lock-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('work under one lock never overlaps, and the lock goes when it ends, well or badly', async () => {
  const path = join(folder, 'deep', 'a.lock');
  let running = 0;
  const work = async () => {
    expect(++running).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running--;
  };
  const fail = () => withLock(path, () => Promise.reject(new Error('broken')));
  const results = await Promise.allSettled([withLock(path, work), fail(), withLock(path, work)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(existsSync(path)).toBe(false);
});

test('a lock that a dead process or a silent machine left is taken over', async () => {
  const path = join(folder, 'b.lock');
  // Beyond the largest process id of any supported system.
  writeFileSync(path, `${hostname()}\n${2 ** 30}`);
  expect(await withLock(path, () => Promise.resolve('done'))).toBe('done');
  writeFileSync(path, 'elsewhere\n1');
  utimesSync(path, 1, 1);
  expect(await withLock(path, () => Promise.resolve('done'))).toBe('done');
});

test('waiting for a living holder ends with the signal', async () => {
  const path = join(folder, 'c.lock');
  writeFileSync(path, `${hostname()}\n${identityOf(process.pid)}`);
  const controller = new AbortController();
  const waiting = withLock(path, () => Promise.resolve(), controller.signal);
  controller.abort();
  await expect(waiting).rejects.toThrow();
  expect(existsSync(path)).toBe(true);
});
