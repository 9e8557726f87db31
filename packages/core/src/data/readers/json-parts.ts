/** One JSON object whose keys are the parts of a dataset, each a list of [text, label] pairs (CLINC150). */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { partNames } from '../examples.js';
import { checkTextSize, readTextFile } from '../text-file.js';
import { defineReader, type SourceFile } from './reader.js';

const pairs = z.array(z.tuple([z.string(), z.string()]));

export const jsonParts = defineReader({
  options: z.strictObject({
    parts: z
      .partialRecord(z.enum(partNames), z.array(z.string()).min(1))
      .describe('the keys of each part: several lists may make up one part'),
  }),
  async *read({ files, options }) {
    for (const file of files) {
      const lists = readLists(file);
      for (const part of partNames) {
        for (const key of options.parts[part] ?? []) {
          const parsed = pairs.safeParse(lists[key]);
          if (!parsed.success) {
            throw new FieldcraftError('FC_FILE_FORMAT', {
              what: `"${key}" is not a list of [text, label] pairs`,
              where: file.name,
              got:
                lists[key] === undefined ? `the keys ${Object.keys(lists).join(', ')}` : z.prettifyError(parsed.error),
            });
          }
          for (const [i, [text, label]] of parsed.data.entries()) {
            const where = `${file.name}:${key} ${i + 1}`;
            checkTextSize(text, where);
            yield { where, text, labels: [label], part };
          }
        }
      }
    }
  },
});

function readLists(file: SourceFile): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(file.path));
  } catch (cause) {
    if (cause instanceof FieldcraftError) throw cause;
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a file is not JSON',
      where: file.name,
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FieldcraftError('FC_FILE_FORMAT', { what: 'a JSON file is not an object', where: file.name });
}
