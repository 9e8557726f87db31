/** Cause and effect of a passage, a pair a row, separated by a semicolon and a blank without any quoting (FinCausal 2020, task 2). */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import type { EntitySpan } from '../examples.js';
import { checkTextSize, readLines } from '../text-file.js';
import { offsetReader } from './offsets.js';
import { count, defineReader, type SourceFile } from './reader.js';

/** The pairs of one passage, which is one example: several pairs are several rows. */
interface Passage {
  where: string;
  text: string;
  entities: EntitySpan[];
  /** The article that it was cut from; their numbers begin anew in every file. */
  group: string;
}

export const causeEffectRows = defineReader({
  options: z.strictObject({}),
  async *read({ files, tally }) {
    for (const file of files) {
      const passages = new Map<string, Passage>();
      let header: string[] | undefined;
      for await (const { text: line, number } of readLines(file.path)) {
        if (header === undefined) {
          header = line.split('; ').map((name) => name.trim());
          continue;
        }
        if (line.trim() === '') continue;
        const where = `${file.name}:${number}`;
        const { article, text, spans } = readRow(line, header, where);
        const passage = passages.get(text);
        if (passage === undefined)
          passages.set(text, { where, text, entities: spans, group: `${file.name}#${article}` });
        else {
          count(tally, 'further cause-effect pairs of a passage (its spans are joined to those of the first)');
          const known = (one: EntitySpan) =>
            passage.entities.some((e) => e.start === one.start && e.end === one.end && e.label === one.label);
          passage.entities.push(...spans.filter((span) => !known(span)));
        }
      }
      for (const passage of passages.values()) yield { ...passage, ...partOf(file) };
    }
  },
});

const partOf = ({ part }: SourceFile) => (part === undefined ? {} : { part });

interface Pair {
  article: string;
  text: string;
  spans: EntitySpan[];
}

function readRow(line: string, header: readonly string[], where: string): Pair {
  const fields = line.split('; ');
  const cells = new Map(header.map((name, i) => [name, fields[i] ?? '']));
  const cell = (name: string) => cells.get(name)?.trim() ?? '';
  // Nothing is quoted: a semicolon inside the text would shift every column after it.
  if (fields.length !== header.length) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a row has another number of fields than the header',
      where,
      expected: `${header.length}`,
      got: `${fields.length}`,
    });
  }
  const text = cell('Text');
  checkTextSize(text, where);
  const at = offsetReader(text, 'code-points');
  const spans = ['Cause', 'Effect'].map((label) => {
    const [start, end] = [at(Number(cell(`${label}_Start`))), at(Number(cell(`${label}_End`)))];
    if (text.slice(start, end).trim() === cell(label).trim() && start < end)
      return { ...trimmed(text, start, end), label };
    throw new FieldcraftError('FC_DATA', {
      what: `a ${label.toLowerCase()} does not stand where it says`,
      where,
      expected: JSON.stringify(cell(label).slice(0, 100)),
      got: JSON.stringify(text.slice(start, end).slice(0, 100)),
    });
  });
  // 0008.00002.1 is the first pair of the second passage of article 8.
  return { article: cell('Index').split('.')[0] ?? '', text, spans };
}

/** A span without blanks at its ends. */
function trimmed(text: string, start: number, end: number): { start: number; end: number } {
  const span = text.slice(start, end);
  return { start: start + span.length - span.trimStart().length, end: end - (span.length - span.trimEnd().length) };
}
