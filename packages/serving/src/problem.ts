/** Failures as HTTP tells them: RFC 9457 problem details, with our stable code and what to do. */
import { FieldcraftError } from '@fieldcraft/core';
import { z } from 'zod';

export const problemSchema = z
  .object({
    type: z.string().describe('about:blank: the title and the code say what it is'),
    title: z.string(),
    status: z.int(),
    detail: z.string().exactOptional(),
    instance: z.string().exactOptional().describe('urn:request:<id>, as in the log'),
    code: z.string().describe('stable; programs may match on it'),
    fix: z.string().exactOptional().describe('what can be done about it'),
  })
  .describe('Problem details, RFC 9457');

export type Problem = z.output<typeof problemSchema>;

const statuses = {
  invalid: [400, 'The request is not understood', 'HTTP_INVALID'],
  unauthorised: [401, 'Who asks is not known', 'HTTP_UNAUTHORISED'],
  forbidden: [403, 'Not allowed', 'HTTP_FORBIDDEN'],
  missing: [404, 'There is nothing here', 'HTTP_NOT_FOUND'],
  method: [405, 'Not this way', 'HTTP_METHOD'],
  timeout: [408, 'The request did not come in time', 'HTTP_REQUEST_TIMEOUT'],
  large: [413, 'The request is too large', 'HTTP_TOO_LARGE'],
  media: [415, 'A content type that is not read', 'HTTP_MEDIA_TYPE'],
  data: [422, 'The request cannot be answered', 'HTTP_DATA'],
  often: [429, 'Too many requests', 'HTTP_TOO_MANY'],
  headers: [431, 'The headers of the request are too large', 'HTTP_HEADERS'],
  fault: [500, 'A fault of the server', 'HTTP_FAULT'],
  busy: [503, 'No time for this request', 'HTTP_BUSY'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type ProblemKind = keyof typeof statuses;

interface ProblemParts {
  readonly detail?: string;
  readonly fix?: string;
  /** In place of the kind's. */
  readonly code?: string;
  /** Seconds. */
  readonly retryAfter?: number;
  /** Methods that are allowed. */
  readonly allow?: string;
  readonly cause?: unknown;
}

/** A failure that knows how HTTP says it. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  constructor(
    readonly kind: ProblemKind,
    readonly parts: ProblemParts = {},
  ) {
    super(parts.detail ?? statuses[kind][1], parts.cause === undefined ? undefined : { cause: parts.cause });
    this.status = statuses[kind][0];
  }

  body(requestId?: string): Problem {
    const [status, title, code] = statuses[this.kind];
    const { detail, fix } = this.parts;
    return {
      ...{ type: 'about:blank', title, status },
      ...(detail !== undefined && { detail }),
      ...(requestId !== undefined && { instance: `urn:request:${requestId}` }),
      code: this.parts.code ?? code,
      ...(fix !== undefined && { fix }),
    };
  }
}

/** How HTTP says the errors that a request can cause; all others are faults. */
const kindsOfCodes: Readonly<Record<string, ProblemKind>> = {
  FC_NOT_FOUND: 'missing',
  FC_DATA: 'data',
  FC_FILE_FORMAT: 'data',
  FC_UNSAFE_FILE: 'data',
  FC_CONFIG: 'data',
  FC_TOO_LARGE: 'large',
  FC_BUSY: 'busy',
};

const kindsOfStatuses: Readonly<Record<number, ProblemKind>> = {
  ...{ 400: 'invalid', 401: 'unauthorised', 403: 'forbidden', 404: 'missing', 405: 'method', 408: 'timeout' },
  ...{ 413: 'large', 415: 'media', 422: 'data', 429: 'often', 503: 'busy' },
};

/** Any failure as a problem. What a fault says is for the log alone: it may tell of the machine. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof FieldcraftError) {
    const kind = kindsOfCodes[error.code] ?? 'fault';
    if (kind === 'fault') return new HttpProblem('fault', { code: error.code, cause: error });
    const { what, expected, got, fix } = error.parts;
    const detail = [what, expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join('; ');
    return new HttpProblem(kind, {
      ...{ detail, code: error.code, cause: error },
      ...(fix !== undefined && { fix }),
      ...(kind === 'busy' && { retryAfter: 1 }),
    });
  }
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  const kind = typeof statusCode === 'number' ? kindsOfStatuses[statusCode] : undefined;
  if (kind !== undefined) return new HttpProblem(kind, { detail: String(message), cause: error });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return new HttpProblem('invalid', { detail: String(message), cause: error });
  return new HttpProblem('fault', { cause: error });
}
