/** With the mirror: a card lists a published figure only where the dataset's SOURCE.json says that it was read. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { findDataCard, listDataCards } from './data-card.js';
import { cards, mirror, sourceOf } from './spec-mirror.js';

const sourceSchema = z.looseObject({
  best_published: z.array(z.unknown()).optional(),
  published: z.array(z.unknown()).optional(),
});

/** What a SOURCE.json says of each figure, as text. */
function claimsOf(card: string): string[] {
  const { best_published: best = [], published = [] } = sourceSchema.parse(sourceOf(card));
  return [...best, ...published].map((claim) => JSON.stringify(claim));
}

/** A number as it stands in a text: 83.1 is not in 83.15, nor 90 in 90.01, and 84.0 may be written 84. */
const numberIn = (text: string, value: number): boolean => {
  const digits = String(value).replace('.', '\\.');
  return new RegExp(`(?<![\\d.])${digits}${Number.isInteger(value) ? '(?:\\.0+)?' : '0*'}(?!\\d|\\.\\d)`).test(text);
};

/** Of one claim that is quoted from memory, the figure that was read stands in its remark. */
const readBeside = (claim: string, value: number): boolean =>
  numberIn(/a stored results page lists ([^"(]*)/.exec(claim)?.[1] ?? '', value);

const fromMemory = (claim: string): boolean => /from memory|not known|not read here|none for/.test(claim);

const described = mirror === undefined ? describe.skip : describe;
described('published figures (needs FIELDCRAFT_MIRROR)', () => {
  const ours = listDataCards(cards).map((name) => findDataCard(name, cards));
  const listed = ours.filter(({ published }) => published.length > 0);

  test.each(listed.map(({ name }) => name))('%s lists what was read', (name) => {
    const claims = claimsOf(name);
    for (const { value } of findDataCard(name, cards).published) {
      const found = claims.filter((claim) => (fromMemory(claim) ? readBeside(claim, value) : numberIn(claim, value)));
      expect([value, found.length > 0]).toEqual([value, true]);
    }
  });

  test('what was read is listed', () => {
    const folders = new Set(listed.map(({ folder }) => folder));
    const missing = ours
      .filter(({ source }) => !source.startsWith('file:'))
      .filter(({ name, folder }) => !folders.has(folder) && claimsOf(name).some((claim) => !fromMemory(claim)));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  test('numbers are told from their neighbours, and memory from reading', () => {
    expect([numberIn('"value": 90.01,', 90.01), numberIn('90.012', 90.01), numberIn('190.01', 90.01)]).toEqual([
      ...[true, false, false],
    ]);
    expect([numberIn('84.0', 84), numberIn('84.5', 84), numberIn('7,84. End', 84)]).toEqual([true, false, true]);
    const claim = '{"value":85.49,"confidence":"85.49 from memory; a stored results page lists 86.32 for SciBERT"}';
    expect([readBeside(claim, 86.32), readBeside(claim, 85.49), fromMemory(claim)]).toEqual([true, false, true]);
  });
});
