/** Small JSON files of folders that nobody vouches for: bounded, and of a schema. */
import { readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { FieldcraftError } from '../foundation/index.js';

export interface JsonFileRules {
  /** Bytes. */
  readonly most: number;
  /** What is said of a file that cannot be read, such as "a model.json cannot be read". */
  readonly what: string;
}

/** @throws FieldcraftError FC_FILE_FORMAT where it is no JSON, not of the schema, or larger than `most` bytes */
export function readJsonFile<T>(where: string, schema: z.ZodType<T>, { most, what }: JsonFileRules): T {
  const refuse = (got: string, cause?: unknown) =>
    new FieldcraftError('FC_FILE_FORMAT', {
      ...{ what, where, got, cause },
      fix: 'export the model again, or use the version of Fieldcraft that wrote it',
    });
  const { size } = statSync(where);
  if (size > most) throw refuse(`${size} bytes, more than ${most}`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(where, 'utf8'));
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const checked = schema.safeParse(content);
  if (!checked.success) throw refuse(issuesOf(checked.error), checked.error);
  return checked.data;
}

/** As one line. */
export const issuesOf = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`).join('; ');
