/** Who may ask for what: keys for machines, a login with a session for the screen. Without either the server is open. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import cookie from '@fastify/cookie';
import { sha256 } from '@fieldcraft/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Scope, ServingConfig } from '../config.js';
import { HttpProblem } from '../problem.js';
import { readKeys, readLogin, stretchAside, type Login } from './credentials.js';

/** What needs no key: what tells whether the server lives, and what the login page is made of. */
const open = new Set(['/healthz', '/readyz', '/login', '/login.js', '/v1/session']);
const keyHeader = 'x-api-key';
const sessionCookie = 'fieldcraft';
/** Seconds. */
const sessionLength = 12 * 3600;
/** Guesses of a client. */
const loginsAMinute = 10;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks: a key's name or the user of the login; undefined where the server is open. */
    caller?: string;
    /** The name of the key that was sent. */
    keyName?: string;
  }
}

/** Whom limits count by: a key, or an address; people who share a login do not share its limits. */
export const clientOf = ({ keyName, ip }: FastifyRequest): string =>
  keyName === undefined ? `address ${ip}` : `key ${keyName}`;

export async function guardAccess(
  app: FastifyInstance,
  config: Pick<ServingConfig, 'apiKeys' | 'login' | 'sessionSecret'>,
): Promise<void> {
  const keys = config.apiKeys === undefined ? [] : readKeys(config.apiKeys);
  const login = config.login === undefined ? undefined : readLogin(config.login);
  app.decorateRequest('caller', undefined);
  app.decorateRequest('keyName', undefined);
  if (keys.length === 0 && login === undefined) return;
  // With another password, sessions of the old one end.
  const secret = sha256(`${config.sessionSecret ?? randomBytes(32).toString('hex')} ${config.login ?? ''}`);
  await app.register(cookie, { secret });

  app.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? request.url;
    if (open.has(route)) return done();
    const given = keyOf(request);
    if (given !== undefined) {
      const own = Buffer.from(sha256(given), 'hex');
      const key = keys.find(({ hash }) => timingSafeEqual(hash, own));
      if (key === undefined) return done(unknown('the key is not known'));
      const needed = scopeOf(route);
      if (needed !== undefined && !key.scopes.includes(needed))
        return done(new HttpProblem('forbidden', { detail: `the key ${key.name} lacks the scope ${needed}` }));
      request.caller = request.keyName = key.name;
      return done();
    }
    const user = login && sessionOf(request);
    if (user === undefined) {
      // A person is led to the login page; a program is told.
      if (login !== undefined && request.method === 'GET' && request.headers.accept?.includes('text/html')) {
        void reply.redirect(pathTo(route, 'login'), 303);
        return;
      }
      return done(unknown('there is no key and no session'));
    }
    if (request.method !== 'GET' && request.method !== 'HEAD' && isFromElsewhere(request))
      return done(new HttpProblem('forbidden', { detail: 'the request comes from a page of another site' }));
    if (scopeOf(route) === 'admin')
      return done(new HttpProblem('forbidden', { detail: 'this takes a key with the scope admin' }));
    request.caller = user;
    done();
  });

  if (login !== undefined) loginRoutes(app, login);
}

/** How the OpenAPI document tells who may ask; undefined where the server is open. */
export function describeAccess({
  apiKeys,
  login,
}: Pick<ServingConfig, 'apiKeys' | 'login'>): DescribedAccess | undefined {
  if (apiKeys === undefined && login === undefined) return undefined;
  const named = `what \`fieldcraft access key\` printed`;
  return {
    schemes: {
      bearer: { type: 'http', scheme: 'bearer', description: named },
      key: { type: 'apiKey', in: 'header', name: keyHeader, description: named },
      ...(login !== undefined && {
        session: { type: 'apiKey', in: 'cookie', name: sessionCookie, description: 'set by POST /v1/session' },
      }),
    },
    takenBy(route) {
      if (open.has(route)) return [];
      const scope = scopeOf(route);
      const scopes = scope === undefined ? [] : [scope];
      const session = login !== undefined && scope !== 'admin' ? [{ session: [] }] : [];
      return [{ bearer: scopes }, { key: scopes }, ...session];
    },
  };
}

type SecurityScheme = { description: string } & (
  { type: 'http'; scheme: string } | { type: 'apiKey'; in: 'header' | 'cookie'; name: string }
);

export interface DescribedAccess {
  readonly schemes: Record<string, SecurityScheme>;
  /** Each of these is enough for a route, with the scopes that a key then needs; none for what is open. */
  takenBy(route: string): Record<string, string[]>[];
}

/** Relative, so that an app may stand under any path of a proxy. */
const pathTo = (from: string, page: string): string => '../'.repeat(Math.max(0, from.split('/').length - 2)) + page;

const unknown = (detail: string) =>
  new HttpProblem('unauthorised', { detail, fix: 'send the header Authorization: Bearer <key>' });

function scopeOf(route: string): Scope | undefined {
  if (route === '/metrics' || route.startsWith('/v1/admin')) return 'admin';
  if (route.startsWith('/v1/feedback')) return 'feedback';
  return route.startsWith('/v1/') ? 'predict' : undefined;
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const named = headers[keyHeader];
  return bearer ?? (typeof named === 'string' ? named : undefined);
}

/** Browsers say whether a request comes from the same site; older ones name the page's origin. */
function isFromElsewhere({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

function sessionOf(request: FastifyRequest): string | undefined {
  const signed = request.cookies[sessionCookie];
  if (signed === undefined) return undefined;
  const { valid, value } = request.unsignCookie(signed);
  const [user, until] = valid && value !== null ? value.split(' ') : [];
  return user !== undefined && Number(until) > Date.now() ? user : undefined;
}

function loginRoutes(app: FastifyInstance, { user, salt, hash }: Login): void {
  const limited = { config: { rateLimit: { max: loginsAMinute, timeWindow: 60_000 } } };
  app.get('/login', { schema: { hide: true } }, (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(loginPage),
  );
  app.get('/login.js', { schema: { hide: true } }, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(loginScript),
  );
  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/session',
    {
      ...limited,
      schema: {
        tags: ['session'],
        summary: 'Log in',
        body: z.strictObject({ user: z.string().max(200), password: z.string().max(1000) }),
        response: { 204: z.undefined().describe('with the cookie of the session') },
      },
    },
    async (request, reply) => {
      const given = await stretchAside(request.body.password, salt);
      const right = timingSafeEqual(given, hash) && request.body.user === user;
      if (!right || isFromElsewhere(request))
        throw new HttpProblem('unauthorised', { detail: 'user or password are wrong' });
      return setSession(request, reply, `${encodeURIComponent(user)} ${Date.now() + sessionLength * 1000}`);
    },
  );
  const loggedOut = { 204: z.undefined().describe('the cookie is gone') };
  app.delete('/v1/session', { schema: { tags: ['session'], summary: 'Log out', response: loggedOut } }, (_, reply) =>
    reply.clearCookie(sessionCookie, { path: '/' }).status(204).send(),
  );
}

const setSession = (request: FastifyRequest, reply: FastifyReply, value: string) =>
  reply
    .setCookie(sessionCookie, value, {
      ...{ path: '/', httpOnly: true, sameSite: 'strict', signed: true, maxAge: sessionLength },
      secure: request.protocol === 'https',
    })
    .status(204)
    .send();

const loginPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Log in</title>
<style>:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{display:grid;place-items:center;min-height:90vh;margin:0}
form{display:grid;gap:.75rem;width:min(20rem,90vw)}label{display:grid;gap:.25rem}input,button{font:inherit;padding:.5rem}</style>
<main><h1>Log in</h1><form id="form"><label>User<input name="user" autocomplete="username" required autofocus></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button><p role="alert" id="alert"></p></form></main>
<script src="login.js"></script></html>`;

const loginScript = `const form = document.getElementById('form');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { user, password } = Object.fromEntries(new FormData(form));
  const answer = await fetch('v1/session', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ user, password }),
  });
  if (answer.ok) location.href = './';
  else document.getElementById('alert').textContent = answer.status === 429 ? 'Too many tries. Wait a minute.' : 'User or password are wrong.';
});
`;
