import { describe, expect, test } from '@jest/globals';
import { createCodeSearch } from './code-search.js';

const search = createCodeSearch({
  E10: 'Type 1 diabetes mellitus',
  E11: 'Type 2 diabetes mellitus',
  O24: 'Diabetes mellitus in pregnancy, childbirth, and the puerperium',
  H81: 'Disorders of vestibular function: Ménière’s disease',
  I10: 'Essential (primary) hypertension',
});
const codes = (query: string) => search.find(query).map(({ code }) => code);

describe('a search of codes', () => {
  test('finds by code, by its beginning, and by a code that is longer than the list has them', () => {
    expect([codes('E11'), codes('e1'), codes('E11.9')]).toEqual([['E11'], ['E10', 'E11'], ['E11']]);
  });

  test('finds by words of the title, short titles first', () => {
    expect(codes('diabetes mellitus')).toEqual(['E10', 'E11', 'O24']);
    expect(codes('diab preg')[0]).toBe('O24');
  });

  test('leaves accents and letter case aside', () => expect(codes('MENIERE')).toEqual(['H81']));

  test('puts titles with some of the words after those with all', () => {
    expect(codes('essential diabetes hypertension')[0]).toBe('I10');
  });

  test('finds nothing for nothing', () => expect([codes(''), codes(' . '), codes('xyz')]).toEqual([[], [], []]));
});
