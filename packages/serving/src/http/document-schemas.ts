/** Schemas as the OpenAPI document has them: the library's way, and bodies of several content types, which it leaves out. */
import type { SwaggerTransform } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';

export const documentSchemas: SwaggerTransform = (route) => {
  const { body } = route.schema ?? {};
  if (!isByContent(body)) return jsonSchemaTransform(route);
  const { body: _, ...rest } = route.schema;
  const transformed = jsonSchemaTransform({ ...route, schema: rest });
  const content = Object.fromEntries(
    Object.entries(body.content).map(([type, { schema }]) => [type, { schema: jsonSchemaOf(schema) }]),
  );
  return { ...transformed, schema: { ...transformed.schema, body: { content } } };
};

interface ByContent {
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>;
}

const isByContent = (body: unknown): body is ByContent =>
  typeof body === 'object' && body !== null && !(body instanceof z.ZodType) && 'content' in body;

function jsonSchemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
