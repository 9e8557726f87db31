/**
 * Workers that are to end while they compute. All end by themselves, with status 0: the engine takes a thread that is terminated in a computation for
 * a fault, and aborts the process.
 */
import { subscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { distinctTexts, makeSpecFolder, sampleTexts, writeSpecModel, type SpecFolder } from '../spec-model.js';
import { startSpecServer } from '../spec-server.js';
import { createPool } from './pool.js';
import type { Pool, PoolEvents } from './pool-types.js';

let folder: SpecFolder;
let model: string;
let statuses: Promise<number>[] = [];
subscribe('worker_threads', (message) => {
  const { worker } = message as { worker: Worker };
  statuses.push(new Promise((resolve) => worker.once('exit', resolve)));
});

beforeAll(() => {
  folder = makeSpecFolder();
  model = writeSpecModel(join(folder.path, 'model'), { slow: true });
});
beforeEach(() => {
  statuses = [];
});
// Where a test failed too: a worker that is left keeps the process.
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});
afterAll(() => folder.remove());

const sizes = { batchTokens: 1_000_000, queueTokens: 1_000_000 };
const pools: Pool[] = [];
async function openPool(options: { batchTimeout?: number; on?: Partial<PoolEvents> } = {}): Promise<Pool> {
  const pool = await createPool({
    ...{ model, licence: 'any', workers: 1, threads: 1, reviewBelow: 0.7, coverage: 0.9, batchWait: 0 },
    ...{ batchTimeout: 60_000, ...sizes, ...options },
  });
  pools.push(pool);
  return pool;
}

const tasks = ['clauses'];
/**
 * Long enough for a worker to have read its batch, and to be in the engine. What must not be answered meanwhile holds so many texts that a machine of
 * ten times the speed has not read them all either.
 */
const untilItComputes = () => sleep(300);
const unanswerable = 8000;

test('a pool that is closed refuses what is not answered, and its worker ends after the computation', async () => {
  const pool = await openPool();
  const refused = expect(pool.ask({ tasks, inputs: distinctTexts(unanswerable) })).rejects.toMatchObject({
    code: 'FC_BUSY',
  });
  await untilItComputes();
  await pool.close();
  await refused;
  expect(await Promise.all(statuses)).toEqual([0]);
});

test('while a new model is loaded the old one answers what it has begun, the new one the rest, and the old one ends', async () => {
  const pool = await openPool();
  const before = pool.model.id;
  const long = pool.ask({ tasks, inputs: distinctTexts(600) });
  await untilItComputes();
  const loading = pool.reload(writeSpecModel(join(folder.path, 'next'), { seed: 2 }));
  const short = Array.from({ length: 8 }, () => pool.ask({ tasks, inputs: sampleTexts }));
  const after = (await loading).id;
  const { model: answered, answers } = await long;
  expect([answered.id, answers[0]!.length]).toEqual([before, 600]);
  expect(await statuses[0]).toBe(0);
  for (const { model: of, answers } of await Promise.all(short)) {
    expect([before, after]).toContain(of.id);
    expect(answers[0]).toHaveLength(sampleTexts.length);
  }
  expect((await pool.ask({ tasks, inputs: sampleTexts })).model.id).toBe(after);
  await pool.close();
  expect(await Promise.all(statuses)).toEqual([0, 0]);
});

test('a batch that takes too long is asked of another worker, and of no third; both end later', async () => {
  const restarts: unknown[] = [];
  const pool = await openPool({
    batchTimeout: 100,
    on: { restart: (error) => restarts.push([error?.message, pool.state().hanging > 0]) },
  });
  await expect(pool.ask({ tasks, inputs: distinctTexts(unanswerable) })).rejects.toMatchObject({ code: 'FC_BUSY' });
  const replaced = ['a batch was not answered within 100 ms', true];
  expect(restarts).toEqual([replaced, replaced]);
  expect(await Promise.all(statuses.slice(0, 2))).toEqual([0, 0]);
  expect(pool.state()).toMatchObject({ hanging: 0, running: 0, queuedPieces: 0 });
  await pool.close();
  // The third, if it had begun, ends like them.
  for (const status of await Promise.all(statuses)) expect(status).toBe(0);
});

test('a server that is told to end while it computes, and has no time to answer, ends with status 0', async () => {
  const config = { port: 0, workers: 1, threads: 1, logLevel: 'silent', drainTimeout: 1 } as const;
  const limits = { maxTexts: 10_000, maxCharacters: 10_000_000, maxBytes: 10_000_000 };
  const server = await startSpecServer({ model, config: { ...config, ...limits, ...sizes } });
  const answer = fetch(`${server.address}/v1/predict/clauses`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ inputs: distinctTexts(unanswerable) }),
  }).catch(() => undefined);
  const isBusy = async () =>
    (await (await fetch(`${server.address}/metrics`)).text()).includes('fieldcraft_workers_busy 1');
  while (!(await isBusy())) await sleep(20);
  await untilItComputes();
  expect(await server.stop()).toBe(0);
  expect((await answer)?.ok).not.toBe(true);
});
