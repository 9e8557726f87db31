/** SQuAD's JSON: documents of paragraphs, each with questions and their answers. */
import { z } from 'zod';
import { FieldcraftError, sha256 } from '../../foundation/index.js';
import { checkTextSize, readTextFile } from '../text-file.js';
import { placeAnswers } from './answers.js';
import { count, defineReader, type SourceFile } from './reader.js';

const fileSchema = z.object({
  data: z.array(
    z.object({
      title: z.string().optional(),
      paragraphs: z.array(
        z.object({
          context: z.string(),
          document_id: z.union([z.string(), z.number()]).optional(),
          qas: z.array(
            z.object({
              id: z.union([z.string(), z.number()]),
              question: z.string(),
              is_impossible: z.boolean().optional(),
              answers: z.array(z.object({ text: z.string(), answer_start: z.int().nonnegative() })).optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** Digits of a SHA-256 that name a paragraph. */
const digits = 12;

export const squad = defineReader({
  options: z.strictObject({
    leaveOut: z
      .array(z.string().regex(/^[0-9a-f]{12}$/))
      .default([])
      .describe(`paragraphs that are left out, by the first ${digits} digits of the SHA-256 of their text`),
  }),
  async *read({ files, options, tally }) {
    const unwanted = new Set(options.leaveOut);
    for (const file of files) {
      const { data } = parse(file);
      for (const [document, { title, paragraphs }] of data.entries()) {
        for (const { context, document_id, qas } of paragraphs) {
          if (unwanted.has(sha256(context).slice(0, digits))) {
            count(tally, 'questions on paragraphs that the card leaves out', qas.length);
            continue;
          }
          checkTextSize(context, file.name);
          const group = title ?? String(document_id ?? `${file.name} document ${document + 1}`);
          for (const { id, question, is_impossible: impossible, answers = [] } of qas) {
            const where = `${file.name}: question ${id}`;
            if (impossible === true && answers.length > 0) {
              throw new FieldcraftError('FC_DATA', { what: 'a question without an answer has one', where });
            }
            const spans = placeAnswers(
              context,
              answers.map(({ text, answer_start }) => ({ text, start: answer_start })),
              { unit: 'code-points', where, tally },
            );
            yield {
              ...{ where, id: String(id), text: context, second: question, answers: spans, group },
              ...(file.part === undefined ? {} : { part: file.part }),
            };
          }
        }
      }
    }
  },
});

function parse(file: SourceFile): z.output<typeof fileSchema> {
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(file.path));
  } catch (cause) {
    if (cause instanceof FieldcraftError) throw cause;
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new FieldcraftError('FC_FILE_FORMAT', { what: 'a file is not JSON', where: file.name, got, cause });
  }
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FieldcraftError('FC_FILE_FORMAT', {
    what: 'a file does not have the form of SQuAD',
    where: file.name,
    expected: 'data[].paragraphs[].{context, qas[].{id, question, answers[].{text, answer_start}}}',
    got: z.prettifyError(parsed.error).slice(0, 300),
  });
}
