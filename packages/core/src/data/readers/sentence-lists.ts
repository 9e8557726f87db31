/** JSON Lines of documents, each a list of sentences beside a list of their labels (CSAbstruct): one example a sentence. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize, readLines } from '../text-file.js';
import { parseObject } from './json-lines.js';
import { defineReader } from './reader.js';

export const sentenceLists = defineReader({
  options: z.strictObject({
    sentences: z.string().default('sentences').describe('key of the list of sentences'),
    labels: z.string().default('labels').describe('key of the list of labels, one a sentence'),
  }),
  async *read({ files, options }) {
    for (const file of files) {
      for await (const { text: line, number } of readLines(file.path)) {
        if (line.trim() === '') continue;
        // A line is a document: published ids may be the same for all of them.
        const document = `${file.name}:${number}`;
        const object = parseObject(line, document);
        const sentences = texts(object, options.sentences, document);
        const labels = texts(object, options.labels, document);
        if (sentences.length !== labels.length) {
          throw new FieldcraftError('FC_DATA', {
            what: 'a document has more or fewer labels than sentences',
            where: document,
            expected: `${sentences.length} labels`,
            got: String(labels.length),
          });
        }
        for (const [i, text] of sentences.entries()) {
          const where = `${document}.${i + 1}`;
          checkTextSize(text, where);
          yield {
            where,
            text,
            labels: [labels[i] ?? ''],
            group: document,
            ...(file.part === undefined ? {} : { part: file.part }),
          };
        }
      }
    }
  },
});

function texts(object: Record<string, unknown>, key: string, where: string): string[] {
  const parsed = z.array(z.string()).safeParse(object[key]);
  if (parsed.success) return parsed.data;
  throw new FieldcraftError('FC_DATA', {
    what: `"${key}" is not a list of texts`,
    where,
    got: Object.hasOwn(object, key) ? z.prettifyError(parsed.error) : `the keys ${Object.keys(object).join(', ')}`,
  });
}
