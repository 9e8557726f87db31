/** A JSON list of texts whose annotations quote the words they mark, so that offsets that slipped can be put right (FinEntity). */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize } from '../text-file.js';
import { readJsonList } from './label-studio.js';
import { offsetReader } from './offsets.js';
import { count, defineReader, type Tally } from './reader.js';
import { shown } from './records.js';
import type { EntitySpan } from '../examples.js';

const annotation = z.object({ start: z.int(), end: z.int(), value: z.string(), label: z.string() });

export const quotedSpans = defineReader({
  options: z.strictObject({
    text: z.string().default('content').describe('name of the text'),
    annotations: z.string().default('annotations').describe('name of the list of {start, end, value, label}'),
  }),
  async *read({ files, options, tally }) {
    const item = z.object({ [options.text]: z.string(), [options.annotations]: z.array(annotation) });
    for (const file of files) {
      for (const [i, value] of readJsonList(file.path, file.name).entries()) {
        const where = `${file.name}:item ${i + 1}`;
        const parsed = item.safeParse(value);
        const text = parsed.data?.[options.text];
        const annotations = parsed.data?.[options.annotations];
        if (typeof text !== 'string' || !Array.isArray(annotations)) {
          throw new FieldcraftError('FC_DATA', {
            what: 'an item is not a text with annotations',
            where,
            expected: `{"${options.text}": "...", "${options.annotations}": [{start, end, value, label}]}`,
            got: shown(value),
          });
        }
        checkTextSize(text, where);
        const entities = annotations.flatMap((one) => placeQuote(text, one, tally) ?? []);
        yield { where, text, entities, ...(file.part === undefined ? {} : { part: file.part }) };
      }
    }
  },
});

/** The annotation where its words stand: at its offsets, else at the nearest place that has them. Undefined where none does. */
function placeQuote(text: string, quoted: z.output<typeof annotation>, tally: Tally): EntitySpan | undefined {
  const at = offsetReader(text, 'code-points');
  const { label } = quoted;
  const value = quoted.value.trim();
  const start = at(quoted.start);
  if (value !== '' && text.slice(start, at(quoted.end)) === value) return { start, end: start + value.length, label };
  const places: number[] = [];
  if (value !== '') {
    for (let place = text.indexOf(value); place >= 0; place = text.indexOf(value, place + 1)) places.push(place);
  }
  const [first] = places;
  if (first === undefined) {
    count(tally, 'entities whose words are not in the text (left out)');
    return undefined;
  }
  count(tally, 'entities whose offsets do not stand at their words (put there)');
  const distance = (place: number) => Math.abs(place - (Number.isNaN(start) ? 0 : start));
  const nearest = places.reduce((best, place) => (distance(place) < distance(best) ? place : best), first);
  return { start: nearest, end: nearest + value.length, label };
}
