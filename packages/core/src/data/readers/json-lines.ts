/** JSON Lines: one object a line. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { readLines } from '../text-file.js';
import { defineReader } from './reader.js';
import { columnOptions, readRecord, shown } from './records.js';

export const jsonLines = defineReader({
  options: z.strictObject(columnOptions),
  async *read({ files, kind, options, tally }) {
    for (const file of files) {
      for await (const { text, number } of readLines(file.path)) {
        if (text.trim() === '') continue;
        const where = `${file.name}:${number}`;
        const raw = readRecord({ record: parseObject(text, where), where, kind, columns: options, tally });
        yield file.part === undefined ? raw : { ...raw, part: file.part };
      }
    }
  },
});

/** @throws FieldcraftError FC_FILE_FORMAT where the text is not one JSON object */
export function parseObject(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a line is not JSON',
      where,
      got: cause instanceof Error ? cause.message : shown(text),
      cause,
    });
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FieldcraftError('FC_FILE_FORMAT', {
    what: 'a line is not a JSON object',
    where,
    expected: 'an object such as {"text": "...", "label": "..."}',
    got: shown(value),
  });
}
