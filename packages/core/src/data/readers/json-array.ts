/** A JSON file that holds one array of objects, a row each (MultiCite), or a zip archive of such files (SciQ). */
import { z } from 'zod';
import { partNames, type PartName } from '../examples.js';
import { readTextFile } from '../text-file.js';
import { parseJson } from './json-file.js';
import { count, defineReader, type SourceFile, type Tally } from './reader.js';
import { columnOptions, readRecord } from './records.js';
import { readZipMember } from './zip-member.js';

export const jsonArray = defineReader({
  options: z.strictObject({
    ...columnOptions,
    groupUpTo: z
      .string()
      .min(1)
      .optional()
      .describe('the document of a row is its id up to the last of these; the column of the id must be named'),
    members: z
      .partialRecord(z.enum(partNames), z.string())
      .optional()
      .describe('the file is a zip archive: which of its files holds the array of each part'),
  }),
  async *read({ files, kind, options, tally }) {
    const { groupUpTo, members, ...columns } = options;
    for (const { name, part, rows } of files.flatMap((file) => [...readArrays(file, members)])) {
      for (const [i, row] of rows.entries()) {
        const where = `${name}:${i + 1}`;
        const record = { ...row, [columns.text]: oneText(row[columns.text], tally) };
        const raw = readRecord({ record, where, kind, columns, tally });
        const end = groupUpTo === undefined ? -1 : (raw.id ?? '').lastIndexOf(groupUpTo);
        if (end > 0) raw.group = raw.id?.slice(0, end) ?? '';
        yield part === undefined ? raw : { ...raw, part };
      }
    }
  },
});

interface Rows {
  name: string;
  part: PartName | undefined;
  rows: Record<string, unknown>[];
}

/** The arrays of a file: its own, or those of an archive's members. */
function* readArrays(file: SourceFile, members: Partial<Record<PartName, string>> | undefined): Generator<Rows> {
  const rowsOf = (text: string, where: string) => parseJson(text, { schema: arraySchema, expected: arrayShape, where });
  if (members === undefined) {
    yield { name: file.name, part: file.part, rows: rowsOf(readTextFile(file.path), file.name) };
    return;
  }
  for (const part of partNames) {
    const member = members[part];
    if (member === undefined) continue;
    const name = `${file.name}/${member}`;
    yield { name, part, rows: rowsOf(readZipMember(file, member), name) };
  }
}

const arraySchema = z.array(z.record(z.string(), z.unknown()));
const arrayShape = 'one array of objects: [{"id": "...", "text": "...", "label": "..."}, ...]';

/** Some rows wrap their text in a list of its own. */
function oneText(value: unknown, tally: Tally): unknown {
  if (!Array.isArray(value) || value.length !== 1) return value;
  count(tally, 'texts that were a list of one text');
  return value[0];
}
