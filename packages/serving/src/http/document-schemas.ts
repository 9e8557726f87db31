/** Schemas as the OpenAPI document has them: the library's way, with bodies of several content types, which it leaves out, who may ask, and the failures of any route. */
import type { SwaggerTransform } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problemSchema } from '../problem.js';
import type { DescribedAccess } from './access.js';

export const documentSchemas =
  (access: DescribedAccess | undefined): SwaggerTransform =>
  (route) => {
    const { body, ...rest } = route.schema ?? {};
    const byContent = isByContent(body) ? contentOf(body) : undefined;
    const transformed = jsonSchemaTransform({ ...route, schema: byContent ? rest : route.schema });
    const { schema = {} } = transformed;
    if (schema.hide === true) return transformed;
    const response = { ...failures, ...(schema.response as object | undefined) };
    const security = access?.takenBy(transformed.url);
    const more = { ...(byContent && { body: byContent }), ...(security && { security }), response };
    return { ...transformed, schema: { ...schema, ...more } };
  };

interface ByContent {
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>;
}

const isByContent = (body: unknown): body is ByContent =>
  typeof body === 'object' && body !== null && !(body instanceof z.ZodType) && 'content' in body;

const contentOf = ({ content }: ByContent) => ({
  content: Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, { schema: asJson(schema) }])),
});

function asJson(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

const problem = { content: { 'application/problem+json': { schema: asJson(problemSchema) } } };
const failures = Object.fromEntries(
  Object.entries({
    ...{
      400: 'Not understood',
      401: 'Who asks is not known',
      403: 'Not allowed',
      404: 'Not there',
      408: 'Not in time',
    },
    ...{ 413: 'Too large', 415: 'A content type that is not read', 422: 'Understood, but it cannot be answered' },
    ...{ 429: 'Too many requests of a client', 503: 'Too much to do: ask again after Retry-After' },
  }).map(([status, description]) => [status, { description, ...problem }]),
);
