import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { excerpt } from './excerpt.js';
import { chooseMistakes, labelsOfMistake, type Mistake } from './mistakes.js';

const words = fc.array(fc.constantFrom('the', 'a', 'lessee', '𝒜𝓁𝓅', 'shall\n', 'x'.repeat(90), 'né'), {
  minLength: 1,
  maxLength: 900,
});

describe('an excerpt', () => {
  const spansOf = (text: string) =>
    fc.array(
      fc
        .tuple(fc.nat(text.length - 1), fc.integer({ min: 1, max: 200 }), fc.constantFrom('A', 'B'))
        .map(([start, length, label]) => ({ start, end: Math.min(text.length, start + length), label })),
      { maxLength: 8 },
    );

  test('keeps every span that it shows on the same words, and is never long', () => {
    const drawn = words.chain((list) => {
      const text = list.join(' ');
      return fc.tuple(fc.constant(text), spansOf(text), spansOf(text));
    });
    fc.assert(
      fc.property(drawn, ([text, goldEntities, predictedEntities]) => {
        const shown = excerpt({ id: '1', text, gold: [], predicted: [], goldEntities, predictedEntities });
        expect(shown.text.length).toBeLessThanOrEqual(1604);
        if (text.length <= 800) expect(shown).toMatchObject({ text, goldEntities, predictedEntities });
        const said = (of: string, spans: Mistake['goldEntities'] = []) =>
          spans.map(({ start, end, label }) => `${label} ${of.slice(start, end)}`);
        expect(said(text, goldEntities)).toEqual(expect.arrayContaining(said(shown.text, shown.goldEntities)));
        const found = said(text, predictedEntities);
        expect(found).toEqual(expect.arrayContaining(said(shown.text, shown.predictedEntities)));
      }),
    );
  });

  test('shows the first thing that is wrong, however far behind', () => {
    const text = `${'right and clear. '.repeat(200)}The Supplier owes nothing. ${'More of it. '.repeat(200)}`;
    const at = { start: text.indexOf('Supplier'), end: text.indexOf('Supplier') + 8, label: 'party' };
    const agreed = { start: 0, end: 5, label: 'party' };
    const shown = excerpt({
      ...{ id: '1', text, gold: [], predicted: [] },
      goldEntities: [agreed, at],
      predictedEntities: [agreed],
    });
    expect(shown.text).toMatch(/^… .* …$/s);
    expect(shown.goldEntities?.map(({ start, end }) => shown.text.slice(start, end))).toEqual(['Supplier']);
    expect(shown.predictedEntities).toEqual([]);
  });

  test('shows the evidence of a pair with its surroundings, in whichever text it is', () => {
    const second = `${'word '.repeat(900)}Here it stands. ${'word '.repeat(900)}`;
    const start = second.indexOf('Here');
    // From within a word on: a passage begins and ends between tokens.
    const evidence = { of: 'second' as const, start: start + 2, end: start + 13 };
    const shown = excerpt({ id: '1', text: 'It stands here.', second, gold: ['a'], predicted: ['b'], evidence });
    expect(shown.second?.slice(shown.evidence?.start, shown.evidence?.end)).toBe('Here it stands.');
    expect(shown.text).toBe('It stands here.');
    expect(shown.second?.length).toBeLessThan(700);
  });
});

test('the worst are shown, and of each label that is not among them its worst', () => {
  const mistakes = [...'aaaabcab'].map((label, i): Mistake => ({
    id: String(i),
    text: '',
    gold: [label],
    predicted: [label === 'c' ? 'd' : 'a'],
  }));
  const chosen = (worst: number, most: number) =>
    chooseMistakes(mistakes, ['a', 'b', 'c', 'd'], { worst, most }).map(({ id }) => id);
  expect(chosen(2, 9)).toEqual(['0', '1', '4', '5']);
  expect(chosen(2, 3)).toEqual(['0', '1', '4']);
  expect(chosen(9, 9)).toHaveLength(8);
});

test('the labels of a mistake are those of its names, its spans, and those that it names itself', () => {
  const span = { start: 0, end: 1, label: 'b' };
  const mistake = { text: 'x', gold: ['a', 'other'], predicted: [], goldEntities: [span], labels: ['c'] };
  expect(labelsOfMistake(mistake, ['c', 'b', 'a', 'd'])).toEqual(['c', 'b', 'a']);
});
