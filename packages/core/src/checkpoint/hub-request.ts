/** Requests to a hub: redirects followed by hand so that the token stays with the hub, failures sorted into final and passing ones. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FieldcraftError } from '../foundation/index.js';

/** How to reach a hub. */
export interface HubAccess {
  /** Such as `https://huggingface.co`; a path behind the host is kept. */
  readonly endpoint: string;
  /** Sent to the endpoint's own origin and nowhere else. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Tries in a row without getting further before giving up. Default 6. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the first retry, doubled each time up to 20 s. Default 500. */
  readonly retryDelay?: number | undefined;
  /** Milliseconds without a byte after which a connection counts as dead. Default 30,000. */
  readonly stallTimeout?: number | undefined;
}

/** A failure that may pass: the request is worth another try. */
export class PassingFailure extends Error {
  /** Milliseconds that the server asked to wait. */
  readonly wait: number | undefined;

  constructor(message: string, wait?: number) {
    super(message);
    this.wait = wait;
  }
}

const mostRedirects = 10;

/**
 * Sends one request and follows redirects until `isAnswer` accepts a response. Only statuses below 400, and 416, are returned.
 * @throws PassingFailure for what another try may mend; FieldcraftError FC_DOWNLOAD or FC_NOT_FOUND for what it cannot.
 */
export async function request(
  url: string,
  access: HubAccess,
  init: { method?: 'GET' | 'HEAD'; headers?: Record<string, string>; signal?: AbortSignal },
  isAnswer: (response: Response, target: URL | undefined) => boolean = () => false,
): Promise<Response> {
  const origin = new URL(access.endpoint).origin;
  let at = new URL(url);
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const headers: Record<string, string> = {
      'user-agent': 'fieldcraft',
      'accept-encoding': 'identity',
      ...init.headers,
    };
    if (access.token !== undefined && at.origin === origin) headers['authorization'] = `Bearer ${access.token}`;
    let response: Response;
    try {
      response = await fetch(at.href, { ...init, headers, redirect: 'manual' });
    } catch (error) {
      throw stopped(access) ?? new PassingFailure(`${at.host} cannot be reached (${reason(error)})`);
    }
    const target = redirectTarget(response, at);
    if (target === undefined || isAnswer(response, target)) {
      refuseStatus(response, at, access);
      return response;
    }
    await response.body?.cancel();
    if (!/^https?:$/.test(target.protocol) || (at.protocol === 'https:' && target.protocol === 'http:')) {
      throw new FieldcraftError('FC_DOWNLOAD', {
        what: 'a server redirects to an address that is not safe',
        where: at.href,
        got: target.href,
      });
    }
    at = target;
  }
  throw new FieldcraftError('FC_DOWNLOAD', { what: 'a server redirects without end', where: url });
}

function redirectTarget(response: Response, from: URL): URL | undefined {
  const location = response.headers.get('location');
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return undefined;
  if (URL.canParse(location, from.href)) return new URL(location, from);
  throw new FieldcraftError('FC_DOWNLOAD', {
    what: 'a server redirects to no address',
    where: from.href,
    got: location,
  });
}

function refuseStatus({ status, headers }: Response, at: URL, { token }: HubAccess): void {
  if (status < 400 || status === 416) return;
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(headers.get('retry-after') ?? '');
    throw new PassingFailure(`${at.host} answers ${status}`, seconds > 0 ? Math.min(seconds, 60) * 1000 : undefined);
  }
  // Signed addresses carry secrets behind the question mark.
  const where = `${at.origin}${at.pathname}`;
  if (status === 401 || status === 403) {
    throw new FieldcraftError('FC_DOWNLOAD', {
      what: 'the hub refuses access: the model is gated or private, or does not exist',
      where,
      got: `status ${status} ${token === undefined ? 'without a token' : 'with the token given'}`,
      fix: 'check the name; accept the conditions on the model’s page and set HF_TOKEN to a token that may read it',
    });
  }
  if (status === 404) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: 'the hub does not have this',
      where,
      fix: 'check the name and the revision',
    });
  }
  throw new FieldcraftError('FC_DOWNLOAD', { what: 'the hub refuses a request', where, got: `status ${status}` });
}

/** Calls `work` until it succeeds, waiting longer each time. @throws what `work` throws for good; FC_DOWNLOAD after the last try. */
export async function retry<T>(what: string, access: HubAccess, work: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      await waitForRetry(what, access, failures, error);
    }
  }
}

/** Waits before the next try after `failures` in a row; throws where `error` is final or the tries are used up. */
export async function waitForRetry(what: string, access: HubAccess, failures: number, error: unknown): Promise<void> {
  const { attempts = 6, retryDelay = 500, signal } = access;
  const halted = stopped(access);
  if (halted !== undefined) throw halted;
  if (!(error instanceof PassingFailure)) throw error;
  if (failures >= attempts) {
    throw new FieldcraftError('FC_DOWNLOAD', {
      what: `a download failed ${attempts} times in a row`,
      where: what,
      got: error.message,
      fix: 'check the network and HF_ENDPOINT, then run the command again: it goes on where it stopped',
    });
  }
  const delay = error.wait ?? Math.min(retryDelay * 2 ** (failures - 1), 20_000);
  await sleep(delay, undefined, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
    throw stopped(access) ?? cause;
  });
}

/** The error of a download that its caller stopped, or undefined where nobody did. */
export function stopped({ signal }: HubAccess): FieldcraftError | undefined {
  if (signal?.aborted !== true) return undefined;
  return new FieldcraftError('FC_INTERRUPTED', {
    what: 'a download was stopped',
    fix: 'run the command again: it goes on where it stopped',
  });
}

/** What lies under `fetch failed`. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  // A refused connection to several addresses has a code and no message.
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}
