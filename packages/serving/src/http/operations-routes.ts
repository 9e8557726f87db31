/** What operations ask: whether the server lives, whether it takes requests, its figures, and to load a new model. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Metrics } from '../metrics.js';
import type { Pool } from '../pool/pool-types.js';
import { HttpProblem } from '../problem.js';

export interface OperationsOptions {
  readonly pool: Pick<Pool, 'state'>;
  readonly metrics: Metrics;
  readonly state: { readonly draining: boolean };
}

const status = z.object({ status: z.string() });
const figures = { description: 'The text format of Prometheus', content: { 'text/plain': { schema: z.string() } } };

export async function operationsRoutes(
  app: FastifyInstance,
  { pool, metrics, state }: OperationsOptions,
): Promise<void> {
  const tags = ['operations'];
  app.get('/healthz', { schema: { tags, summary: 'The process lives', response: { 200: status } } }, () => {
    const { hanging, workers } = pool.state();
    // The threads and the memory of workers that hang come back with a new process alone.
    if (hanging > workers) throw new HttpProblem('busy', { detail: `${hanging} workers hang`, retryAfter: 1 });
    return { status: 'alive' };
  });
  app.get('/readyz', { schema: { tags, summary: 'Requests are taken', response: { 200: status } } }, () => {
    if (state.draining) throw new HttpProblem('busy', { detail: 'the server is going down' });
    if (pool.state().ready === 0) throw new HttpProblem('busy', { detail: 'no worker is ready', retryAfter: 1 });
    return { status: 'ready' };
  });
  app.get(
    '/metrics',
    { schema: { tags, summary: 'Figures for Prometheus', response: { 200: figures } } },
    async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
