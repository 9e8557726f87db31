/** The endpoint that the finance app adds to those of every app: a text or a feed read as a whole. */
import { createReader, goneSignal, type AppContext } from '@fieldcraft/serving';
import { z } from 'zod';
import { readFinance, sourceKinds } from './read-finance.js';

const readSchema = z.object({
  text: z.string().min(1).max(1_000_000),
  kind: z.enum(sourceKinds).default('document'),
  follow: z.array(z.string().min(1).max(100)).max(50).default([]),
});

export function routes({ fastify, predict, analyze, model }: AppContext): void {
  fastify.post('/v1/finance/read', { schema: { body: readSchema, tags: ['finance'] } }, async (request, reply) =>
    readFinance(request.body, createReader({ predict, analyze, model }, goneSignal(reply))),
  );
}
