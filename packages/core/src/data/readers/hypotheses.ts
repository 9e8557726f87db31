/** Documents and statements about them, each pair judged (ContractNLI): one example a document and statement. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { partNames } from '../examples.js';
import { checkTextSize } from '../text-file.js';
import { parseJsonFile } from './json-file.js';
import { defineReader } from './reader.js';

const fileSchema = z.object({
  documents: z.array(
    z.object({
      id: z.union([z.int(), z.string()]),
      text: z.string(),
      annotation_sets: z.tuple([z.object({ annotations: z.record(z.string(), z.object({ choice: z.string() })) })]),
    }),
  ),
  labels: z.record(z.string(), z.object({ hypothesis: z.string() })),
});

export const hypotheses = defineReader({
  options: z.strictObject({
    statements: z
      .partialRecord(z.enum(partNames), z.array(z.string()).min(1))
      .default({})
      .describe('the statements of each part, by their keys; all where a part is not named'),
  }),
  async *read({ files, options }) {
    for (const file of files) {
      const { documents, labels } = parseJsonFile(file, fileSchema, 'documents with annotations, and labels');
      const wanted = (file.part === undefined ? undefined : options.statements[file.part]) ?? Object.keys(labels);
      for (const { id, text, annotation_sets } of documents) {
        const group = `${file.name}:${id}`;
        checkTextSize(text, group);
        for (const key of wanted) {
          const where = `${group}/${key}`;
          const [second, choice] = [labels[key]?.hypothesis, annotation_sets[0].annotations[key]?.choice];
          if (second === undefined || choice === undefined) {
            throw new FieldcraftError('FC_DATA', {
              what: 'a document is not judged by a statement',
              where,
              got: `the statements ${Object.keys(labels).join(', ')}`,
            });
          }
          yield {
            where,
            text,
            second,
            labels: [choice],
            group,
            ...(file.part === undefined ? {} : { part: file.part }),
          };
        }
      }
    }
  },
});
