/** The pool under faults, with real threads and a real, small model: workers that die, more load than it holds, a new model, a broken one. */
import { subscribe } from 'node:diagnostics_channel';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HttpProblem } from '../problem.js';
import { makeSpecFolder, sampleTexts, writeSpecBundle, writeSpecModel, type SpecFolder } from '../spec-model.js';
import { createPool } from './pool.js';
import type { Pool } from './pool-types.js';

let folder: SpecFolder;
let pool: Pool;
let path: string;
const seen = { restarts: 0, retried: 0, shed: 0, largest: 0 };
const inputs = sampleTexts;
const tasks = ['clauses', 'entities'];
/** Every thread that Node starts, the newest last. */
const threads: Worker[] = [];
/** Batches, of the next ones, that their worker dies of. */
let fatal = 0;
subscribe('worker_threads', (message) => threads.push((message as { worker: Worker }).worker));

beforeAll(async () => {
  folder = makeSpecFolder();
  path = writeSpecModel(join(folder.path, 'model'));
  pool = await createPool({
    ...{
      model: path,
      licence: 'any',
      workers: 1,
      threads: 1,
      reviewBelow: 0.7,
      coverage: 0.9,
      batchTokens: 200,
      queueTokens: 2000,
    },
    ...{ batchWait: 0, batchTimeout: 30_000 },
    on: {
      restart: () => seen.restarts++,
      retried: (pieces) => (seen.retried += pieces),
      shed: () => seen.shed++,
      batch({ tokens }) {
        seen.largest = Math.max(seen.largest, tokens);
        if (fatal-- > 0) kill();
      },
    },
  });
});

afterAll(async () => {
  await pool.close();
  folder.remove();
});

/**
 * Lets the newest worker die of a message that makes no sense, which it reads before the computation of the batch sent just before. One that is
 * terminated from outside while a native library computes may take the whole process with it.
 */
function kill(): void {
  threads.at(-1)!.postMessage({ id: -1 });
}

test('a worker that is killed in the middle of requests comes back, and every request is answered', async () => {
  const expected = (await pool.ask({ tasks, inputs })).answers;
  fatal = 1;
  const asked = Array.from({ length: 8 }, () => pool.ask({ tasks, inputs }));
  for (const { answers } of await Promise.all(asked)) expect(answers).toEqual(expected);
  expect(seen).toMatchObject({ restarts: 1 });
  expect(seen.retried).toBeGreaterThan(0);
  expect(pool.state()).toMatchObject({ ready: 1, queuedTokens: 0, queuedPieces: 0, running: 0 });
});

test('what a worker dies of twice fails, and nothing else does', async () => {
  fatal = 2;
  const [first, other] = [pool.ask({ tasks, inputs }), pool.ask({ tasks, inputs })];
  await expect(first).rejects.toMatchObject({ code: 'FC_BUSY' });
  expect((await other).answers).toHaveLength(tasks.length);
  expect(seen).toMatchObject({ restarts: 3 });
});

test('more than it holds is refused at once, with the time to wait, and what was taken is answered', async () => {
  const settled = await Promise.allSettled(Array.from({ length: 60 }, () => pool.ask({ tasks, inputs })));
  const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(60);
  expect(seen.shed).toBe(refused.length);
  for (const problem of refused) {
    expect(problem).toBeInstanceOf(HttpProblem);
    expect((problem as HttpProblem).status).toBe(503);
    expect((problem as HttpProblem).parts.retryAfter).toBeGreaterThanOrEqual(1);
  }
  expect(seen.largest).toBeLessThanOrEqual(200);
});

test('nobody waits for what was given up, and nothing of it stays in the queue', async () => {
  const running = pool.ask({ tasks, inputs });
  const gone = new AbortController();
  const given = pool.ask({ tasks, inputs }, { signal: gone.signal });
  gone.abort(new Error('gone'));
  await expect(given).rejects.toThrow('gone');
  await running;
  await pool.drain();
  expect(pool.state()).toMatchObject({ queuedTokens: 0, queuedPieces: 0 });
});

test('a new model takes over while requests go on; a broken one is refused and the old one answers on', async () => {
  const before = pool.model.id;
  const next = writeSpecModel(join(folder.path, 'next'), { seed: 2 });
  let done = false;
  const ids = new Set<string>();
  const asking = (async () => {
    while (!done) ids.add((await pool.ask({ tasks, inputs })).model.id);
  })();
  const loaded = await pool.reload(next);
  done = true;
  await asking;
  expect(loaded.id).not.toBe(before);
  expect((await pool.ask({ tasks, inputs })).model.id).toBe(loaded.id);
  expect([...ids].filter((id) => id !== before && id !== loaded.id)).toEqual([]);

  const broken = join(folder.path, 'broken');
  cpSync(next, broken, { recursive: true });
  writeFileSync(join(broken, 'model.safetensors'), 'nothing');
  await expect(pool.reload(broken)).rejects.toThrow();
  rmSync(broken, { recursive: true });
  expect((await pool.ask({ tasks, inputs })).model.id).toBe(loaded.id);
});

test('two workers share a request, and what waits; answers come in its order', async () => {
  const pieces: number[] = [];
  const two = await createPool({
    ...{ model: path, licence: 'any', workers: 2, threads: 1, reviewBelow: 0.7, coverage: 0.9, batchTokens: 2000 },
    ...{ queueTokens: 20_000, batchWait: 0, batchTimeout: 30_000 },
    on: { batch: ({ texts }) => pieces.push(texts) },
  });
  try {
    const alone = await Promise.all(inputs.map(async (input) => (await two.ask({ tasks, inputs: [input] })).answers));
    pieces.length = 0;
    const { answers } = await two.ask({ tasks, inputs });
    expect(pieces.length).toBeGreaterThan(1);
    expect(answers).toEqual(tasks.map((_, t) => alone.flatMap((answer) => answer[t]!)));
    pieces.length = 0;
    const gone = new AbortController();
    const asked = inputs.map((input) => two.ask({ tasks, inputs: [input] }));
    const given = two.ask({ tasks, inputs }, { signal: gone.signal });
    gone.abort(new Error('gone'));
    await expect(given).rejects.toThrow('gone');
    expect((await Promise.all(asked)).map((one) => one.answers)).toEqual(alone);
    await two.drain();
    expect(two.state()).toMatchObject({ ready: 2, queuedTokens: 0, queuedPieces: 0 });
  } finally {
    await two.close();
  }
});

test('closing while a new model is loaded ends that too', async () => {
  const other = await createPool({
    ...{ model: path, licence: 'any', workers: 1, threads: 1, reviewBelow: 0.7, coverage: 0.9, batchTokens: 200 },
    ...{ queueTokens: 2000, batchWait: 0, batchTimeout: 30_000 },
  });
  const refused = expect(other.reload()).rejects.toThrow();
  await sleep(1);
  await other.close();
  await refused;
  await expect(other.ask({ tasks, inputs })).rejects.toMatchObject({ status: 503 });
});

test('a bundle with calibration says which labels may be right, and only one alone needs no review', async () => {
  for (const [threshold, count] of [
    [0, 3],
    [1, 0],
  ] as const) {
    await pool.reload(await writeSpecBundle(join(folder.path, `bundle-${count}`), { threshold }));
    const [[clause] = [], [found] = []] = (await pool.ask({ tasks, inputs: inputs.slice(0, 1) })).answers;
    expect(clause).toMatchObject({ needsReview: true });
    expect(clause?.predictionSet).toHaveLength(count);
    expect(pool.model).toMatchObject({ licences: [{ name: 'Apache-2.0' }] });
    expect(pool.model.tasks.find(({ name }) => name === 'clauses')?.scores).toEqual({
      macroF1: { value: 0.5, interval: [0.4, 0.6] },
    });
    // Entities have no set: their confidence decides.
    const { confidence, needsReview, predictionSet } = found!;
    expect(predictionSet).toBeUndefined();
    expect(needsReview).toBe(confidence === undefined ? undefined : confidence < 0.7);
  }
});
