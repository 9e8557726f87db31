/** No client may hold more requests at a time than its share, and all together no more bytes than there is memory for. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem.js';
import { clientOf } from './access.js';

export interface InFlightLimits {
  /** Requests of a client. */
  readonly maxInFlight: number;
  /** Of the bodies of all requests. */
  readonly maxHeldBytes: number;
}

export function limitInFlight(app: FastifyInstance, { maxInFlight, maxHeldBytes }: InFlightLimits): void {
  const held = new Map<string, number>();
  let heldBytes = 0;
  app.addHook('onRequest', (request, reply, done) => {
    const client = clientOf(request);
    const now = held.get(client) ?? 0;
    if (now >= maxInFlight) {
      const detail = `more than ${maxInFlight} requests of a client at a time`;
      done(new HttpProblem('often', { detail, retryAfter: 1 }));
      return;
    }
    const bytes = bytesToHold(request);
    if (heldBytes > 0 && heldBytes + bytes > maxHeldBytes) {
      done(new HttpProblem('busy', { detail: 'too many large requests at a time', retryAfter: 1, code: 'FC_BUSY' }));
      return;
    }
    held.set(client, now + 1);
    heldBytes += bytes;
    reply.raw.once('close', () => {
      heldBytes -= bytes;
      const left = (held.get(client) ?? 1) - 1;
      if (left === 0) held.delete(client);
      else held.set(client, left);
    });
    done();
  });
}

/** What a body takes at most: as long as it says, or as its route takes. Lines are read as they are answered, and not held. */
function bytesToHold({ headers, routeOptions: { bodyLimit } }: FastifyRequest): number {
  const { 'content-length': length, 'transfer-encoding': coding, 'content-type': type } = headers;
  if (type?.startsWith(linesType) === true) return 0;
  if (length !== undefined) return Math.min(Number(length), bodyLimit);
  return coding === undefined ? 0 : bodyLimit;
}

/** The content type of bulk. */
export const linesType = 'application/x-ndjson';
