/** Clients that send their request too slowly are told so and cut off: a connection must not be held for as long as somebody likes. */
import type { FastifyInstance } from 'fastify';
import { HttpProblem } from '../problem.js';
import { linesType } from './in-flight.js';

/**
 * Node's own limit of a request is one for all routes, and would cut off bulk, which is read as it is answered: there only pauses are limited, by the
 * time that a connection may be idle.
 */
export function limitReceiving(app: FastifyInstance, milliseconds: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw, headers } = request;
    if (raw.complete || headers['content-type']?.startsWith(linesType) === true) return done();
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return done();
    const timer = setTimeout(() => {
      if (reply.sent) return void raw.destroy();
      const detail = `the request was not received within ${milliseconds} ms`;
      void reply.header('connection', 'close').send(new HttpProblem('timeout', { detail }));
    }, milliseconds);
    const stop = () => clearTimeout(timer);
    raw.once('end', stop).once('close', stop);
    done();
  });
}
