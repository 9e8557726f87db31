import { expect, test } from '@jest/globals';
import { bleu, chrf, rouge, squadScores, tokenize13a, translationEditRate } from './index.js';

test('13a tokens keep numbers whole and part punctuation', () => {
  expect(tokenize13a('It rose 3.5%, to $1,200 (co-op).')).toEqual([
    'It',
    'rose',
    '3.5',
    '%',
    ',',
    'to',
    '$',
    '1,200',
    '(',
    'co-op',
    ')',
    '.',
  ]);
  expect(tokenize13a('1990-91 &amp; &lt;b&gt;')).toEqual(['1990', '-', '91', '&', '<', 'b', '>']);
});

test('an exact copy is perfect and nothing in common is worthless', () => {
  const text = ['the court denied the motion .'];
  expect(bleu(text, [text])).toBeCloseTo(100, 9);
  expect(chrf(text, [text])).toBeCloseTo(100, 9);
  expect(translationEditRate(text, [text])).toBe(0);
  expect(bleu(['a b c d'], [['w x y z']])).toBe(0);
  expect(chrf([''], [['w']])).toBe(0);
  expect(rouge('', '')).toEqual({ rouge1: 0, rouge2: 0, rougeL: 0 });
});

test('the best of several references counts', () => {
  const references = [['no match at all here', 'the cat sat on the mat']];
  expect(bleu(['the cat sat on the mat'], references)).toBeCloseTo(100, 9);
  expect(chrf(['the cat sat on the mat'], references)).toBeCloseTo(100, 9);
  // No edit, against the mean length of both references.
  expect(translationEditRate(['The cat sat on the mat'], references)).toBe(0);
});

test('moving a block is one edit', () => {
  expect(translationEditRate(['c d e a b'], [['a b c d e']])).toBeCloseTo(100 / 5, 9);
  expect(translationEditRate(['a b x d'], [['a b c d']])).toBeCloseTo(100 / 4, 9);
  expect(translationEditRate(['a'], [['']])).toBe(100);
  expect(translationEditRate([''], [['']])).toBe(0);
});

test('SQuAD: no answer is matched by no answer alone', () => {
  expect(squadScores(['', 'x'], [[], ['']])).toEqual({ exactMatch: 50, f1: 50 });
  expect(squadScores(['The Theatre'], [['theatre']])).toEqual({ exactMatch: 100, f1: 100 });
});
