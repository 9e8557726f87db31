/** What each recipe makes of texts: real lines, and properties that hold for any. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadWordNet } from '../../text/index.js';
import { random } from '../../foundation/index.js';
import { deepWordBug, textBugger } from './character-moves.js';
import { constraintNames, constraintSets, mostChanged, permits } from './constraints.js';
import { applyEdits, type Edit } from './edits.js';
import { entityNames, entitySwapEdits } from './entity-swaps.js';
import { createRecipes, type AttackedText, type RecipeName } from './recipes.js';
import { casingEdits, contractionEdits, rewordingEdits, rewordingSchema } from './rewordings.js';
import { homoglyphs, misspellings, scanned } from './spelling.js';
import { readWord, synonymEdits, synonymsOf } from './synonyms.js';
import { isStopWord, wordsOf } from './words.js';

const wordnet = loadWordNet();
/** In the order of their letters: enough to rank by. */
const rank = (_: string, others: readonly string[]) => Promise.resolve([...others].sort());
const names = new Map([
  ['party', ['Acme Inc.', 'Müller & Söhne GmbH', 'Zeta 😀 Ltd']],
  ['date', ['5 May 2021']],
]);
const attackedText = (text: string, entities: AttackedText['entities'] = []): AttackedText => ({
  ...{ id: 'one', text, entities },
  words: wordsOf(text),
});
const applied = (text: string, edits: readonly Edit[]): string[] => edits.map((edit) => applyEdits(text, [edit]).text);

/** No half of a surrogate pair stands alone: it would be written as another character. */
const isWhole = (text: string): boolean => Buffer.from(text).toString() === text;

const word = fc.oneof(
  fc.constantFrom(
    'terminate',
    'Agreement',
    'naïve',
    'LIABILITY',
    'Straße',
    'e\u0301te\u0301s',
    'слово',
    '甲乙丙',
    'a',
    'ab',
    'successfully',
    'receive',
  ),
  fc.string({ unit: fc.constantFrom(...'abcdeilmnorstuwyABIOS'), minLength: 1, maxLength: 12 }),
);

describe('moves on letters', () => {
  const moves = { deepWordBug, textBugger, misspellings, scanned, homoglyphs };

  test.each(Object.entries(moves))(
    '%s never gives the word itself, breaks no character, and is the same for a draw',
    (_, move) => {
      fc.assert(
        fc.property(word, fc.nat(), (own, seed) => {
          const made = move(own, random(seed, 'spec'));
          for (const put of made) {
            expect(put).not.toBe(own);
            expect(isWhole(put)).toBe(true);
            expect(put.length).toBeGreaterThan(0);
            expect([...put][0]?.toLowerCase() === [...own][0]?.toLowerCase() || move === homoglyphs).toBe(true);
          }
          expect(move(own, random(seed, 'spec'))).toEqual(made);
        }),
      );
    },
  );

  test('DeepWordBug swaps, substitutes, deletes and inserts one letter', () => {
    for (let seed = 0; seed < 50; seed++) {
      const made = deepWordBug('terminate', random(seed, 'spec'));
      expect(made.map((put) => put.length)).toEqual([9, 9, 8, 10]);
      expect([...made[0]!].sort()).toEqual([...'terminate'].sort());
    }
  });

  test('TextBugger splits short words only', () => {
    expect(textBugger('fees', random(1, 'spec')).some((put) => put.includes(' '))).toBe(true);
    expect(textBugger('terminate', random(1, 'spec')).some((put) => put.includes(' '))).toBe(false);
  });

  test.each([
    ['receive', 'recieve'],
    ['Accommodation', 'Acommodation'],
    ['responsible', 'responsable'],
    ['occurrence', 'ocurrence'],
    ['JUDGEMENT', 'JUDGMENT'],
    ['separately', 'separatly'],
  ])('%s is misspelt %s', (right, wrong) => {
    expect(misspellings(right, random(1, 'spec'))).toContain(wrong);
  });

  test('a scanner takes rn for m, and twins look the same and are not', () => {
    const seen = new Set(Array.from({ length: 40 }, (_, seed) => scanned('govern', random(seed, 'spec'))).flat());
    expect(seen).toContain('govem');
    const made = homoglyphs('Company', random(1, 'spec'));
    expect(made.at(-1)).toBe('Соmраnу');
    expect(made.at(-1)).not.toBe('Company');
  });
});

describe('synonyms', () => {
  const of = (own: string, before = '') => synonymsOf(own, before, wordnet);
  const put = (text: string, at: number) => applied(text, synonymEdits(wordsOf(text), at, of(wordsOf(text)[at]!.text)));

  test('have the form and the case of the word', () => {
    expect(of('terminated')[0]).toBe('ended');
    expect(put('Automobile dealers', 0)).toContain('Car dealers');
    expect(put('QUICKLY done', 0)).toContain('RAPIDLY done');
    expect(of('companies')).not.toContain('company');
  });

  test('are of the part of speech that the word has in its place', () => {
    expect(readWord('agreements', 'the', wordnet)?.reading).toEqual({
      lemma: 'agreement',
      partOfSpeech: 'noun',
      form: 's',
    });
    expect(readWord('file', 'will', wordnet)?.reading.partOfSpeech).toBe('verb');
    expect(readWord('file', 'the', wordnet)?.reading.partOfSpeech).toBe('noun');
    // Noun or verb: WordNet's own texts do not say.
    expect(readWord('notice', '', wordnet)).toBeUndefined();
  });

  test.each(['not', 'the', "don't", 'Xylqrz', '2021', 'went', 'x'])('%s has none', (own) =>
    expect(of(own)).toEqual([]),
  );

  test('take the article with them', () => {
    expect(put('It is an automobile.', 3)).toContain('It is a car.');
    expect(put('A car', 1)).toContain('An automobile');
  });

  test('are tried in the order that they are ranked in', async () => {
    const [recipe] = createRecipes({ seed: 1, rank, wordnet }).filter(({ name }) => name === 'synonyms');
    const edits = await recipe!.edits(attackedText('A car.'));
    expect(edits.map((edit) => edit.put).slice(0, 2)).toEqual(['An auto', 'An automobile']);
    expect(edits.every(({ kind }) => kind === 'words')).toBe(true);
  });
});

describe('rewordings', () => {
  test.each([
    ['We do not pay.', "We don't pay."],
    ["It CAN'T be.", 'It CANNOT be.'],
    ['You can’t.', 'You cannot.'],
    ['They will leave', "They'll leave"],
    ["I'm here", 'I am here'],
  ])('%s is %s', (text, becomes) => {
    expect(applied(text, contractionEdits(text))).toContain(becomes);
  });

  test('what is short for two things stays', () => {
    expect(contractionEdits("It's the supplier's; that's gone")).toEqual([]);
  });

  test('words are written large and small', () => {
    expect(applied('Ässa pays', casingEdits('Ässa pays'))).toEqual([
      'ÄSSA pays',
      'ässa pays',
      'Ässa PAYS',
      'Ässa Pays',
    ]);
  });

  test('of a field are patterns with what may stand there', () => {
    const dates = rewordingSchema.parse({
      name: 'dates',
      find: /\b(\d{1,2}) (May|June) (\d{4})\b/.source,
      put: ['$2 $1, $3', '$1 $2 $3'],
    });
    expect(applied('On 5 May 2021 and 6 June 2022', rewordingEdits('On 5 May 2021 and 6 June 2022', dates))).toEqual([
      'On May 5, 2021 and 6 June 2022',
      'On 5 May 2021 and June 6, 2022',
    ]);
    expect(rewordingSchema.safeParse({ name: 'bad', find: '(a+)+', put: ['b'] }).success).toBe(false);
  });
});

describe('entity swaps', () => {
  const text = 'Acme Inc. signed on 5 May 2021 for Beta 😀.';
  const entities = [
    { start: 0, end: 9, label: 'party' },
    { start: 20, end: 30, label: 'date' },
    { start: 35, end: 42, label: 'party' },
  ];

  test('put names of the same label, and labels and spans stay valid', () => {
    const edits = entitySwapEdits({ text, entities }, names, { seed: 3, count: 5 });
    expect(edits.length).toBeGreaterThan(2);
    for (const edit of edits) {
      const edited = applyEdits(text, [edit]);
      for (const entity of entities) {
        const { start, end } = edited.move(entity);
        const expected = entity.start === edit.start ? edit.put : text.slice(entity.start, entity.end);
        expect(edited.text.slice(start, end)).toBe(expected);
      }
      const label = entities.find(({ start }) => start === edit.start)?.label ?? '';
      expect(names.get(label)).toContain(edit.put);
    }
  });

  test('names are those of training, each once', () => {
    expect(
      entityNames([
        { text, entities },
        { text, entities },
      ]),
    ).toEqual(
      new Map([
        ['party', ['Acme Inc.', 'Beta 😀']],
        ['date', ['5 May 2021']],
      ]),
    );
  });
});

describe('recipes and constraints', () => {
  const recipes = createRecipes({
    seed: 7,
    rank,
    wordnet,
    names,
    rewordings: [{ name: 'pay', find: 'pay', put: ['hand over'] }],
  });
  const sentence = fc
    .array(
      fc.constantFrom(
        'terminate',
        'the',
        'agreement',
        'not',
        '2021',
        'Acme',
        'Inc',
        'liable',
        '😀',
        'naïve',
        "don't",
        'pay',
        'fees',
        'successfully',
      ),
      { minLength: 3, maxLength: 14 },
    )
    .map((own) => own.join(' '));

  test.each(recipes.map(({ name }): [RecipeName] => [name]))(
    '%s: edits lie in the text, and those allowed keep entities whole',
    async (name) => {
      const recipe = recipes.find((one) => one.name === name)!;
      await fc.assert(
        fc.asyncProperty(sentence, async (text) => {
          const words = wordsOf(text);
          const entities = words
            .filter((own) => /^(Acme|naïve)$/.test(own.text))
            .map(({ start, end }) => ({ start, end, label: 'party' }));
          const attacked = { id: 'x', text, words, entities };
          const edits = await recipe.edits(attacked);
          expect(await recipe.edits(attacked)).toEqual(edits);
          for (const set of constraintNames) {
            for (const edit of edits.filter((one) => permits(one, attacked, constraintSets[set]))) {
              expect(edit.start).toBeLessThan(edit.end);
              expect(edit.put).not.toBe(text.slice(edit.start, edit.end));
              const edited = applyEdits(text, [edit]);
              expect(isWhole(edited.text)).toBe(true);
              const before = entities.map(({ start, end }) => text.slice(start, end));
              const after = entities.map(edited.move).map(({ start, end }) => edited.text.slice(start, end));
              if (edit.kind === 'words') expect(after).toEqual(before);
              if (edit.kind === 'letters') expect(isStopWord(text.slice(edit.start, edit.end))).toBe(false);
              expect(after.every((own) => own !== '')).toBe(true);
            }
          }
        }),
        { numRuns: 15 },
      );
    },
  );

  test('strict constraints allow less than loose ones', async () => {
    const text = 'fees terminate successfully';
    const attacked = attackedText(text);
    const edits = await recipes[0]!.edits(attacked);
    const allowed = constraintNames.map(
      (set) => edits.filter((edit) => permits(edit, attacked, constraintSets[set])).length,
    );
    expect(allowed[0]).toBeGreaterThan(allowed[1]!);
    expect([mostChanged(20, 'words', constraintSets.loose), mostChanged(20, 'words', constraintSets.strict)]).toEqual([
      6, 2,
    ]);
    expect([
      mostChanged(3, 'letters', constraintSets.strict),
      mostChanged(3, 'rewording', constraintSets.strict),
    ]).toEqual([1, Infinity]);
  });
});
