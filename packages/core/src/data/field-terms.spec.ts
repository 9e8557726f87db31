/** Field terms: the words of a field, with the figures of the formula worked out by hand. */
import { expect, test } from '@jest/globals';
import { findFieldTerms } from './field-terms.js';

const textOf = (...paragraphs: string[]) => ({ documents: [{ id: '0', paragraphs }] });

test('words of the field come first, those of all text are none', () => {
  const contract = textOf('The lessee shall pay the rent to the lessor. '.repeat(40), 'Page 12 of 1997. '.repeat(40));
  const novel = textOf('The old man went to the sea and said nothing of it. '.repeat(80));
  const terms = findFieldTerms(contract, novel);
  expect(terms.map(({ word }) => word).sort()).toEqual(['lessee', 'lessor', 'page', 'pay', 'rent', 'shall']);
  expect(findFieldTerms(contract, novel, { limit: 2 })).toEqual(terms.slice(0, 2));
  expect(findFieldTerms(contract, novel, { leastCount: 41 })).toEqual([]);
  expect(findFieldTerms(contract, contract)).toEqual([]);
});

test('the score is the log-odds ratio over its standard deviation', () => {
  const contract = textOf('lien '.repeat(60), 'and '.repeat(40));
  const novel = textOf('lien '.repeat(10), 'and '.repeat(90));
  const [term] = findFieldTerms(contract, novel);
  // A prior of ten words, 70 of 200 of which are "lien": 3.5.
  const ratio = Math.log(63.5 / (110 - 63.5)) - Math.log(13.5 / (110 - 13.5));
  expect(term).toMatchObject({ word: 'lien', count: 60 });
  expect(term?.score).toBeCloseTo(ratio / Math.sqrt(1 / 63.5 + 1 / 13.5), 10);
});
