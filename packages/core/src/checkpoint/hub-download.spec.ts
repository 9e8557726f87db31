import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import { describeFile, downloadFile } from './hub-download.js';
import type { HubAccess } from './hub-request.js';
import { answerWith, onStorage, send, startTestHub, type TestHub } from './test-hub.js';

const commit = 'a'.repeat(40);
/** Some megabytes that no two places share, so that a wrong resume shows. */
const weights = Buffer.from(Uint32Array.from({ length: 750_000 }, (_, i) => Math.imul(i, 2654435761)).buffer);
const config = Buffer.from('{"hidden_size": 4}');

let root = '';
let hub: TestHub;
let target = '';
let access: HubAccess;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldcraft-download-'));
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(async () => {
  hub = await startTestHub({
    'org/model': {
      commit,
      files: { 'config.json': config, 'model.safetensors': weights },
      large: ['model.safetensors'],
    },
  });
  target = join(mkdtempSync(join(root, 'blobs-')), 'blob');
  access = { endpoint: hub.endpoint, attempts: 4, retryDelay: 1, stallTimeout: 5_000 };
});
afterEach(() => hub.close());

const url = (file: string) => `${hub.endpoint}/org/model/resolve/${commit}/${file}`;

async function download(file = 'model.safetensors', over: Partial<HubAccess> = {}): Promise<number[]> {
  const steps: number[] = [];
  const how = { ...access, ...over };
  await downloadFile(url(file), target, await describeFile(url(file), how), how, (received) => steps.push(received));
  return steps;
}

async function refusal(run: Promise<unknown>): Promise<FieldcraftError> {
  const error: unknown = await run.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof FieldcraftError) return error;
  throw error;
}

describe('what the hub says of a file', () => {
  test('is the SHA-256 beside the redirect of a large one, and the other host is not asked', async () => {
    const checksum = createHash('sha256').update(weights).digest('hex');
    expect(await describeFile(url('model.safetensors'), access)).toEqual({ checksum, size: weights.length });
    expect(hub.storageRequests).toEqual([]);
  });

  test('is the git blob hash of a small one', async () => {
    const checksum = createHash('sha1').update(`blob ${config.length}\0`).update(config).digest('hex');
    expect(await describeFile(url('config.json'), access)).toEqual({ checksum, size: config.length });
  });

  test('must be a checksum and a size', async () => {
    hub.misbehave(answerWith(200, { etag: '"../../evil"', 'content-length': '3' }, 'abc'));
    expect((await refusal(describeFile(url('config.json'), access))).parts.what).toContain('does not say which bytes');
  });
});

test('a file arrives whole, with its progress, and leaves nothing beside it', async () => {
  const steps = await download();
  expect(readFileSync(target).equals(weights)).toBe(true);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  expect([steps[0], steps.at(-1)]).toEqual([0, weights.length]);
  expect(readdirSync(join(target, '..'))).toEqual(['blob']);
});

test('a file that is there is not downloaded again', async () => {
  await download('config.json');
  const requests = hub.hubRequests.length;
  await download('config.json');
  expect(readFileSync(target).equals(config)).toBe(true);
  expect(hub.hubRequests.slice(requests).map(({ method }) => method)).toEqual(['HEAD']);
});

test('the token goes to the hub and to no other host', async () => {
  await download('model.safetensors', { token: 'hf_secret' });
  expect(new Set(hub.hubRequests.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer hf_secret']));
  expect(hub.storageRequests.map(({ authorization }) => authorization)).toEqual([undefined]);
});

test('a redirect on the same host is followed, with the token', async () => {
  hub.misbehave(({ path }, response) => {
    if (!path.startsWith('/org/model/')) return false;
    response.writeHead(307, { location: path.replace('/org/model/', '/renamed/model/') }).end();
    return true;
  });
  await refusal(download('config.json', { token: 'hf_secret' }));
  expect(hub.hubRequests.at(-1)).toMatchObject({
    path: `/renamed/model/resolve/${commit}/config.json`,
    authorization: 'Bearer hf_secret',
  });
});

test('redirects without end, or to something that is no web address, are refused', async () => {
  hub.misbehave(answerWith(302, { location: '?again' }));
  expect((await refusal(download())).parts.what).toContain('without end');
  hub.misbehave(answerWith(302, { location: 'file:///etc/passwd' }));
  // A HEAD stops before it would leave the hub; a GET must not follow either.
  const remote = { checksum: '0'.repeat(64), size: 1 };
  expect((await refusal(downloadFile(url('config.json'), target, remote, access))).parts.what).toContain('not safe');
});

/** Calls `act` once `bytes` have been written to the part: only then has the client taken them. */
function oncePartHas(bytes: number, act: () => void): void {
  const timer = setInterval(() => {
    if ((statSync(`${target}.incomplete`, { throwIfNoEntry: false })?.size ?? 0) < bytes) return;
    clearInterval(timer);
    act();
  }, 2);
}

test('a connection that drops goes on where it broke off', async () => {
  let drops = 0;
  hub.misbehave(
    onStorage((request, response, content) => {
      if (++drops > 3) return false;
      const start = Number(/\d+/.exec(request.range ?? '0')?.[0]);
      response.writeHead(start === 0 ? 200 : 206, {
        'content-length': content.length - start,
        'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
      });
      response.write(content.subarray(start, start + 500_000));
      oncePartHas(start + 500_000, () => response.destroy());
      return true;
    }),
  );
  const steps = await download();
  expect(readFileSync(target).equals(weights)).toBe(true);
  expect(hub.storageRequests.map(({ range }) => range)).toEqual([
    undefined,
    'bytes=500000-',
    'bytes=1000000-',
    'bytes=1500000-',
  ]);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
});

test('a download that was stopped goes on in a later call', async () => {
  const controller = new AbortController();
  hub.misbehave(
    onStorage((_, response, content) => {
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 400_000));
      oncePartHas(400_000, () => controller.abort());
      return true;
    }),
  );
  expect((await refusal(download('model.safetensors', { signal: controller.signal }))).code).toBe('FC_INTERRUPTED');
  hub.misbehave(() => false);
  const steps = await download();
  expect(steps[0]).toBe(400_000);
  expect(hub.storageRequests.at(-1)?.range).toBe('bytes=400000-');
  expect(readFileSync(target).equals(weights)).toBe(true);
});

test('a connection that falls silent counts as dropped', async () => {
  let silent = true;
  hub.misbehave(
    onStorage((_, response, content) => {
      if (!silent) return false;
      silent = false;
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1000));
      return true;
    }),
  );
  await download('model.safetensors', { stallTimeout: 1000 });
  expect(readFileSync(target).equals(weights)).toBe(true);
});

test('a server that is slow but steady is waited for', async () => {
  hub.misbehave(({ path }, response, content) => {
    if (!path.endsWith('config.json') || content === undefined || response.req.method !== 'GET') return false;
    response.writeHead(200, { 'content-length': content.length });
    let at = 0;
    const timer = setInterval(() => {
      response.write(content.subarray(at, at + 2));
      at += 2;
      if (at < content.length) return;
      clearInterval(timer);
      response.end();
    }, 200);
    return true;
  });
  await download('config.json', { stallTimeout: 1500 });
  expect(readFileSync(target).equals(config)).toBe(true);
});

test('wrong bytes are thrown away and fetched again', async () => {
  let wrong = true;
  hub.misbehave(
    onStorage((request, response, content) => {
      if (!wrong) return false;
      wrong = false;
      const bad = Buffer.from(content);
      bad.writeUInt8((bad.readUInt8(1_000_000) + 1) % 256, 1_000_000);
      send(request, response, bad);
      return true;
    }),
  );
  await download();
  expect(hub.storageRequests.length).toBe(2);
  expect(readFileSync(target).equals(weights)).toBe(true);
});

test('bytes that stay wrong are refused, and nothing is put in place', async () => {
  hub.misbehave(
    onStorage((request, response, content) => {
      send(request, response, Buffer.alloc(content.length, 7));
      return true;
    }),
  );
  expect((await refusal(download())).code).toBe('FC_CHECKSUM');
  expect(hub.storageRequests.length).toBe(3);
  expect(readdirSync(join(target, '..'))).toEqual([]);
});

test('a broken-off part with wrong bytes heals: the whole file comes anew', async () => {
  writeFileSync(`${target}.incomplete`, Buffer.alloc(700_000, 7));
  await download();
  expect(hub.storageRequests.map(({ range }) => range)).toEqual(['bytes=700000-', undefined]);
  expect(readFileSync(target).equals(weights)).toBe(true);
});

test.each([
  ['longer than the file', weights.length + 5, [undefined]],
  ['as long as the file, but wrong', weights.length, [undefined]],
])('a part %s is dropped', async (_, length, ranges) => {
  writeFileSync(`${target}.incomplete`, Buffer.alloc(length, 7));
  await download();
  expect(hub.storageRequests.map(({ range }) => range)).toEqual(ranges);
  expect(readFileSync(target).equals(weights)).toBe(true);
});

test.each<[string, (start: number, response: ServerResponse) => void]>([
  ['416', (_, response) => void response.writeHead(416).end()],
  [
    'another stretch',
    (start, response) => void response.writeHead(206, { 'content-range': `bytes ${start + 1}-9/10` }).end('x'),
  ],
])('a server that answers a resume with %s is asked for the whole file', async (_, answer) => {
  writeFileSync(`${target}.incomplete`, weights.subarray(0, 1000));
  hub.misbehave(
    onStorage(({ range }, response) => {
      if (range === undefined) return false;
      answer(Number(/\d+/.exec(range)?.[0]), response);
      return true;
    }),
  );
  await download();
  expect(hub.storageRequests.map(({ range }) => range)).toEqual(['bytes=1000-', undefined]);
  expect(readFileSync(target).equals(weights)).toBe(true);
});

test('a server that knows no ranges sends all of it, and that is taken from the start', async () => {
  writeFileSync(`${target}.incomplete`, Buffer.alloc(1000, 7));
  hub.misbehave(
    onStorage((request, response, content) => {
      if (request.range === undefined) return false;
      send({ ...request, range: undefined }, response, content);
      return true;
    }),
  );
  await download();
  expect(hub.storageRequests.length).toBe(1);
  expect(readFileSync(target).equals(weights)).toBe(true);
});

test('more bytes than announced are refused', async () => {
  hub.misbehave(
    onStorage((request, response, content) => {
      send(request, response, Buffer.concat([content, Buffer.alloc(100_000)]));
      return true;
    }),
  );
  expect((await refusal(download())).parts.got).toContain('more bytes than it announced');
  expect(existsSync(target)).toBe(false);
});

test.each([500, 503, 429])('status %d passes', async (status) => {
  let failing = 2;
  hub.misbehave((...seen) => failing-- > 0 && answerWith(status)(...seen));
  await download();
  expect(readFileSync(target).equals(weights)).toBe(true);
});

test('what fails each time is given up after the tries that were asked for', async () => {
  hub.misbehave(onStorage(answerWith(500)));
  const error = await refusal(download());
  expect([error.code, hub.storageRequests.length]).toEqual(['FC_DOWNLOAD', 4]);
  expect(error.message).not.toContain('secret');
});

test('a missing file, a gated one, and a host that is not there are told apart', async () => {
  expect((await refusal(download('none.json'))).code).toBe('FC_NOT_FOUND');
  for (const status of [401, 403]) {
    hub.misbehave(answerWith(status));
    const error = await refusal(download('config.json', { token: 'hf_secret' }));
    expect([error.code, error.parts.fix]).toEqual(['FC_DOWNLOAD', expect.stringContaining('HF_TOKEN')]);
    expect(error.message).not.toContain('hf_secret');
  }
  await hub.close();
  const error = await refusal(download());
  expect([error.code, error.message]).toEqual(['FC_DOWNLOAD', expect.stringContaining('cannot be reached')]);
});

test('a file larger than the disk is refused before it is asked for', async () => {
  const remote = { checksum: '0'.repeat(64), size: 2 ** 52 };
  const error = await refusal(downloadFile(url('model.safetensors'), target, remote, access));
  expect([error.code, hub.storageRequests]).toEqual(['FC_DISK', []]);
});

const unix = process.platform === 'win32' ? test.skip : test;

unix('a file that cannot grow (a limit of the system, as on a full disk) is an error that says so', () => {
  const script = join(root, 'download.mjs');
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  writeFileSync(
    script,
    `import { createServer } from 'node:http';
import { downloadFile } from ${module('./hub-download.js')};
const content = Buffer.alloc(1e6);
const server = createServer((request, response) => response.end(content)).listen(0, '127.0.0.1', async () => {
  const endpoint = 'http://127.0.0.1:' + server.address().port;
  const remote = { checksum: '0'.repeat(64), size: content.length };
  await downloadFile(endpoint + '/x', process.argv[2], remote, { endpoint }).catch((error) => process.stdout.write(error.code));
  server.closeAllConnections();
  server.close();
});`,
  );
  mkdirSync(join(root, 'full'));
  const args = ['-c', 'ulimit -f 64 && exec "$0" "$@"', process.execPath, script, join(root, 'full', 'blob')];
  const run = spawnSync('sh', args, { encoding: 'utf8' });
  expect([run.stderr, run.stdout]).toEqual(['', 'FC_DISK']);
  expect(readdirSync(join(root, 'full'))).toEqual(['blob.incomplete']);
});
