/** Questions that an abstract answers with one word, as one JSON object by article (PubMedQA): pairs of a question and its abstract. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize } from '../text-file.js';
import { parseJsonFile } from './json-file.js';
import { defineReader } from './reader.js';

/** The answer in words (LONG_ANSWER) is the conclusion of the abstract: it is not read. */
const articleSchema = z.object({ QUESTION: z.string(), CONTEXTS: z.array(z.string()), final_decision: z.string() });

export const abstractQuestions = defineReader({
  options: z.strictObject({
    test: z.string().describe('file that answers the articles of the test part: the others are train'),
  }),
  async *read({ files, options }) {
    const answers = files.find(({ name }) => name === options.test);
    if (answers === undefined) {
      throw new FieldcraftError('FC_NOT_FOUND', { what: 'the file of the test part is missing', where: options.test });
    }
    const held = parseJsonFile(answers, z.record(z.string(), z.string()), '{"article": "answer", ...}');
    for (const file of files) {
      if (file === answers) continue;
      const articles = parseJsonFile(file, z.record(z.string(), articleSchema), 'articles with QUESTION and CONTEXTS');
      for (const [article, { QUESTION: text, CONTEXTS, final_decision: label }] of Object.entries(articles)) {
        const where = `${file.name}:${article}`;
        const [second, answer] = [CONTEXTS.join('\n'), held[article]];
        if (answer !== undefined && answer !== label) {
          throw new FieldcraftError('FC_DATA', {
            what: 'an article is answered differently in two files',
            where,
            expected: answer,
            got: label,
          });
        }
        checkTextSize(second, where);
        yield { where, text, second, labels: [label], part: answer === undefined ? 'train' : 'test' };
      }
    }
  },
});
