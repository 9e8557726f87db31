/** The endpoints that the legal app adds to those of every app: the review of a contract, and its check against statements. */
import { segmentText } from '@fieldcraft/serving/text';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { checkStatements } from './check-statements.js';
import { reviewContract } from './review.js';
import type { ReviewTools } from './tools.js';

const text = z.string().min(1).max(3_000_000);

const span = z.object({ start: z.int().min(0), end: z.int().min(0) });
const segment = span.extend({
  kind: z.enum(['heading', 'clause', 'item', 'paragraph', 'row']),
  level: z.int().min(0).default(0),
  number: z.string().max(100).exactOptional(),
  title: z.string().max(1_000).exactOptional(),
  parent: z.int().min(0).exactOptional(),
});

/** Segments as `POST /v1/documents` gives them; without them the text is cut where its lines and numbers show. */
export const reviewSchema = z
  .object({ text, segments: z.array(segment).max(50_000).optional() })
  .refine(
    ({ text, segments = [] }) =>
      segments.every(({ start, end, parent = 0 }, i) => start <= end && end <= text.length && parent <= i),
    { message: 'segments must lie inside the text, each after the one it stands under' },
  );

export const statementsSchema = z.object({
  text,
  statements: z
    .array(z.object({ id: z.string().min(1).max(100), text: z.string().min(1).max(2_000) }))
    .min(1)
    .max(100),
});

/** What these routes need of the server. */
export interface ReviewServer {
  fastify: FastifyInstance;
  predict: ReviewTools['predict'];
  model(): Pick<ReviewTools, 'tasks'>;
}

export function routes({ fastify, predict, model }: ReviewServer): void {
  const tools = (): ReviewTools => ({ tasks: model().tasks, predict });

  fastify.post('/v1/review', { schema: { body: reviewSchema, tags: ['legal'] } }, async (request) => {
    const { text, segments = segmentText(text) } = reviewSchema.parse(request.body);
    return reviewContract(text, segments, tools());
  });

  fastify.post('/v1/statements', { schema: { body: statementsSchema, tags: ['legal'] } }, async (request) => {
    const { text, statements } = statementsSchema.parse(request.body);
    return { statements: await checkStatements(text, statements, tools()) };
  });
}
