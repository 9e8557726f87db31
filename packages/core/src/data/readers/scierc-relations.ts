/** SciERC's documents: tokenised sentences with entities and directed relations, whose token numbers count through the document. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize, readLines } from '../text-file.js';
import { parseObject } from './json-lines.js';
import { count, defineReader } from './reader.js';
import { joinWords } from './tags.js';

const index = z.int().nonnegative();
const documentSchema = z.object({
  doc_key: z.string(),
  sentences: z.array(z.array(z.string())),
  ner: z.array(z.array(z.tuple([index, index, z.string()]))),
  relations: z.array(z.array(z.tuple([index, index, index, index, z.string()]))),
});

export const sciercRelations = defineReader({
  options: z.strictObject({}),
  async *read({ files, tally }) {
    for (const file of files) {
      for await (const { text: line, number } of readLines(file.path)) {
        const where = `${file.name}:${number}`;
        const parsed = documentSchema.safeParse(parseObject(line, where));
        if (!parsed.success) {
          throw new FieldcraftError('FC_FILE_FORMAT', {
            what: 'a line is not a document of SciERC',
            where,
            expected: '{doc_key, sentences, ner: [[start, end, type]], relations: [[start, end, start, end, type]]}',
            got: z.prettifyError(parsed.error).slice(0, 200),
          });
        }
        const { doc_key: group, sentences, ner, relations } = parsed.data;
        let before = 0;
        for (const [sentence, tokens] of sentences.entries()) {
          const { text, words } = joinWords(tokens);
          checkTextSize(text, where);
          const spanOf = (first: number, last: number) => {
            const [from, to] = [words[first - before], words[last - before]];
            if (from !== undefined && to !== undefined && first <= last) return { start: from[0], end: to[1] };
            throw new FieldcraftError('FC_DATA', {
              what: 'an entity lies outside its sentence',
              where,
              got: `${first} to ${last}`,
            });
          };
          const key = (first: number, last: number) => `${first} ${last}`;
          const places = new Map<string, number>();
          const entities = (ner[sentence] ?? []).flatMap(([first, last, label]) => {
            if (places.has(key(first, last))) {
              count(tally, 'entities with two types (the first was taken)');
              return [];
            }
            places.set(key(first, last), places.size);
            return [{ ...spanOf(first, last), label }];
          });
          const found = (relations[sentence] ?? []).flatMap(([a, b, c, d, label]) => {
            const [head, tail] = [places.get(key(a, b)), places.get(key(c, d))];
            if (head !== undefined && tail !== undefined && head !== tail) return [{ head, tail, label }];
            count(tally, 'relations of what is no entity, or of an entity to itself (left out)');
            return [];
          });
          yield {
            ...{ where: `${where} sentence ${sentence + 1}`, id: `${group}:${sentence + 1}`, group, text },
            ...{ entities, relations: found },
            ...(file.part === undefined ? {} : { part: file.part }),
          };
          before += tokens.length;
        }
      }
    }
  },
});
