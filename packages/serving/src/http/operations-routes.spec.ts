/** What operations are told of the state of the workers. */
import { expect, test } from '@jest/globals';
import fastify from 'fastify';
import { createMetrics } from '../metrics.js';
import { sendProblem } from './failures.js';
import { operationsRoutes } from './operations-routes.js';

test.each([
  [
    { ready: 2, hanging: 0 },
    { '/healthz': 200, '/readyz': 200 },
  ],
  [
    { ready: 0, hanging: 2 },
    { '/healthz': 200, '/readyz': 503 },
  ],
  // Their memory comes back with a new process alone.
  [
    { ready: 2, hanging: 3 },
    { '/healthz': 503, '/readyz': 200 },
  ],
])('of two workers %j: %j', async (state, expected) => {
  const pool = { state: () => ({ ...state, workers: 2, running: 0, queuedTokens: 0, queuedPieces: 0 }) };
  const app = fastify().setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(sendProblem);
  await app.register(operationsRoutes, { pool, metrics: createMetrics(), state: { draining: false } });
  const address = await app.listen();
  const statusOf = async (path: string) => [path, (await fetch(`${address}${path}`)).status] as const;
  expect(Object.fromEntries(await Promise.all(Object.keys(expected).map(statusOf)))).toEqual(expected);
  await app.close();
});
