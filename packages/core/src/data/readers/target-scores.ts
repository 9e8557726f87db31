/**
 * Scores of the sentiment of a text towards a target: posts as one JSON object with several targets each (FiQA 2018), or headlines as one
 * array with a target each (SemEval 2017 task 5). One example a text and target, the target its second text.
 */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize } from '../text-file.js';
import { parseJsonFile } from './json-file.js';
import { defineReader, type RawExample } from './reader.js';

const posts = z.record(
  z.string(),
  z.object({
    sentence: z.string(),
    info: z.array(z.object({ target: z.string(), sentiment_score: z.string() })),
  }),
);
const headlines = z.array(z.object({ company: z.string(), title: z.string(), sentiment: z.number() }));

export const targetScores = defineReader({
  options: z.strictObject({}),
  async *read({ files }) {
    for (const file of files) {
      const found = parseJsonFile(file, z.union([posts, headlines]), 'posts with their targets, or headlines with one');
      const scored = Array.isArray(found)
        ? found.map(({ title, company, sentiment }, i) => [`${i + 1}`, title, company, sentiment] as const)
        : Object.entries(found).flatMap(([id, { sentence, info }]) =>
            info.map(
              ({ target, sentiment_score }, i) =>
                [`${id}/${i + 1}`, sentence, target, Number(sentiment_score)] as const,
            ),
          );
      for (const [id, text, second, value] of scored) {
        const where = `${file.name}:${id}`;
        checkTextSize(text, where);
        if (!Number.isFinite(value)) throw new FieldcraftError('FC_DATA', { what: 'a score is no number', where });
        // What is said of several targets belongs together.
        const raw: RawExample = { where, text, second, value, group: text };
        yield file.part === undefined ? raw : { ...raw, part: file.part };
      }
    }
  },
});
