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
    flags: z
      .array(z.string())
      .min(2)
      .optional()
      .describe('multi-label: the label is a list such as [0, 1, 0], a flag for each of these names'),
    groupAfter: z
      .string()
      .min(1)
      .optional()
      .describe('the document of a text is what stands behind the first of these'),
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
        const labels = options.flags === undefined ? [label] : setFlags(label, options.flags, where);
        const group = options.groupAfter === undefined ? -1 : text.indexOf(options.groupAfter);
        yield {
          where,
          text,
          labels,
          ...(group < 0 ? {} : { group: text.slice(group + (options.groupAfter ?? '').length) }),
          ...(file.part === undefined ? {} : { part: file.part }),
        };
      }
    }
  },
});

/** The names whose flag is 1. */
function setFlags(written: string, names: readonly string[], where: string): string[] {
  const flags = written
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map((flag) => flag.trim());
  if (flags.length === names.length && flags.every((flag) => flag === '0' || flag === '1')) {
    return names.filter((_, i) => flags[i] === '1');
  }
  throw new FieldcraftError('FC_FILE_FORMAT', {
    what: 'a line has no flags',
    where,
    expected: `${names.length} times 0 or 1, as [0, 1, 0]`,
    got: shown(written),
  });
}
