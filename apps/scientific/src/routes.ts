/** The endpoints that the scientific app adds to those of every app: papers of any form, one paper read as a whole, and many ranked by relevance. */
import { createReader, type ReadingServer } from '@fieldcraft/serving';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { claimData } from './claim-data.js';
import { mostPapers, readPapers } from './papers.js';
import { rankPapers, task as searchTask } from './rank-papers.js';
import { readPaper, termFields } from './read-paper.js';

const text = z.string().min(1).max(1_000_000);
const paper = z.object({ id: z.string().min(1).max(500), title: z.string().max(2_000).exactOptional(), text });

export const papersSchema = z.object({ text: z.string().max(20_000_000) });
export const readSchema = z.object({ text, field: z.enum(termFields).default('artificial-intelligence') });
export const rankSchema = z.object({
  query: z.string().min(1).max(2_000),
  papers: z.array(paper).min(1).max(mostPapers),
});

export const claimsSchema = z.object({ trainingPairs: z.int(), licence: z.string(), commercial: z.boolean() });

/** What these routes need of the server. */
export interface PaperServer extends ReadingServer {
  fastify: FastifyInstance;
}

export function routes({ fastify, predict, model }: PaperServer): void {
  const reader = () => createReader({ predict, model });

  fastify.post('/v1/scientific/papers', { schema: { body: papersSchema, tags: ['scientific'] } }, (request) =>
    readPapers(papersSchema.parse(request.body).text),
  );

  fastify.post('/v1/scientific/read', { schema: { body: readSchema, tags: ['scientific'] } }, async (request) => {
    const { text, field } = readSchema.parse(request.body);
    return readPaper(text, reader(), { field });
  });

  fastify.post('/v1/scientific/rank', { schema: { body: rankSchema, tags: ['scientific'] } }, async (request) => {
    const { query, papers } = rankSchema.parse(request.body);
    return { task: searchTask, ranked: await rankPapers(query, papers, reader()) };
  });

  fastify.get(
    '/v1/scientific/claims',
    { schema: { response: { 200: claimsSchema }, tags: ['scientific'] } },
    () => claimData,
  );
}
