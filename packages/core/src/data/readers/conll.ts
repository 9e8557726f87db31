/** CoNLL and its relatives: one word a line with its tag, a blank line between sentences, -DOCSTART- between documents. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize, readLines } from '../text-file.js';
import { readRows, type Row } from './delimited.js';
import { count, defineReader, type SourceFile } from './reader.js';
import { decodeTags, detectScheme, joinWords, wordSpansToText } from './tags.js';

const conllOptions = z.strictObject({
  separator: z.enum(['whitespace', 'tab', 'comma']).default('whitespace').describe('comma: CSV quoting applies'),
  tokenColumn: z.int().default(0).describe('column of the word, from 0; negative counts from the end'),
  tagColumn: z.int().default(-1).describe('column of the tag, from 0; negative counts from the end'),
  scheme: z.enum(['auto', 'iob1', 'iob2', 'bioes']).default('auto'),
});

interface Sentence {
  words: string[];
  tags: string[];
  line: number;
  document: number;
}

export const conll = defineReader({
  options: conllOptions,
  async *read({ files, options, tally }) {
    for (const file of files) {
      // A whole file is held, because its scheme shows only at its end.
      const sentences: Sentence[] = [];
      for await (const sentence of readSentences(file, options)) sentences.push(sentence);
      const scheme = options.scheme === 'auto' ? detectScheme(sentences.map(({ tags }) => tags)) : options.scheme;
      count(tally, `sentences read as ${scheme.toUpperCase()}`, sentences.length);
      for (const sentence of sentences) {
        const { text, words } = joinWords(sentence.words);
        const where = `${file.name}:${sentence.line}`;
        checkTextSize(text, where);
        yield {
          where,
          text,
          words,
          entities: wordSpansToText(decodeTags(sentence.tags, scheme, tally), words),
          ...(sentence.document > 0 ? { group: `${file.name}#${sentence.document}` } : {}),
          ...(file.part === undefined ? {} : { part: file.part }),
        };
      }
    }
  },
});

async function* readSentences(file: SourceFile, options: z.output<typeof conllOptions>): AsyncGenerator<Sentence> {
  let document = 0;
  let sentence: Sentence | undefined;
  const width = Math.max(...[options.tokenColumn, options.tagColumn].map((c) => (c < 0 ? -c : c + 1)), 2);
  for await (const { fields, line } of splitRows(file, options.separator)) {
    const token = fields.at(options.tokenColumn) ?? '';
    const tag = fields.at(options.tagColumn);
    const isDocument = token.startsWith('-DOCSTART-');
    if (token === '' || isDocument) {
      if (sentence !== undefined) yield sentence;
      sentence = undefined;
      if (isDocument) document++;
      continue;
    }
    if (tag === undefined || fields.length < width) {
      throw new FieldcraftError('FC_FILE_FORMAT', {
        what: 'a line of a CoNLL file has too few columns',
        where: `${file.name}:${line}`,
        expected: `at least ${width} columns separated by ${options.separator}`,
        got: JSON.stringify(fields),
        fix: 'name the separator and the columns of the word and the tag',
      });
    }
    sentence ??= { words: [], tags: [], line, document };
    sentence.words.push(token);
    sentence.tags.push(tag);
  }
  if (sentence !== undefined) yield sentence;
}

async function* splitRows(file: SourceFile, separator: 'whitespace' | 'tab' | 'comma'): AsyncGenerator<Row> {
  if (separator === 'comma') {
    yield* readRows(file, { delimiter: ',', emptyLines: true });
    return;
  }
  // Not \s: a no-break space may be a word, or part of one.
  for await (const { text, number } of readLines(file.path)) {
    yield {
      fields: separator === 'tab' ? text.split('\t') : text.replace(/^[ \t]+|[ \t]+$/g, '').split(/[ \t]+/),
      line: number,
    };
  }
}
