/** Who may ask for what, over a real server: keys and their scopes, the login, its cookie and its limit, and the limits of clients. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from '../server.js';
import { makeSpecFolder, writeSpecModel, type SpecFolder } from '../spec-model.js';
import { createKey, createLogin } from './credentials.js';

let folder: SpecFolder;
let server: Server;
const keys = {
  predict: createKey('the-predict-key', ['predict']),
  feedback: createKey('the-feedback-key', ['feedback']),
  admin: createKey('the-admin-key', ['admin']),
};
const password = 'correct horse battery';

beforeAll(async () => {
  folder = makeSpecFolder();
  server = await createServer({
    model: writeSpecModel(join(folder.path, 'model')),
    config: {
      ...{ port: 0, logLevel: 'silent', workers: 1, threads: 1, rateLimit: 12, trustProxy: true },
      apiKeys: Object.values(keys)
        .map(({ entry }) => entry)
        .join(),
      login: createLogin('anna', password),
    },
  });
  await server.listen();
});

afterAll(async () => {
  await server.close();
  folder.remove();
});

interface Asked {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Default: one that nobody else has, so that no limit of another is reached. */
  readonly from?: string;
}

let addresses = 0;
const ask = (path: string, { method = 'GET', headers, body, from = `10.0.0.${++addresses}` }: Asked | undefined = {}) =>
  fetch(`${server.address}${path}`, {
    ...{ method, redirect: 'manual' as const },
    headers: { 'x-forwarded-for': from, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const withKey = (key: string): Asked => ({ headers: { authorization: `Bearer ${key}` } });
const login = (asked: Asked = {}, given = { user: 'anna', password }) =>
  ask('/v1/session', { method: 'POST', body: given, ...asked });

describe('keys', () => {
  test.each([
    ['/v1/model', { predict: 200, feedback: 403, admin: 403 }],
    ['/metrics', { predict: 403, feedback: 403, admin: 200 }],
    ['/openapi.json', { predict: 200, feedback: 200, admin: 200 }],
    ['/healthz', { predict: 200, feedback: 200, admin: 200 }],
  ] as const)('%s by scope', async (path, expected) => {
    for (const scope of ['predict', 'feedback', 'admin'] as const)
      expect((await ask(path, withKey(keys[scope].key))).status).toBe(expected[scope]);
  });

  test('are asked for, and another one is as none', async () => {
    for (const options of [{}, withKey(createKey('other', ['predict']).key), withKey(keys.predict.entry.slice(-64))]) {
      const { status, headers } = await ask('/v1/model', options);
      expect([status, headers.get('content-type')]).toEqual([401, expect.stringContaining('problem+json')]);
    }
    expect((await ask('/v1/model', { headers: { 'x-api-key': keys.predict.key } })).status).toBe(200);
    expect((await ask('/healthz')).status).toBe(200);
  });

  test('and scopes of each address stand in the OpenAPI document', async () => {
    const document = (await (await ask('/openapi.json', withKey(keys.predict.key))).json()) as {
      components: { securitySchemes: object };
      paths: Record<string, Record<string, { security: object[] }>>;
    };
    expect(document.components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
      key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      session: { type: 'apiKey', in: 'cookie', name: 'fieldcraft' },
    });
    const taken = (path: string, method = 'get') => document.paths[path]?.[method]?.security;
    const session = [{ session: [] }];
    expect(taken('/v1/analyze', 'post')).toEqual([{ bearer: ['predict'] }, { key: ['predict'] }, ...session]);
    expect(taken('/metrics')).toEqual([{ bearer: ['admin'] }, { key: ['admin'] }]);
    expect([taken('/healthz'), taken('/v1/session', 'post')]).toEqual([[], []]);
  });

  test('have limits of their own, wherever they come from', async () => {
    const own = withKey(keys.feedback.key);
    const statuses: number[] = [];
    for (let i = 0; i < 14; i++) statuses.push((await ask('/openapi.json', own)).status);
    expect(statuses).toContain(429);
    const { headers } = await ask('/openapi.json', own);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask('/openapi.json', withKey(keys.admin.key))).status).toBe(200);
  });
});

describe('the login', () => {
  test('leads people to its page and opens the screen by a cookie that no script and no other site has', async () => {
    const page = await ask('/docs', { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('location')]).toEqual([303, 'login']);
    expect(await (await ask('/login')).text()).toContain('type="password"');
    const { status, headers } = await login();
    expect(status).toBe(204);
    const [cookie = '', ...flags] = headers.getSetCookie().join().split('; ');
    expect(flags.sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict']);
    const secure = await login({ headers: { 'x-forwarded-proto': 'https' } });
    expect(secure.headers.getSetCookie().join()).toContain('; Secure');
    expect((await ask('/v1/model', { headers: { cookie } })).status).toBe(200);
    expect((await ask('/metrics', { headers: { cookie } })).status).toBe(403);
    const path = '/v1/predict/clauses';
    const posted = { method: 'POST', body: { text: 'a' } } as const;
    expect((await ask(path, { ...posted, headers: { cookie } })).status).toBe(200);
    for (const elsewhere of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }])
      expect((await ask(path, { ...posted, headers: { cookie, ...elsewhere } })).status).toBe(403);
    const later = cookie.replace('%201', '%202');
    expect(later).not.toBe(cookie);
    expect((await ask('/v1/model', { headers: { cookie: later } })).status).toBe(401);
    const out = await ask('/v1/session', { method: 'DELETE', headers: { cookie } });
    expect(out.headers.getSetCookie().join()).toMatch(/^fieldcraft=;/);
  });

  test('a client may guess ten times a minute, and others meanwhile log in', async () => {
    const guesser = { from: '10.9.9.9' };
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) statuses.push((await login(guesser, { user: 'anna', password: `guess ${i}` })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect((await login(guesser)).status).toBe(429);
    expect((await login({}, { user: 'berta', password })).status).toBe(401);
    expect((await login()).status).toBe(204);
  });
});
