/** `/v1/feedback`: what people say of predictions, kept, listed and deleted. */
import { FieldcraftError } from '@fieldcraft/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { canBeKept, entrySchema, feedbackBodySchema, makeEntry, type EntryContext } from './entry.js';
import type { FeedbackStore } from './store.js';

export interface FeedbackPluginOptions {
  store: FeedbackStore;
  /** Of the model that is served when the request comes. */
  tasks: () => EntryContext['tasks'];
  /** Its id. */
  model: () => string;
  /** Of the application. */
  version: string;
  /** Who asks, where it is known. */
  author?: ((request: FastifyRequest) => string | undefined) | undefined;
}

const kept = z.object({ id: z.uuid(), stored: z.boolean().describe('false: on the disk, waiting for the database') });
/** Of the last entry of a page. */
const pageMark = z.tuple([z.iso.datetime(), z.uuid()]);
const byId = z.object({ id: z.uuid() });

export async function feedbackPlugin(app: FastifyInstance, options: FeedbackPluginOptions): Promise<void> {
  const { store, tasks, model, version, author } = options;
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.post(
    '/v1/feedback',
    {
      bodyLimit: 5_000_000,
      schema: {
        tags: ['feedback'],
        summary: 'Say what is right',
        description: 'A prediction that was right is sent with the same answer as its correction.',
        body: feedbackBodySchema,
        response: { 201: kept, 202: kept },
      },
    },
    async (request, reply) => {
      const entry = makeEntry(request.body, { tasks: tasks(), model: model(), version, author: author?.(request) });
      const answer = await store.add(entry);
      return reply.status(answer.stored ? 201 : 202).send(answer);
    },
  );
  routes.get(
    '/v1/feedback',
    {
      schema: {
        tags: ['feedback'],
        summary: 'What was said, the newest first',
        querystring: z.object({
          task: z.string().max(200).optional(),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
          before: z.string().max(100).optional().describe('`next` of the page before'),
        }),
        response: { 200: z.object({ items: z.array(entrySchema), next: z.string().exactOptional() }) },
      },
    },
    ({ query }) => {
      const { task = '', before } = query;
      if (!canBeKept(task) || (before !== undefined && !pageMark.safeParse(before.split(' ')).success))
        throw new FieldcraftError('FC_DATA', { what: 'there is no such task, or `before` is no `next` of a page' });
      return store.list(query);
    },
  );
  routes.delete(
    '/v1/feedback/:id',
    {
      schema: {
        tags: ['feedback'],
        summary: 'Delete one',
        params: byId,
        response: { 202: z.undefined().describe('will be, once the database is back'), 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const result = await store.remove(request.params.id);
      if (result === 'missing')
        throw new FieldcraftError('FC_NOT_FOUND', { what: 'there is no feedback with this id' });
      return reply.status(result === 'removed' ? 204 : 202).send();
    },
  );
}
