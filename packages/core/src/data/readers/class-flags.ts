/** Rows of numbered yes-or-no flags, a sentence and its place in a document: `0_0,1_1<tab>sentence<tab>document_s3` (Hallmarks of Cancer as BLURB has it). */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize } from '../text-file.js';
import { readRows } from './delimited.js';
import { defineReader } from './reader.js';

export const classFlags = defineReader({
  options: z.strictObject({
    classes: z.int().positive().describe('flags in every row'),
  }),
  async *read({ files, options }) {
    for (const file of files) {
      for await (const { fields, line } of readRows(file, { delimiter: '\t', quotes: false })) {
        if (line === 1) continue;
        const where = `${file.name}:${line}`;
        const [flags = '', text = '', index = ''] = fields;
        const labels = setFlags(flags, options.classes);
        const document = /^(.+)_s\d+$/.exec(index)?.[1];
        if (fields.length !== 3 || labels === undefined || document === undefined) {
          throw new FieldcraftError('FC_FILE_FORMAT', {
            what: 'a row is not flags, a sentence and its place',
            where,
            expected: `${options.classes} flags such as 0_0,1_1, a tab, the sentence, a tab, the document and _s with a number`,
            got: JSON.stringify(fields).slice(0, 120),
          });
        }
        checkTextSize(text, where);
        yield {
          where,
          id: index,
          text,
          labels,
          group: document,
          ...(file.part === undefined ? {} : { part: file.part }),
        };
      }
    }
  },
});

/** The numbers whose flag is 1; undefined where the flags are not those of classes 0 to `classes` - 1 in order. */
function setFlags(flags: string, classes: number): string[] | undefined {
  const pairs = flags.split(',').map((flag) => /^(\d+)_([01])$/.exec(flag));
  if (pairs.length !== classes || pairs.some((pair, i) => pair?.[1] !== String(i))) return undefined;
  return pairs.flatMap((pair) => (pair?.[2] === '1' && pair[1] !== undefined ? [pair[1]] : []));
}
