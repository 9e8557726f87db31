/** A CSV with one word a row: its tag as a number or a name, and the document and the sentence that it stands in (FiNER-ORD). */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize } from '../text-file.js';
import { readRows } from './delimited.js';
import { count, defineReader, type SourceFile } from './reader.js';
import { decodeTags, detectScheme, joinWords, wordSpansToText } from './tags.js';

const tokenRowOptions = z.strictObject({
  token: z.string().describe('column of the word'),
  tag: z.string().describe('column of the tag'),
  document: z.string().describe('column of the document; numbers may begin anew in every file'),
  sentence: z.string().describe('column of the sentence: a run of rows with equal document and sentence is one'),
  tags: z.array(z.string()).optional().describe('names of the tags, where the file has their numbers, from 0'),
});

export const tokenRows = defineReader({
  options: tokenRowOptions,
  async *read({ files, options, tally }) {
    for (const file of files) {
      const sentences: Sentence[] = [];
      for await (const sentence of readSentences(file, options)) sentences.push(sentence);
      const scheme = detectScheme(sentences.map(({ tags }) => tags));
      count(tally, `sentences read as ${scheme.toUpperCase()}`, sentences.length);
      for (const { line, document, tokens, tags } of sentences) {
        const where = `${file.name}:${line}`;
        const { text, words } = joinWords(tokens);
        checkTextSize(text, where);
        yield {
          where,
          text,
          words,
          entities: wordSpansToText(decodeTags(tags, scheme, tally), words),
          group: `${file.name}#${document}`,
          ...(file.part === undefined ? {} : { part: file.part }),
        };
      }
    }
  },
});

interface Sentence {
  line: number;
  document: string;
  sentence: string;
  tokens: string[];
  tags: string[];
}

async function* readSentences(file: SourceFile, options: z.output<typeof tokenRowOptions>): AsyncGenerator<Sentence> {
  let columns: number[] | undefined;
  let open: Sentence | undefined;
  for await (const { fields, line } of readRows(file, { delimiter: ',' })) {
    const where = `${file.name}:${line}`;
    if (columns === undefined) {
      columns = [options.token, options.tag, options.document, options.sentence].map((name) =>
        columnAt(fields, name, where),
      );
      continue;
    }
    const [token = '', tag = '', document = '', sentence = ''] = columns.map((at) => fields[at]);
    if (open?.document !== document || open.sentence !== sentence) {
      if (open !== undefined) yield open;
      open = { line, document, sentence, tokens: [], tags: [] };
    }
    open.tokens.push(token);
    open.tags.push(options.tags === undefined ? tag : tagName(tag, options.tags, where));
  }
  if (open !== undefined) yield open;
}

function columnAt(header: readonly string[], name: string, where: string): number {
  const at = header.indexOf(name);
  if (at >= 0) return at;
  throw new FieldcraftError('FC_DATA', {
    what: `there is no column "${name}"`,
    where,
    got: `the columns ${header.join(', ')}`,
  });
}

function tagName(tag: string, names: readonly string[], where: string): string {
  const name = /^\d+$/.test(tag) ? names[Number(tag)] : undefined;
  if (name !== undefined) return name;
  throw new FieldcraftError('FC_DATA', {
    what: 'a tag has no name',
    where,
    expected: `a number from 0 to ${names.length - 1}`,
    got: JSON.stringify(tag),
  });
}
