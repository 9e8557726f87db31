/** A folder a part with three files, line by line alike: words, their tags, and one label a line (SNIPS and ATIS as laid out for SlotGated-SLU). */
import { dirname } from 'node:path/posix';
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize, readTextFile } from '../text-file.js';
import { defineReader, type RawExample, type SourceFile } from './reader.js';
import { readPart } from './records.js';
import { decodeTags, joinWords, wordSpansToText } from './tags.js';

export const parallelLines = defineReader({
  options: z.strictObject({
    words: z.string().default('seq.in'),
    tags: z.string().default('seq.out').describe('file of the tags (IOB2)'),
    labels: z.string().default('label').describe('file of the labels of the whole line'),
    labelSeparator: z.string().min(1).optional().describe('what stands between several labels of a line'),
  }),
  async *read({ files, kind, options, tally }) {
    const byName = new Map(files.map((file) => [file.name, file]));
    for (const file of files.filter(({ name }) => name.endsWith(`/${options.words}`))) {
      const folder = dirname(file.name);
      const lines = linesOf(file);
      const linesBeside = (name: string) => {
        const found = linesOf(beside(byName, `${folder}/${name}`));
        if (lines.length !== found.length) throw unequal(file.name, 'lines', lines.length, found.length);
        return found;
      };
      const tagged = kind === 'token-classification' || kind === 'slot-filling' ? linesBeside(options.tags) : undefined;
      const labelled = kind === 'token-classification' ? undefined : linesBeside(options.labels);
      for (const [i, line] of lines.entries()) {
        const where = `${file.name}:${i + 1}`;
        const tokens = wordsOf(line);
        const { text, words } = joinWords(tokens);
        checkTextSize(text, where);
        const raw: RawExample = { where, text, part: file.part ?? readPart(folder, 'folder', where) };
        if (tagged !== undefined) {
          const tags = wordsOf(tagged[i] ?? '');
          if (tags.length !== tokens.length) throw unequal(where, 'words', tokens.length, tags.length);
          Object.assign(raw, { words, entities: wordSpansToText(decodeTags(tags, 'iob2', tally), words) });
        }
        if (labelled !== undefined) {
          const { labelSeparator } = options;
          const label = (labelled[i] ?? '').trim();
          raw.labels = labelSeparator === undefined ? [label] : label.split(labelSeparator);
        }
        yield raw;
      }
    }
  },
});

/** Blanks at the ends of a line, or two in a row, stand for no word. */
const wordsOf = (line: string): string[] => line.split(' ').filter((word) => word !== '');

function linesOf(file: SourceFile): string[] {
  const lines = readTextFile(file.path).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function beside(files: ReadonlyMap<string, SourceFile>, name: string): SourceFile {
  const file = files.get(name);
  if (file !== undefined) return file;
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'a file that the reader needs is not in the dataset',
    where: name,
  });
}

function unequal(where: string, what: string, expected: number, got: number): FieldcraftError {
  return new FieldcraftError('FC_FILE_FORMAT', {
    what: `parallel files have different numbers of ${what}`,
    where,
    expected: `${expected}`,
    got: `${got}`,
  });
}
