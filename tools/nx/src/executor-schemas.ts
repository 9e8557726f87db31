/** Turns core's zod schemas into the schema.json of executors, so that Nx and editors know the options of a command. */
import { adviseRunSchema, runOptionsSchema } from '@fieldcraft/core';
import { z } from 'zod';

/** Executors whose options core describes. The schemas of the others are written by hand and leave all options to the command. */
const optionsOf: Record<string, z.ZodType> = { advise: adviseRunSchema, train: runOptionsSchema };

/** The text of each `schemas/<executor>.json`. */
export function executorSchemas(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(optionsOf).map(([executor, options]) => [
      executor,
      `${JSON.stringify(executorSchema(executor, options), null, 2)}\n`,
    ]),
  );
}

/**
 * Defaults move into the descriptions: Nx would pass them on as if they had been given, and a resumed run follows its saved plan instead.
 * Unknown options pass, because the command refuses them with a suggestion.
 */
function executorSchema(executor: string, options: z.ZodType): object {
  const { properties = {} } = z.toJSONSchema(options, { io: 'input' });
  return {
    $schema: 'https://json-schema.org/schema',
    type: 'object',
    $comment: 'Written by `npm run schemas`.',
    description: `Runs \`fieldcraft ${executor}\` with these options, which the command itself checks.`,
    properties: {
      ...Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, withoutDefault(property)])),
      __unparsed__: {
        type: 'array',
        items: { type: 'string' },
        $default: { $source: 'unparsed' },
        'x-priority': 'internal',
        hidden: true,
      },
    },
    additionalProperties: true,
  };
}

function withoutDefault(property: z.core.JSONSchema._JSONSchema): object {
  if (typeof property === 'boolean') return {};
  const { default: value, ...rest } = property;
  if (value === undefined || JSON.stringify(value) === '[]') return rest;
  return { ...rest, description: `${rest.description ?? ''}. Default: ${JSON.stringify(value).replaceAll('"', '')}` };
}
