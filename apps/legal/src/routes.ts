/** The endpoints that the legal app adds to those of every app: the review of a contract, and its check against statements. */
import { createReader, goneSignal, segmentKinds, segmentText, type AppContext } from '@fieldcraft/serving';
import { z } from 'zod';
import { checkStatements } from './check-statements.js';
import { reviewContract } from './review.js';

const text = z.string().min(1).max(3_000_000);

const span = z.object({ start: z.int().min(0), end: z.int().min(0) });
const segment = span.extend({
  kind: z.enum(segmentKinds),
  level: z.int().min(0).default(0),
  number: z.string().max(100).exactOptional(),
  title: z.string().max(1_000).exactOptional(),
  parent: z.int().min(0).exactOptional(),
});

/** Segments as `POST /v1/documents` gives them; without them the text is cut where its lines and numbers show. */
const reviewSchema = z
  .object({ text, segments: z.array(segment).max(50_000).optional() })
  .refine(
    ({ text, segments = [] }) =>
      segments.every(({ start, end, parent = 0 }, i) => start <= end && end <= text.length && parent <= i),
    { message: 'segments must lie inside the text, each after the one it stands under' },
  );

const statementsSchema = z.object({
  text,
  statements: z
    .array(z.object({ id: z.string().min(1).max(100), text: z.string().min(1).max(2_000) }))
    .min(1)
    .max(100),
});

export function routes({ fastify, predict, analyze, model }: AppContext): void {
  const reader = (signal: AbortSignal) => createReader({ predict, analyze, model }, signal);

  fastify.post('/v1/review', { schema: { body: reviewSchema, tags: ['legal'] } }, async (request, reply) => {
    const { text, segments = segmentText(text) } = request.body;
    return reviewContract(text, segments, reader(goneSignal(reply)));
  });

  fastify.post('/v1/statements', { schema: { body: statementsSchema, tags: ['legal'] } }, async (request, reply) => {
    const { text, statements } = request.body;
    return { statements: await checkStatements(text, statements, reader(goneSignal(reply))) };
  });
}
