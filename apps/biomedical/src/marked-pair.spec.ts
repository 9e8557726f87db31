import { expect, test } from '@jest/globals';
import { markPair } from './marked-pair.js';

const text = 'Some other matter. Gefitinib blocks EGFR strongly. Nothing more.';
const at = (word: string) => ({ start: text.indexOf(word), end: text.indexOf(word) + word.length });

test('a pair is marked in its own sentence, whichever is named first', () => {
  const marked = { text: '<< Gefitinib >> blocks [[ EGFR ]] strongly.', start: 19, end: 50 };
  expect(markPair(text, at('Gefitinib'), at('EGFR'))).toEqual(marked);
  expect(markPair(text, at('EGFR'), at('Gefitinib'))).toEqual(marked);
});

test('a pair over two sentences takes both', () => {
  expect(markPair(text, at('EGFR'), at('Nothing')).text).toBe(
    'Gefitinib blocks << EGFR >> strongly. [[ Nothing ]] more.',
  );
});

test.each([
  [{ start: 0, end: 0 }, at('EGFR')],
  [{ start: 5, end: 900 }, at('EGFR')],
  [at('Gefitinib'), { start: 20, end: 30 }],
])('%j and %j are refused', (one, other) => {
  expect(() => markPair(text, one, other)).toThrow(expect.objectContaining({ code: 'FC_DATA' }));
});
