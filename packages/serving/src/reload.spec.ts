/** A server in its own process that is told by a signal to load its model again: good ones, damaged ones, and what it writes to its log meanwhile. */
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Problem } from './problem.js';
import { createServer } from './server.js';
import { makeSpecFolder, writeSpecBundle, writeSpecModel, type SpecFolder } from './spec-model.js';
import { startSpecServer, type SpecServer } from './spec-server.js';

let folder: SpecFolder;
let server: SpecServer;
let good: string;
let served: string;
const config = { port: 0, workers: 1, threads: 1, rateLimit: 0 };

beforeAll(async () => {
  folder = makeSpecFolder();
  good = await writeSpecBundle(join(folder.path, 'good'), { threshold: 0.5 });
  served = join(folder.path, 'served');
  cpSync(good, served, { recursive: true });
  server = await startSpecServer({ model: served, config });
});

afterAll(async () => {
  expect(await server.stop()).toBe(0);
  folder.remove();
});

const predict = (text: string) =>
  fetch(`${server.address}/v1/predict/clauses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  });
const modelId = async () => ((await (await predict('a')).json()) as { model: { id: string } }).model.id;

interface LogLine {
  readonly msg: string;
  readonly reqId?: string;
  readonly err?: { readonly message: string };
}
const logLines = () =>
  server
    .log()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogLine);

/** Asks it to load the model again, and waits for what it says of that. */
async function reload(): Promise<LogLine> {
  const before = logLines().length;
  server.process.kill('SIGHUP');
  for (;;) {
    const found = logLines()
      .slice(before)
      .find(({ msg }) => msg === 'model loaded' || msg.startsWith('a model was refused'));
    if (found) return found;
    await sleep(20);
  }
}

const damages: Record<string, readonly [does: (at: string) => void, names: RegExp]> = {
  'a file with a byte more': [(at) => appendFileSync(join(at, 'model.safetensors'), 'x'), /model\.safetensors/],
  'a file cut off': [(at) => truncateSync(join(at, 'tokenizer.json'), 200), /tokenizer\.json/],
  'two files swapped': [(at) => copyFileSync(join(at, 'lineage.json'), join(at, 'scores.json')), /scores\.json/],
};

test.each(Object.entries(damages))('%s: refused, and the model before answers on', async (_, [does, names]) => {
  const before = await modelId();
  does(served);
  const answers = Array.from({ length: 4 }, () => predict('Goods are delivered.'));
  const { msg, err } = await reload();
  expect(msg).toBe('a model was refused; the one before stays');
  expect(err?.message).toMatch(names);
  for (const answer of answers) expect((await answer).status).toBe(200);
  expect(await modelId()).toBe(before);
  rmSync(served, { recursive: true });
  cpSync(good, served, { recursive: true });
});

test('a good one takes over', async () => {
  const before = await modelId();
  const next = await writeSpecBundle(join(folder.path, 'next'), { threshold: 0.6 });
  renameSync(served, join(folder.path, 'old'));
  renameSync(next, served);
  expect((await reload()).msg).toBe('model loaded');
  expect(await modelId()).not.toBe(before);
});

test('a damaged bundle, and a tokenizer that is not the one of the model, are refused at start', async () => {
  const damaged = join(folder.path, 'damaged');
  cpSync(good, damaged, { recursive: true });
  appendFileSync(join(damaged, 'model.json'), ' ');
  await expect(createServer({ model: damaged, config })).rejects.toMatchObject({ code: 'FC_CHECKSUM' });
  const other = writeSpecModel(join(folder.path, 'other'));
  const path = join(other, 'tokenizer.json');
  const tokenizer = JSON.parse(readFileSync(path, 'utf8')) as { model: { vocab: Record<string, number> } };
  const { vocab } = tokenizer.model;
  const [a, b] = Object.keys(vocab).slice(-2) as [string, string];
  [vocab[a], vocab[b]] = [vocab[b]!, vocab[a]!];
  writeFileSync(path, JSON.stringify(tokenizer));
  await expect(createServer({ model: other, config })).rejects.toMatchObject({ code: 'FC_TOKENIZER' });
});

test('the log has the ids of requests, and no word of them', async () => {
  const secret = 'Zebrafinch';
  const answer = await predict(secret);
  const broken = await fetch(`${server.address}/v1/predict/clauses`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: `{"text": ${secret}` },
  });
  const unfit = await fetch(`${server.address}/v1/predict/statements`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text: secret }) },
  });
  expect([answer.status, broken.status, unfit.status]).toEqual([200, 400, 422]);
  const ids = [answer, broken, unfit].map(({ headers }) => headers.get('x-request-id'));
  while (!logLines().some(({ reqId, msg }) => reqId === ids[2] && msg === 'request completed')) await sleep(10);
  for (const id of ids) expect(logLines().filter(({ reqId }) => reqId === id).length).toBeGreaterThan(0);
  expect(((await broken.json()) as Problem).instance).toBe(`urn:request:${ids[1]}`);
  expect(server.log()).not.toContain(secret);
});
