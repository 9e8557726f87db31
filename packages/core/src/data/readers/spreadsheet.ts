/** Excel workbooks (.xlsx): a sheet whose first row names the columns. */
import { statSync } from 'node:fs';
import { readSheet } from 'read-excel-file/node';
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { defineReader, type SourceFile } from './reader.js';
import { columnOptions, readRecord } from './records.js';

/** A workbook is compressed XML that is read whole: a larger one is refused. */
const maxWorkbookBytes = 50_000_000;

export const spreadsheet = defineReader({
  options: z.strictObject({
    ...columnOptions,
    sheet: z.union([z.int().positive(), z.string()]).default(1).describe('name of the sheet, or its number from 1'),
  }),
  async *read({ files, kind, options, tally }) {
    const { sheet, ...columns } = options;
    for (const file of files) {
      const [header = [], ...rows] = await readRows(file, sheet);
      for (const [i, row] of rows.entries()) {
        const where = `${file.name}:${i + 2}`;
        const record = Object.fromEntries(header.map((name, at) => [String(name), row[at]]));
        const raw = readRecord({ record, where, kind, columns, tally });
        yield file.part === undefined ? raw : { ...raw, part: file.part };
      }
    }
  },
});

async function readRows(file: SourceFile, sheet: number | string): Promise<unknown[][]> {
  const bytes = statSync(file.path, { throwIfNoEntry: false })?.size;
  if (bytes === undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'a data file does not exist', where: file.path });
  }
  if (bytes > maxWorkbookBytes) {
    throw new FieldcraftError('FC_DATA', {
      what: 'a workbook is too large',
      where: file.name,
      expected: `at most ${maxWorkbookBytes} bytes`,
      got: `${bytes} bytes`,
      fix: 'save the sheet as CSV, which is read in pieces',
    });
  }
  try {
    return await readSheet(file.path, sheet);
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a workbook cannot be read',
      where: file.name,
      expected: `an .xlsx file with the sheet ${JSON.stringify(sheet)}`,
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
