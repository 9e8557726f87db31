import { expect, test } from '@jest/globals';
import { cutText, spansByPart } from './spans.js';

const shape = (text: string, spans: { start: number; end: number; id: string }[]) =>
  cutText(text, spans).map(({ text, spans }) => [text, spans.map(({ id }) => id).join()]);

test('a text without marks is one piece', () => {
  expect(shape('plain', [])).toEqual([['plain', '']]);
  expect(shape('', [])).toEqual([]);
});

test('marks that overlap are cut where they begin and end, the innermost last', () => {
  const spans = [
    { start: 4, end: 9, id: 'inner' },
    { start: 0, end: 9, id: 'outer' },
    { start: 7, end: 12, id: 'late' },
  ];
  expect(shape('The Lender shall', spans)).toEqual([
    ['The ', 'outer'],
    ['Len', 'outer,inner'],
    ['de', 'outer,inner,late'],
    ['r s', 'late'],
    ['hall', ''],
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
    ['a', ''],
    ['bc', 'kept'],
    ['de', ''],
  ]);
});

test('each part has the spans over it, at places in it', () => {
  const parts = [
    { start: 0, end: 5 },
    { start: 7, end: 10 },
    { start: 10, end: 20 },
  ];
  const spans = [
    { start: 12, end: 14, id: 'last' },
    { start: 3, end: 12, id: 'over all' },
    { start: 5, end: 7, id: 'between' },
    { start: 0, end: 1, id: 'first' },
  ];
  expect(spansByPart(parts, spans)).toEqual([
    [
      { start: 0, end: 1, id: 'first' },
      { start: 3, end: 5, id: 'over all' },
    ],
    [{ start: 0, end: 3, id: 'over all' }],
    [
      { start: 0, end: 2, id: 'over all' },
      { start: 2, end: 4, id: 'last' },
    ],
  ]);
});
