import { describe, expect, test } from '@jest/globals';
import { findByRules } from '@fieldcraft/serving';
import { forwardWords, hasFigure, speaksOfGold, speaksOfPolicy, statesCause } from './wording.js';

describe('a sentence', () => {
  test.each([
    ['Inflation has eased but remains elevated.', true],
    ['The Committee left the target range for the federal funds rate unchanged.', true],
    ['We opened twelve shops in Gothenburg.', false],
  ])('%j speaks of policy: %s', (sentence, speaks) => expect(speaksOfPolicy(sentence)).toBe(speaks));

  test.each([
    ['Gold slips', true],
    ['Goldman slips', false],
  ])('%j speaks of gold: %s', (sentence, speaks) => expect(speaksOfGold(sentence)).toBe(speaks));

  test.each([
    ['Sales were EUR 5 million.', true],
    ['Margins rose by 3 percentage points.', true],
    ['We employ 1,204 people.', true],
    ['We were founded on 5 March 1998.', false],
    ['In 2024 we grew.', false],
    ['The Q3 call is over.', false],
  ])('%j has a figure: %s', (sentence, has) => expect(hasFigure(sentence, findByRules(sentence))).toBe(has));

  test('says words of the future at their places', () => {
    const sentence = 'We expect growth, and will raise our guidance.';
    expect(forwardWords(sentence).map(({ start, end }) => sentence.slice(start, end))).toEqual([
      'expect',
      'will',
      'guidance',
    ]);
  });

  test.each([
    ['Profit fell because freight cost more.', 'here'],
    ['Shares drop as orders dry up', 'here'],
    ['Higher prices led to a better margin.', 'here'],
    ['As a result, we cut the dividend.', 'before'],
    ['This led to a better margin.', 'before'],
    ['Sales as well as orders rose.', undefined],
    ['Sales were EUR 5 million.', undefined],
  ])('%j states a cause: %s', (sentence, where) => expect(statesCause(sentence)).toBe(where));
});
