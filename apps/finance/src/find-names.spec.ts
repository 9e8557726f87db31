import { expect, test } from '@jest/globals';
import { findNames } from './find-names.js';

const found = (text: string, ...names: string[]) =>
  findNames(text, names).map(({ start, end }) => text.slice(start, end));

test('names are found as whole words in any letter case, however their words are set apart', () => {
  expect(found('Tarnbrook\nfoods beat Tarnbrook Foodstuffs; TARNBROOK FOODS won.', 'Tarnbrook Foods')).toEqual([
    'Tarnbrook\nfoods',
    'TARNBROOK FOODS',
  ]);
});

test('names in capitals are found in capitals', () =>
  expect(found('It is IT that $IT means', 'IT')).toEqual(['IT', 'IT']));

test('of names that overlap the longer is found', () => {
  expect(found('Gold Fields digs gold', 'gold', 'gold fields')).toEqual(['Gold Fields', 'gold']);
});

test('signs of patterns are signs', () => {
  expect(found('A+B (UK) rose, AAB fell', 'A+B (UK)', '.*', '')).toEqual(['A+B (UK)']);
  expect([found('', 'a'), found('a b', ' ')]).toEqual([[], []]);
});
