/** Changed examples keep their truth: labels as they were, spans on the same entities or on others of their label. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EntityExample } from '../data/index.js';
import { random } from '../foundation/index.js';
import { loadWordNet } from '../text/index.js';
import { augmentations, augmentExample, canAugment } from './augmentation.js';

const wordnet = loadWordNet();
const names = new Map([
  ['party', ['Acme Inc.', 'Zeta 😀 Ltd', 'Müller & Söhne']],
  ['date', ['5 May 2021', '2019']],
]);
const options = { rate: 0.3, wordnet, names };

/** Words and entities in a row, and where the entities are. */
const example = fc
  .array(
    fc.oneof(
      fc.constantFrom('terminate', 'the', 'agreement', 'not', 'quickly', '😀', 'company', 'naïve', 'pay'),
      fc.constantFrom('Beta GmbH', 'Acme Inc.').map((text) => ({ text, label: 'party' })),
      fc.constantFrom('1 June 2020', '2019').map((text) => ({ text, label: 'date' })),
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((parts): EntityExample => {
    let text = '';
    const entities: EntityExample['entities'] = [];
    const words: NonNullable<EntityExample['words']> = [];
    for (const part of parts) {
      const start = text === '' ? 0 : text.length + 1;
      text += `${text === '' ? '' : ' '}${typeof part === 'string' ? part : part.text}`;
      if (typeof part !== 'string') entities.push({ start, end: text.length, label: part.label });
    }
    for (const { 0: word, index } of text.matchAll(/\S+/g)) words.push([index, index + word.length]);
    return { id: 'x', text, entities, words };
  });

const spellings = ({ text, entities }: EntityExample) =>
  entities.map(({ start, end, label }) => ({ name: text.slice(start, end), label }));

describe('changed examples', () => {
  test.each(augmentations.map((way) => [way]))('%s keep spans and labels valid', (way) => {
    fc.assert(
      fc.property(example, fc.nat(), (before, seed) => {
        const draw = () => random(seed, 'spec');
        const after = augmentExample(before, { ...options, ways: [way], draw: draw() });
        expect(augmentExample(before, { ...options, ways: [way], draw: draw() })).toEqual(after);
        if (after === undefined) return;
        expect(after.text).not.toBe(before.text);
        expect(after.text.trim()).not.toBe('');
        expect(Buffer.from(after.text).toString()).toBe(after.text);
        const [old, now] = [spellings(before), spellings(after)];
        expect(now.map(({ label }) => label)).toEqual(old.map(({ label }) => label));
        for (const [i, { name, label }] of now.entries()) {
          if (way === 'swaps') expect([old[i]?.name, ...(names.get(label) ?? [])]).toContain(name);
          else if (way !== 'letters') expect(name).toBe(old[i]?.name);
        }
        for (const [start, end] of after.words ?? []) expect(after.text.slice(start, end)).toMatch(/^\S+$/);
        const missing = (text: string) => text.split(' ').filter((word) => word === 'not' || word === 'the').length;
        expect(missing(after.text)).toBe(missing(before.text));
      }),
      { numRuns: 60 },
    );
  });

  test('of a pair it is the second text that changes', () => {
    const pair = { id: 'x', text: 'The car stopped.', second: 'An automobile quickly stopped there.', label: 'yes' };
    const made = augmentExample(pair, { ...options, ways: ['deletions'], draw: random(1, 'spec') });
    expect(made).toMatchObject({ id: 'x', text: pair.text, label: 'yes' });
    expect(made?.second).not.toBe(pair.second);
  });

  test('where one way finds nothing another is taken, and where none does there is no example', () => {
    const plain = { id: 'x', text: 'The agreement ends.', label: 'yes' };
    expect(augmentExample(plain, { ...options, ways: ['swaps'], draw: random(1, 'spec') })).toBeUndefined();
    expect(augmentExample(plain, { ...options, ways: ['swaps', 'deletions'], draw: random(1, 'spec') })).toBeDefined();
    expect(
      augmentExample({ ...plain, text: 'not' }, { ...options, ways: [...augmentations], draw: random(1, 'spec') }),
    ).toBeUndefined();
  });

  test('kinds whose truth is in single words or a number are left alone', () => {
    expect([canAugment('regression'), canAugment('span-selection'), canAugment('token-classification')]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
