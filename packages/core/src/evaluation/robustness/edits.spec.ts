/** Edited texts: what was not touched stays, and spans go on meaning the same characters. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyEdits, crosses, moveWords, overlaps, type Edit } from './edits.js';
import { wordsIn, wordsOf } from './words.js';

const words = fc.array(fc.constantFrom('Müller', 'the', '😀', 'naïve', "don't", '甲乙', 'A', 'e\u0301te'), {
  minLength: 1,
  maxLength: 12,
});

/** Some of the words of a text exchanged for something else. */
const cases = words.chain((own) => {
  const text = own.join(' ');
  const found = wordsOf(text);
  const put = fc.constantFrom('', 'x', 'zwei Wörter', '😀😀');
  return fc
    .tuple(
      ...found.map(({ start, end }) =>
        fc.option(
          put.map((one): Edit => ({ start, end, put: one })),
          { nil: undefined },
        ),
      ),
    )
    .map((edits) => ({ text, found, edits: edits.filter((edit) => edit !== undefined) }));
});

describe('edits', () => {
  test('what was not touched stands where the edited text says, what was put too', () => {
    fc.assert(
      fc.property(cases, ({ text, found, edits }) => {
        const edited = applyEdits(text, edits.toReversed());
        for (const { put, now } of edited.changes) expect(edited.text.slice(now.start, now.end)).toBe(put);
        for (const word of found) {
          const touched = edits.find((edit) => overlaps(edit, word));
          const { start, end } = edited.move(word);
          expect(edited.text.slice(start, end)).toBe(touched?.put ?? word.text);
        }
        expect(edited.move({ start: 0, end: text.length })).toEqual({ start: 0, end: edited.text.length });
      }),
    );
  });

  test('no edit, no change', () => {
    expect(applyEdits('as it is', [])).toMatchObject({ text: 'as it is', changes: [] });
  });

  test('an edit inside a span stretches it; one that crosses its edge is told', () => {
    const span = { start: 4, end: 9, label: 'party' };
    expect(applyEdits('The Acme X sells', [{ start: 5, end: 6, put: 'ck' }]).move(span)).toEqual({ ...span, end: 10 });
    expect([crosses({ start: 5, end: 6 }, span), crosses({ start: 0, end: 5 }, span), crosses(span, span)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(crosses({ start: 8, end: 10 }, span)).toBe(true);
    expect(crosses({ start: 9, end: 10 }, span)).toBe(false);
  });
});

test('published words go on where a part of them changes, and give way where they are gone over', () => {
  const text = 'Acme-Inc. signed it today';
  const published = Array.from(text.matchAll(/\S+/g), ({ 0: word, index }) => [index, index + word.length] as const);
  const edited = applyEdits(text, [
    { start: 0, end: 4, put: 'Beta😀' },
    { start: 10, end: 19, put: 'has put its name to it' },
    { start: 19, end: 25, put: '' },
  ]);
  const words = moveWords(published, edited).map(([start, end]) => edited.text.slice(start, end));
  expect(words).toEqual(['Beta😀-Inc.', 'has', 'put', 'its', 'name', 'to', 'it']);
});

describe('words', () => {
  test('are letters and digits with what belongs to them', () => {
    expect(wordsOf("Müller's e\u0301te: don’t pay €5.50 — 甲乙!").map(({ text }) => text)).toEqual([
      "Müller's",
      'e\u0301te',
      'don’t',
      'pay',
      '5',
      '50',
      '甲乙',
    ]);
  });

  test('those that a stretch touches are found', () => {
    fc.assert(
      fc.property(words, fc.nat(60), fc.nat(30), (own, start, length) => {
        const found = wordsOf(own.join(' '));
        const stretch = { start, end: start + length };
        expect(wordsIn(found, stretch)).toEqual(found.filter((word) => overlaps(word, stretch)));
      }),
    );
  });
});
