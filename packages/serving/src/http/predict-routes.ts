/** The endpoints that ask the model. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  analyzedSchema,
  inputSchema,
  modelSchema,
  predictedSchema,
  requestSchemas,
  type Input,
} from '../api/schemas.js';
import type { ServingConfig } from '../config.js';
import type { ServedModel } from '../pool/served-model.js';
import { HttpProblem } from '../problem.js';
import { byText, type Service } from '../service.js';
import { goneSignal } from './gone-signal.js';
import { linesType } from './in-flight.js';
import { answerLines, linesOf } from './ndjson.js';

export interface PredictRoutesOptions {
  readonly service: Service;
  readonly config: ServingConfig;
}

const bulkNote =
  'With the content type application/x-ndjson each line is one input (a JSON string or object), and each line of the answer its prediction, in order.';

export async function predictRoutes(app: FastifyInstance, { service, config }: PredictRoutesOptions): Promise<void> {
  const bodies = requestSchemas(config);
  // A stream is read by the handler, as its answer is taken.
  app.addContentTypeParser(linesType, (_request, payload, done) => done(null, payload));
  // What is validated by its content type is not validated where there is none.
  app.addHook('preValidation', ({ method, body }, _reply, done) => {
    const isMissing = method === 'POST' && body === undefined;
    done(isMissing ? new HttpProblem('invalid', { detail: 'the request has no body', fix: 'send JSON' }) : undefined);
  });
  const bulk = (request: FastifyRequest) => request.headers['content-type']?.startsWith(linesType) === true;
  const routes = app.withTypeProvider<ZodTypeProvider>();

  const stream = (
    { request, reply }: { request: FastifyRequest; reply: FastifyReply },
    answer: (inputs: readonly Input[], signal: AbortSignal) => Promise<readonly unknown[]>,
  ) => {
    const signal = goneSignal(reply);
    const lines = linesOf(request.body as AsyncIterable<Uint8Array>, { longest: config.maxBytes });
    reply.header('content-type', `${linesType}; charset=utf-8`);
    return reply.send(
      answerLines(lines, {
        read: readInput,
        answer: (inputs) => answer(inputs, signal),
        group: Math.min(64, config.maxTexts),
        characters: Math.min(50_000, config.maxCharacters),
        ...{ patience: config.timeout, signal },
      }),
    );
  };

  routes.post(
    '/v1/predict/:task',
    {
      schema: {
        tags: ['predict'],
        summary: 'Predict one task',
        description: `One prediction an input, in order. Long texts are read in windows. ${bulkNote}`,
        params: z.object({ task: z.string().min(1).max(100) }),
        body: { content: { 'application/json': { schema: bodies.predict }, [linesType]: { schema: z.any() } } },
        response: { 200: predictedSchema },
      },
    },
    async (request, reply) => {
      const { task } = request.params;
      if (bulk(request)) {
        return stream(
          { request, reply },
          async (inputs, signal) => (await service.ask([task], inputs, { signal })).answers[0]!,
        );
      }
      const body = request.body as z.output<typeof bodies.predict>;
      const inputs = 'inputs' in body ? body.inputs : [body];
      const { answers, model } = await service.ask([task], inputs, { signal: goneSignal(reply) });
      return reply.send({ task, predictions: answers[0]!, model: refOf(model) });
    },
  );

  routes.post(
    '/v1/analyze',
    {
      schema: {
        tags: ['predict'],
        summary: 'Ask all tasks at once',
        description: `The encoder reads each text once for all of them. ${bulkNote}`,
        body: { content: { 'application/json': { schema: bodies.analyze }, [linesType]: { schema: z.any() } } },
        response: { 200: analyzedSchema },
      },
    },
    async (request, reply) => {
      const answer = async (
        texts: readonly Input[],
        { tasks, signal }: { tasks?: readonly string[] | undefined; signal: AbortSignal },
      ) => {
        const asked = tasks ?? service.model().textTasks;
        if (asked.length === 0)
          throw new HttpProblem('data', { detail: 'no task of this model reads a text alone', fix: 'name the tasks' });
        const { answers, model } = await service.ask(asked, texts, { signal });
        return { results: byText(asked, answers, texts.length), model: refOf(model) };
      };
      if (bulk(request))
        return stream({ request, reply }, async (texts, signal) => (await answer(texts, { signal })).results);
      const { texts, tasks } = request.body as z.output<typeof bodies.analyze>;
      return reply.send(await answer(texts, { tasks, signal: goneSignal(reply) }));
    },
  );

  routes.get(
    '/v1/model',
    { schema: { tags: ['model'], summary: 'What the model is', response: { 200: modelSchema } } },
    () => service.model(),
  );
}

const refOf = ({ id, precision }: ServedModel) => ({ id, precision });

/** @throws HttpProblem for a line that is no input */
function readInput(line: string): Input {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new HttpProblem('invalid', { detail: `a line is no JSON: ${(error as Error).message}` });
  }
  const checked = inputSchema.safeParse(value);
  if (checked.success) return checked.data;
  throw new HttpProblem('invalid', {
    detail: 'a line is neither a text nor an object with one and the other fields of inputs',
  });
}
