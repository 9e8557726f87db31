/** JSON Lines: one object a line. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { readLines } from '../text-file.js';
import { defineReader } from './reader.js';
import { columnOptions, readRecord, shown } from './records.js';

export const jsonLines = defineReader({
  options: z.strictObject({
    ...columnOptions,
    textBetween: z
      .tuple([z.string().min(1), z.string().min(1)])
      .optional()
      .describe(
        'the text is what stands between the first of the one and the last of the other, such as a question to a chat model',
      ),
  }),
  async *read({ files, kind, options, tally }) {
    const { textBetween, ...columns } = options;
    for (const file of files) {
      for await (const { text, number } of readLines(file.path)) {
        if (text.trim() === '') continue;
        const where = `${file.name}:${number}`;
        const raw = readRecord({ record: parseObject(text, where), where, kind, columns, tally });
        if (textBetween !== undefined) raw.text = between(raw.text, textBetween, where);
        yield file.part === undefined ? raw : { ...raw, part: file.part };
      }
    }
  },
});

function between(text: string, [from, to]: readonly [string, string], where: string): string {
  const [start, end] = [text.indexOf(from) + from.length, text.lastIndexOf(to)];
  if (text.includes(from) && start <= end) return text.slice(start, end);
  throw new FieldcraftError('FC_DATA', {
    what: 'a text does not stand between what the options say',
    where,
    expected: `${shown(from)} and ${shown(to)}`,
    got: shown(text),
  });
}

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
