/** One text a line with its label before or after it, no header (Stanford's treebank, the TREC questions, the Financial PhraseBank). */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize, readTextFile } from '../text-file.js';
import { defineReader } from './reader.js';
import { shown } from './records.js';

export const labelledLines = defineReader({
  options: z.strictObject({
    label: z.enum(['first', 'last']).describe('whether the label stands before or after the text'),
    separator: z
      .string()
      .min(1)
      .default(' ')
      .describe('what stands between them: of a first label the first one counts, of a last label the last'),
    encoding: z.enum(['utf-8', 'iso-8859-1']).default('utf-8'),
  }),
  async *read({ files, options }) {
    const { separator } = options;
    for (const file of files) {
      const lines = readTextFile(file.path, options.encoding).split(/\r?\n/);
      for (const [i, line] of lines.entries()) {
        if (line.trim() === '') continue;
        const where = `${file.name}:${i + 1}`;
        const at = options.label === 'first' ? line.indexOf(separator) : line.lastIndexOf(separator);
        const [before, after] = [line.slice(0, at).trim(), line.slice(at + separator.length).trim()];
        const [label, text] = options.label === 'first' ? [before, after] : [after, before];
        if (at < 0 || label === '') {
          throw new FieldcraftError('FC_FILE_FORMAT', {
            what: 'a line has no label',
            where,
            expected: `a label ${options.label === 'first' ? 'before' : 'after'} ${JSON.stringify(separator)}`,
            got: shown(line),
          });
        }
        checkTextSize(text, where);
        yield { where, text, labels: [label], ...(file.part === undefined ? {} : { part: file.part }) };
      }
    }
  },
});
