/** A JSON file read whole and checked. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { readTextFile } from '../text-file.js';
import type { SourceFile } from './reader.js';

/** @throws FieldcraftError FC_FILE_FORMAT where the file is not JSON, or not of the schema: `expected` says what that is */
export function parseJsonFile<S extends z.ZodType>(file: SourceFile, schema: S, expected: string): z.output<S> {
  return parseJson(readTextFile(file.path), { schema, expected, where: file.name });
}

/** The same for a text that is at hand. */
export function parseJson<S extends z.ZodType>(
  text: string,
  { schema, expected, where }: { schema: S; expected: string; where: string },
): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new FieldcraftError('FC_FILE_FORMAT', { what: 'a file is not JSON', where, got: cause.message, cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FieldcraftError('FC_FILE_FORMAT', {
    what: `a JSON file does not hold ${expected}`,
    where,
    got: z.prettifyError(parsed.error).split('\n').slice(0, 4).join('; '),
  });
}
