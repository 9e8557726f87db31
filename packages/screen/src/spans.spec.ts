import { expect, test } from '@jest/globals';
import { cutText } from './spans.js';

const shape = (text: string, spans: { start: number; end: number; id: string }[]) =>
  cutText(text, spans).map(({ text, spans, begins }) => [text, spans.map(({ id }) => id).join(), begins.length]);

test('a text without marks is one piece', () => {
  expect(shape('plain', [])).toEqual([['plain', '', 0]]);
  expect(shape('', [])).toEqual([]);
});

test('marks that overlap are cut where they begin and end, the innermost last', () => {
  const spans = [
    { start: 4, end: 9, id: 'inner' },
    { start: 0, end: 9, id: 'outer' },
    { start: 7, end: 12, id: 'late' },
  ];
  expect(shape('The Lender shall', spans)).toEqual([
    ['The ', 'outer', 1],
    ['Len', 'outer,inner', 1],
    ['de', 'outer,inner,late', 1],
    ['r s', 'late', 0],
    ['hall', '', 0],
  ]);
});

test('the pieces of any text are the text again, and marks beyond it are left out', () => {
  const spans = [
    { start: -1, end: 3, id: 'before' },
    { start: 2, end: 2, id: 'empty' },
    { start: 3, end: 99, id: 'beyond' },
    { start: 1, end: 3, id: 'kept' },
  ];
  expect(shape('abcde', spans)).toEqual([
    ['a', '', 0],
    ['bc', 'kept', 1],
    ['de', '', 0],
  ]);
});
