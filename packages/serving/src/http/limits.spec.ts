/** What a client may cost, over a real server: requests at a time, bytes, time to send and to read, methods, and what is no HTTP at all. */
import { once } from 'node:events';
import { METHODS } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from '../server.js';
import { makeSpecFolder, writeSpecModel, type SpecFolder } from '../spec-model.js';

let folder: SpecFolder;
let server: Server;
let port: number;

beforeAll(async () => {
  folder = makeSpecFolder();
  server = await createServer({
    model: writeSpecModel(join(folder.path, 'model')),
    config: {
      ...{ port: 0, logLevel: 'silent', workers: 1, threads: 1, rateLimit: 0, trustProxy: true },
      ...{ maxInFlight: 3, maxBytes: 50_000, maxHeldBytes: 120_000, receiveTimeout: 700 },
    },
  });
  port = Number(new URL(await server.listen()).port);
});

afterAll(async () => {
  await server.close();
  folder.remove();
});

/** A connection of one's own, and all that came back on it. */
function open(...parts: readonly string[]) {
  const socket: Socket = connect(port, '127.0.0.1');
  let got = '';
  socket.setEncoding('latin1').on('data', (text: string) => (got += text));
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  return { socket, got: () => got, closed: once(socket, 'close') };
}

const predict = (length: number, more = '') =>
  `POST /v1/predict/clauses HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${more}\r\n`;

test('a client that sends too slowly is told so and cut off, and holds nothing any more', async () => {
  const slow = Array.from({ length: 2 }, () => open(predict(40), '{"te'));
  await sleep(300);
  for (const { socket } of slow) socket.write('xt');
  await Promise.all(slow.map(({ closed }) => closed));
  for (const { got } of slow) {
    expect(got()).toMatch(/^HTTP\/1\.1 408 /);
    expect(got()).toContain('HTTP_REQUEST_TIMEOUT');
  }
  expect((await fetch(`http://127.0.0.1:${port}/v1/model`)).status).toBe(200);
});

test('more than its share of requests at a time is refused, and others are answered', async () => {
  const held = Array.from({ length: 3 }, () => open(predict(40), '{'));
  await sleep(150);
  const refused = await fetch(`http://127.0.0.1:${port}/v1/model`);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  const other = await fetch(`http://127.0.0.1:${port}/v1/model`, { headers: { 'x-forwarded-for': '10.0.0.1' } });
  expect(other.status).toBe(200);
  for (const { socket } of held) socket.destroy();
  await sleep(50);
  expect((await fetch(`http://127.0.0.1:${port}/v1/model`)).status).toBe(200);
});

test('bodies that are too large are refused before they are read, and so are too many large ones', async () => {
  const large = open(predict(60_000));
  while (large.got() === '') await sleep(10);
  expect(large.got()).toMatch(/^HTTP\/1\.1 413 /);
  large.socket.destroy();
  const endless = open(
    'POST /v1/predict/clauses HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    `c350\r\n${'a'.repeat(50_000)}\r\nc350\r\n${'a'.repeat(50_000)}\r\n`,
  );
  while (endless.got() === '') await sleep(10);
  expect(endless.got()).toMatch(/^HTTP\/1\.1 413 /);
  endless.socket.destroy();
  const held = [open(predict(50_000), '{'), open(predict(50_000), '{')];
  await sleep(150);
  const refused = await fetch(`http://127.0.0.1:${port}/v1/predict/clauses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '10.0.0.2' },
    body: JSON.stringify({ text: 'a'.repeat(40_000) }),
  });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  for (const { socket } of held) socket.destroy();
});

test('lines may come as slowly as their client likes, as long as they come', async () => {
  const lines = open(
    'POST /v1/predict/clauses HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n',
  );
  for (let i = 0; i < 4; i++) {
    lines.socket.write('4\r\n"a"\n\r\n');
    await sleep(250);
  }
  lines.socket.write('0\r\n\r\n');
  await lines.closed;
  expect(lines.got()).toMatch(/^HTTP\/1\.1 200 /);
  expect(lines.got().match(/"label"/g)).toHaveLength(4);
});

test('another method than those of an address is told which there are', async () => {
  for (const [method, path, allow] of [
    ['DELETE', '/v1/predict/clauses', 'POST'],
    ['POST', '/v1/model?x=1', 'GET, HEAD'],
    ['PATCH', '/healthz', 'GET, HEAD'],
    // A method of late that has a body.
    ['QUERY', '/healthz', 'GET, HEAD'],
  ] as const) {
    if (!METHODS.includes(method)) continue;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  }
});

test.each(['/v1/predict/clauses', '/v1/predict/nothing', '/v1/analyze'])(
  'a request without a body is not understood: %s',
  async (path) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'HTTP_INVALID' }]);
  },
);

test.each([
  ['no HTTP', 'HELO example.org\r\n\r\n', 400],
  ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ['an address that decodes to nothing', 'GET /v1/predict/%ff HTTP/1.1\r\nhost: x\r\n\r\n', 400],
  ['a parameter without end', `GET /v1/feedback/${'a'.repeat(500)} HTTP/1.1\r\nhost: x\r\n\r\n`, 404],
])('%s is answered as a problem', async (_, sent, status) => {
  const { socket, got } = open(sent);
  while (!got().includes('}')) await sleep(10);
  socket.destroy();
  expect(got()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(got().toLowerCase()).toContain('content-type: application/problem+json');
});

test('other sites may not ask, and browsers are told to be careful', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/model`, { headers: { origin: 'https://other.example' } });
  expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'self'"),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const preflight = await fetch(`http://127.0.0.1:${port}/v1/predict/clauses`, {
    method: 'OPTIONS',
    headers: { origin: 'https://other.example', 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(405);
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
});
