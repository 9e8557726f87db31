/** The endpoints that the scientific app adds to those of every app: papers of any form, one paper read as a whole, and many ranked by relevance. */
import { createReader, goneSignal, type AppContext } from '@fieldcraft/serving';
import { z } from 'zod';
import { claimData } from './claim-data.js';
import { tasks } from './paper-tasks.js';
import { mostPapers, readPapers } from './papers.js';
import { rankPapers } from './rank-papers.js';
import { readPaper, termFields } from './read-paper.js';

const text = z.string().min(1).max(1_000_000);
const paper = z.object({ id: z.string().min(1).max(500), title: z.string().max(2_000).exactOptional(), text });

const papersSchema = z.object({ text: z.string().max(20_000_000) });
const readSchema = z.object({ text, field: z.enum(termFields).default('artificial-intelligence') });
const rankSchema = z.object({
  query: z.string().min(1).max(2_000),
  papers: z.array(paper).min(1).max(mostPapers),
});

const claimsSchema = z.object({ trainingPairs: z.int(), licence: z.string(), commercial: z.boolean() });

export function routes({ fastify, predict, analyze, model }: AppContext): void {
  const reader = (signal: AbortSignal) => createReader({ predict, analyze, model }, signal);

  fastify.post('/v1/scientific/papers', { schema: { body: papersSchema, tags: ['scientific'] } }, (request) =>
    readPapers(request.body.text),
  );

  fastify.post(
    '/v1/scientific/read',
    { schema: { body: readSchema, tags: ['scientific'] } },
    async (request, reply) => {
      const { text, field } = request.body;
      return readPaper(text, reader(goneSignal(reply)), { field });
    },
  );

  fastify.post(
    '/v1/scientific/rank',
    { schema: { body: rankSchema, tags: ['scientific'] } },
    async (request, reply) => {
      const { query, papers } = request.body;
      return { task: tasks.search, ranked: await rankPapers(query, papers, reader(goneSignal(reply))) };
    },
  );

  fastify.get(
    '/v1/scientific/claims',
    { schema: { response: { 200: claimsSchema }, tags: ['scientific'] } },
    () => claimData,
  );
}
