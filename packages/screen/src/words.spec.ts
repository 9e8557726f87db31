import { expect, test } from '@jest/globals';
import { count, percent, readable } from './words.js';

test.each([
  ['limitation-of-liability', 'Limitation of liability'],
  ['GOVERNING_LAW', 'Governing law'],
  ['unfairTerms', 'Unfair terms'],
  ['IP-ownership', 'IP ownership'],
  ['ORG', 'Org'],
])('%s reads %s', (name, text) => expect(readable(name)).toBe(text));

test('a percentage says certain only of what is', () => {
  expect([0, 0.001, 0.424, 0.999, 1].map(percent)).toEqual(['0 %', '1 %', '42 %', '99 %', '100 %']);
});

test('one is singular', () => {
  expect([count(0, 'clause'), count(1, 'clause'), count(1200, 'entity', 'entities')]).toEqual([
    '0 clauses',
    '1 clause',
    '1,200 entities',
  ]);
});
