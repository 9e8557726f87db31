/** brat standoff: a .txt beside an .ann of the same name; each text is one example and one document. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import type { EntitySpan } from '../examples.js';
import { checkTextSize, readLines, readTextFile } from '../text-file.js';
import { offsetReader } from './offsets.js';
import { count, defineReader, type SourceFile, type Tally } from './reader.js';

export const brat = defineReader({
  options: z.strictObject({
    /** Entities in several pieces: the stretch from the first to the last, or none at all. */
    discontinuous: z.enum(['cover', 'drop']).default('cover'),
  }),
  async *read({ files, options, tally }) {
    const texts = new Map(files.filter((f) => f.name.endsWith('.txt')).map((f) => [f.name.slice(0, -4), f]));
    for (const annotations of files.filter((f) => f.name.endsWith('.ann'))) {
      const name = annotations.name.slice(0, -4);
      const textFile = texts.get(name);
      if (textFile === undefined) {
        throw new FieldcraftError('FC_NOT_FOUND', {
          what: 'a brat annotation file has no text beside it',
          where: annotations.name,
          expected: `${name}.txt`,
        });
      }
      const text = readTextFile(textFile.path);
      checkTextSize(text, textFile.name);
      yield {
        where: `${annotations.name}:1`,
        id: name,
        text,
        group: name,
        entities: await readAnnotations(annotations, text, options.discontinuous, tally),
        ...(annotations.part === undefined ? {} : { part: annotations.part }),
      };
    }
  },
});

/** The T lines of an .ann file; relations, events, attributes and notes are not entities. Offsets count code points. */
async function readAnnotations(
  file: SourceFile,
  text: string,
  discontinuous: 'cover' | 'drop',
  tally: Tally,
): Promise<EntitySpan[]> {
  const at = offsetReader(text, 'code-points');
  const entities: EntitySpan[] = [];
  for await (const line of readLines(file.path)) {
    if (!line.text.startsWith('T')) continue;
    const where = `${file.name}:${line.number}`;
    const [, place = '', published] = line.text.split('\t');
    const match = /^(\S+) (\d+ \d+(?:;\d+ \d+)*)$/.exec(place);
    if (match === null) {
      throw new FieldcraftError('FC_FILE_FORMAT', {
        what: 'a line of a brat file is not an entity',
        where,
        expected: 'T<number> <tab> <label> <start> <end>[;<start> <end>...] <tab> <text>',
        got: JSON.stringify(line.text.slice(0, 100)),
      });
    }
    const [, label = '', ranges = ''] = match;
    const pieces = ranges.split(';').map((range) => range.split(' ').map((offset) => at(Number(offset))));
    if (pieces.length > 1) {
      count(
        tally,
        `entities in several pieces (${discontinuous === 'cover' ? 'read as the whole stretch' : 'left out'})`,
      );
      if (discontinuous === 'drop') continue;
    }
    const [start = NaN, end = NaN] = [pieces[0]?.[0], pieces.at(-1)?.[1]];
    const found = pieces.map(([from, to]) => text.slice(from, to)).join(' ');
    if (!(start < end) || (published !== undefined && spaced(published) !== spaced(found))) {
      throw new FieldcraftError('FC_DATA', {
        what: 'an entity does not stand where it says',
        where,
        expected: JSON.stringify(published),
        got: `${JSON.stringify(found.slice(0, 100))} at ${ranges} (the text has ${text.length} characters)`,
        fix: 'was the text changed after it was labelled, or its line endings?',
      });
    }
    entities.push({ start, end, label });
  }
  return entities;
}

/** brat writes line breaks inside an entity as spaces. */
function spaced(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
