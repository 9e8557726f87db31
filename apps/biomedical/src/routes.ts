/** The endpoints that the biomedical app adds to those of every app: a note read as a whole, the search of codes, and the type of a marked pair. */
import { createReader, goneSignal, type AppContext, type Classified } from '@fieldcraft/serving';
import { z } from 'zod';
import { createCodeSearch, type CodeSearch } from './code-search.js';
import { markPair } from './marked-pair.js';
import { tasks } from './note-tasks.js';
import { readNote } from './read-note.js';

const text = z.string().min(1).max(500_000);
const stretch = z.object({ start: z.int().min(0), end: z.int().min(1) });

const readSchema = z.object({ text });
const relationSchema = z.object({ text, chemical: stretch, protein: stretch });
const codesSchema = z.object({
  query: z.string().max(200),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

export function routes({ fastify, predict, analyze, model }: AppContext): void {
  const taskOf = (name: string) => model().tasks.find((task) => task.name === name);
  /** Thousands of titles: searched through one index as long as the model stays. */
  let search: { of: string; index: CodeSearch } | undefined;
  const searchOf = (): CodeSearch => {
    const { id } = model();
    if (search?.of !== id) search = { of: id, index: createCodeSearch(taskOf(tasks.codes)?.titles ?? {}) };
    return search.index;
  };

  fastify.post(
    '/v1/biomedical/read',
    { schema: { body: readSchema, tags: ['biomedical'] } },
    async (request, reply) => {
      const reader = createReader({ predict, analyze, model }, goneSignal(reply));
      return readNote(request.body.text, reader, { titles: taskOf(tasks.codes)?.titles });
    },
  );

  fastify.post(
    '/v1/biomedical/relation',
    { schema: { body: relationSchema, tags: ['biomedical'] } },
    async (request, reply) => {
      const { text, chemical, protein } = request.body;
      const marked = markPair(text, chemical, protein);
      // Asked even of a model that lacks the task: the answer then names what trains it.
      const signal = goneSignal(reply);
      const [prediction] = (await predict(tasks.protein, [marked.text], { signal })) as readonly Classified[];
      return { ...prediction, labels: taskOf(tasks.protein)?.labels ?? [], start: marked.start, end: marked.end };
    },
  );

  fastify.get('/v1/biomedical/codes', { schema: { querystring: codesSchema, tags: ['biomedical'] } }, (request) => {
    const { query, limit } = request.query;
    const { size, find } = searchOf();
    return { size, codes: find(query, limit) };
  });
}
