/** No client may hold more requests at a time than its share: a few slow ones must not keep all others out. */
import type { FastifyInstance } from 'fastify';
import { HttpProblem } from '../problem.js';

export function limitInFlight(app: FastifyInstance, most: number): void {
  const held = new Map<string, number>();
  app.addHook('onRequest', (request, reply, done) => {
    const client = request.caller ?? request.ip;
    const now = held.get(client) ?? 0;
    if (now >= most) {
      done(new HttpProblem('often', { detail: `more than ${most} requests of a client at a time`, retryAfter: 1 }));
      return;
    }
    held.set(client, now + 1);
    reply.raw.once('close', () => {
      const left = (held.get(client) ?? 1) - 1;
      if (left === 0) held.delete(client);
      else held.set(client, left);
    });
    done();
  });
}
