/** CoNLL and its relatives: one word a line with its tag, a blank line between sentences, -DOCSTART- between documents. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize, readLines } from '../text-file.js';
import { readRows, type Row } from './delimited.js';
import { count, defineReader, type SourceFile, type Tally } from './reader.js';
import { decodeTags, detectScheme, joinWords, wordSpansToText } from './tags.js';

const conllOptions = z.strictObject({
  separator: z
    .enum(['whitespace', 'tab', 'comma', 'last-space'])
    .default('whitespace')
    .describe(
      'comma: CSV quoting applies; last-space: a word and its tag, where words may hold spaces and tags may be missing',
    ),
  tokenColumn: z.int().default(0).describe('column of the word, from 0; negative counts from the end'),
  tagColumn: z.int().default(-1).describe('column of the tag, from 0; negative counts from the end'),
  scheme: z.enum(['auto', 'iob1', 'iob2', 'bioes']).default('auto'),
  escapes: z.enum(['none', 'penn']).default('none').describe('penn: -LRB- and the like are written as ( and the like'),
});

/** How the Penn Treebank writes brackets and quotation marks; emoticons hold such a bracket too. */
const pennEscapes: Record<string, string> = {
  ...{ '-LRB-': '(', '-RRB-': ')', '-LSB-': '[', '-RSB-': ']', '-LCB-': '{', '-RCB-': '}' },
  ...{ '``': '"', "''": '"' },
};
const pennEscape = /-[LR][RSC]B-|^``$|^''$/g;

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
      for await (const sentence of readSentences(file, options, tally)) sentences.push(sentence);
      const scheme = options.scheme === 'auto' ? detectScheme(sentences.map(({ tags }) => tags)) : options.scheme;
      count(tally, `sentences read as ${scheme.toUpperCase()}`, sentences.length);
      // Where there are marks, what stands before the first is a document too.
      const divided = sentences.some(({ document }) => document > 0);
      for (const sentence of sentences) {
        const { text, words } = joinWords(
          options.escapes === 'penn' ? sentence.words.map((word) => unescaped(word, tally)) : sentence.words,
        );
        const where = `${file.name}:${sentence.line}`;
        checkTextSize(text, where);
        yield {
          where,
          text,
          words,
          entities: wordSpansToText(decodeTags(sentence.tags, scheme, tally), words),
          ...(divided ? { group: `${file.name}#${sentence.document}` } : {}),
          ...(file.part === undefined ? {} : { part: file.part }),
        };
      }
    }
  },
});

function unescaped(word: string, tally: Tally): string {
  const written = word.replace(pennEscape, (escape) => pennEscapes[escape] ?? escape);
  if (written !== word) count(tally, 'words with escaped brackets or quotation marks (put right)');
  return written;
}

async function* readSentences(
  file: SourceFile,
  options: z.output<typeof conllOptions>,
  tally: Tally,
): AsyncGenerator<Sentence> {
  let document = 0;
  let sentence: Sentence | undefined;
  const width = Math.max(...[options.tokenColumn, options.tagColumn].map((c) => (c < 0 ? -c : c + 1)), 2);
  for await (const { fields, line } of splitRows(file, options.separator, tally)) {
    const written = fields.at(options.tokenColumn) ?? '';
    const token = written.replaceAll('\ufeff', '');
    if (token !== written) count(tally, 'words with a byte-order mark (taken away)');
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

async function* splitRows(
  file: SourceFile,
  separator: z.output<typeof conllOptions>['separator'],
  tally: Tally,
): AsyncGenerator<Row> {
  if (separator === 'comma') {
    yield* readRows(file, { delimiter: ',', emptyLines: true });
    return;
  }
  if (separator === 'last-space') {
    yield* splitAtLastSpace(file, tally);
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

/** A word is what stands before the last space, its tag what stands behind it. */
async function* splitAtLastSpace(file: SourceFile, tally: Tally): AsyncGenerator<Row> {
  for await (const { text, number } of readLines(file.path)) {
    const space = text.lastIndexOf(' ');
    const word = text.slice(0, Math.max(space, 0)).trim();
    const tag = text.slice(space + 1);
    if (text.trim() === '') {
      yield { fields: [''], line: number };
    } else if (space < 0) {
      yield { fields: [text], line: number };
    } else if (word === '') {
      count(tally, 'tags without a word (left out)');
    } else {
      if (tag === '') count(tally, 'words without a tag (read as O)');
      yield { fields: [word, tag === '' ? 'O' : tag], line: number };
    }
  }
}
