/** A JSON file that holds one array of objects, a row each (MultiCite). */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { readTextFile } from '../text-file.js';
import { count, defineReader, type SourceFile, type Tally } from './reader.js';
import { columnOptions, readRecord, shown } from './records.js';

export const jsonArray = defineReader({
  options: z.strictObject({
    ...columnOptions,
    groupUpTo: z
      .string()
      .min(1)
      .optional()
      .describe('the document of a row is its id up to the last of these; the column of the id must be named'),
  }),
  async *read({ files, kind, options, tally }) {
    const { groupUpTo, ...columns } = options;
    for (const file of files) {
      for (const [i, row] of readArray(file).entries()) {
        const where = `${file.name}:${i + 1}`;
        const record = { ...row, [columns.text]: oneText(row[columns.text], tally) };
        const raw = readRecord({ record, where, kind, columns, tally });
        const end = groupUpTo === undefined ? -1 : (raw.id ?? '').lastIndexOf(groupUpTo);
        if (end > 0) raw.group = raw.id?.slice(0, end) ?? '';
        yield file.part === undefined ? raw : { ...raw, part: file.part };
      }
    }
  },
});

function readArray(file: SourceFile): Record<string, unknown>[] {
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(file.path));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a file is not JSON',
      where: file.name,
      got: cause.message,
      cause,
    });
  }
  const parsed = z.array(z.record(z.string(), z.unknown())).safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FieldcraftError('FC_FILE_FORMAT', {
    what: 'a file is not one array of objects',
    where: file.name,
    expected: '[{"id": "...", "text": "...", "label": "..."}, ...]',
    got: shown(value),
  });
}

/** Some rows wrap their text in a list of its own. */
function oneText(value: unknown, tally: Tally): unknown {
  if (!Array.isArray(value) || value.length !== 1) return value;
  count(tally, 'texts that were a list of one text');
  return value[0];
}
