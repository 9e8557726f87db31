/** CoNLL-U treebanks: every word of a sentence bears the tag of one column, and is an entity of its own (part-of-speech tagging). */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import type { EntitySpan } from '../examples.js';
import { checkTextSize, readLines } from '../text-file.js';
import { count, defineReader, type SourceFile, type Tally } from './reader.js';

interface Sentence {
  line: number;
  document: string | undefined;
  text: string | undefined;
  words: { form: string; tag: string }[];
}

export const conllu = defineReader({
  options: z.strictObject({
    tagColumn: z.int().min(1).max(9).default(3).describe('column of the tag, from 0: 3 is UPOS, 4 is XPOS'),
  }),
  async *read({ files, options, tally }) {
    for (const file of files) {
      for await (const sentence of readSentences(file, options.tagColumn, tally)) {
        const where = `${file.name}:${sentence.line}`;
        const { text, spans } = placeWords(sentence, tally);
        checkTextSize(text, where);
        const entities: EntitySpan[] = spans.map(([start, end], i) => ({
          start,
          end,
          label: sentence.words[i]?.tag ?? '',
        }));
        yield {
          where,
          text,
          words: spans,
          entities,
          ...(sentence.document === undefined ? {} : { group: sentence.document }),
          ...(file.part === undefined ? {} : { part: file.part }),
        };
      }
    }
  },
});

async function* readSentences(file: SourceFile, column: number, tally: Tally): AsyncGenerator<Sentence> {
  let document: string | undefined;
  let open: Sentence | undefined;
  for await (const { text: line, number } of readLines(file.path)) {
    if (line.trim() === '') {
      if (open !== undefined && open.words.length > 0) yield open;
      open = undefined;
      continue;
    }
    const newDocument = /^# newdoc id = (.+)$/.exec(line)?.[1];
    if (newDocument !== undefined) document = newDocument;
    open ??= { line: number, document, text: undefined, words: [] };
    open.document = document;
    open.text ??= /^# text = (.+)$/.exec(line)?.[1];
    if (line.startsWith('#')) continue;
    const fields = line.split('\t');
    const [id = '', form = ''] = fields;
    const tag = fields[column];
    if (fields.length !== 10 || tag === undefined) {
      throw new FieldcraftError('FC_FILE_FORMAT', {
        what: 'a line of a CoNLL-U file has another number of columns',
        where: `${file.name}:${number}`,
        expected: '10 columns separated by tabs',
        got: `${fields.length}`,
      });
    }
    // 19-20 is a stretch of words that are listed apart, 8.1 a word that nobody wrote.
    if (/^\d+$/.test(id)) open.words.push({ form, tag });
    else count(tally, id.includes('-') ? 'tokens of several words (their words are read)' : 'empty nodes (left out)');
  }
  if (open !== undefined && open.words.length > 0) yield open;
}

/** The words where they stand in the sentence as it was written; with blanks between them where they do not stand there. */
function placeWords({ text, words }: Sentence, tally: Tally): { text: string; spans: [number, number][] } {
  const written = text ?? '';
  const spans: [number, number][] = [];
  let at = 0;
  for (const { form } of words) {
    while (/\s/.test(written[at] ?? '')) at++;
    if (!written.startsWith(form, at)) break;
    spans.push([at, at + form.length]);
    at += form.length;
  }
  if (spans.length === words.length) return { text: written, spans };
  count(tally, 'sentences whose words are not the written ones (joined with blanks)');
  let from = 0;
  const joined = words.map(({ form }): [number, number] => {
    const span: [number, number] = [from, from + form.length];
    from = span[1] + 1;
    return span;
  });
  return { text: words.map(({ form }) => form).join(' '), spans: joined };
}
