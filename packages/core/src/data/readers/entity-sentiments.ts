/** A CSV of headlines with the sentiment towards each entity they name, as a Python-like dictionary (SEntFiN): one example an entity, marked in the text. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize } from '../text-file.js';
import { readRows } from './delimited.js';
import { count, defineReader, type Tally } from './reader.js';

/** Signs that stand around the entity that is asked about. */
const [open, close] = ['«', '»'];

export const entitySentiments = defineReader({
  options: z.strictObject({
    text: z.string().describe('column of the text'),
    decisions: z.string().describe("column of the dictionary, such as {'Acme': 'positive'}"),
    labels: z.array(z.string()).min(2).describe('the values that there are'),
    single: z.boolean().default(false).describe('only texts that name one entity, which is not marked'),
  }),
  async *read({ files, options, tally }) {
    // Keys hold unescaped apostrophes: a key ends where a value that is a label begins.
    const entry = new RegExp(`(['"])(.+?)\\1: '(${options.labels.join('|')})'(?=[,}])`, 'g');
    for (const file of files) {
      let header: string[] | undefined;
      for await (const { fields, line } of readRows(file, { delimiter: ',' })) {
        if (header === undefined) {
          header = fields;
          continue;
        }
        const where = `${file.name}:${line}`;
        const text = fields[header.indexOf(options.text)];
        const decisions = fields[header.indexOf(options.decisions)];
        const entries = [...(decisions ?? '').matchAll(entry)].map(([, , name = '', label = '']) => ({ name, label }));
        if (text === undefined || decisions === undefined || entries.length === 0) {
          throw new FieldcraftError('FC_DATA', {
            what: 'a row has no entity with its sentiment',
            where,
            expected: `{'entity': '${options.labels[0] ?? ''}', ...} in the column "${options.decisions}"`,
            got: decisions ?? `the columns ${header.join(', ')}`,
          });
        }
        checkTextSize(text, where);
        if (options.single && entries.length > 1) {
          count(tally, 'texts that name several entities (left out)');
          continue;
        }
        const names = entries.map(({ name }) => name);
        for (const [i, { name, label }] of entries.entries()) {
          yield {
            where,
            id: `${where}/${i + 1}`,
            text: options.single ? text : mark(text, name, names, tally),
            labels: [label],
            group: where,
            ...(file.part === undefined ? {} : { part: file.part }),
          };
        }
      }
    }
  },
});

/** The text with signs around the first whole mention of an entity that is not part of a longer one; an entity that the text does not name stands before it. */
function mark(text: string, name: string, names: readonly string[], tally: Tally): string {
  const longer = names.filter((other) => other.length > name.length && includesWord(other, name));
  const taken = longer.flatMap((other) => mentions(text, other));
  const free = mentions(text, name).find(([start, end]) => !taken.some(([from, to]) => from <= start && end <= to));
  const at = free ?? mentions(text, name)[0];
  if (at === undefined) {
    count(tally, 'entities that are not in their text (put before it)');
    return `${open} ${name} ${close} : ${text}`;
  }
  const [start, end] = at;
  return `${text.slice(0, start)}${open} ${text.slice(start, end)} ${close}${text.slice(end)}`;
}

const includesWord = (text: string, word: string): boolean => mentions(text, word).length > 0;

const wordSign = /[\p{L}\p{N}]/u;

/** Where a name stands in a text, letter case aside: as whole words where there is such a place. */
function mentions(text: string, name: string): [start: number, end: number][] {
  const [searched, wanted] = [text.toLowerCase(), name.trim().toLowerCase()];
  // Lower case is longer for a few letters: their places would be wrong.
  const [haystack, needle] = searched.length === text.length ? [searched, wanted] : [text, name.trim()];
  const places: [number, number][] = [];
  for (let at = haystack.indexOf(needle); at >= 0 && needle !== ''; at = haystack.indexOf(needle, at + 1)) {
    places.push([at, at + needle.length]);
  }
  const whole = places.filter(([from, to]) => !wordSign.test(text[from - 1] ?? '') && !wordSign.test(text[to] ?? ''));
  return whole.length > 0 ? whole : places;
}
