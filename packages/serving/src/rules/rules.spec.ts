import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findByRules } from './index.js';

const found = (text: string, reference?: Date): unknown[] =>
  findByRules(text, reference === undefined ? {} : { reference }).map(({ kind, text: words, value }) => [
    kind,
    words,
    value,
  ]);

describe('rules', () => {
  test.each<[string, unknown[]]>([
    ['made as of March 31, 2024 by', [['date', 'March 31, 2024', { from: '2024-03-31' }]]],
    [
      'from 1 January 2024 to 31 December 2025',
      [['date-range', '1 January 2024 to 31 December 2025', { from: '2024-01-01', to: '2025-12-31' }]],
    ],
    [
      'between March 2024 and June 2024',
      [['date-range', 'March 2024 and June 2024', { from: '2024-03', to: '2024-06' }]],
    ],
    ['this 5th day of June, 2019', [['date', '5th day of June, 2019', { from: '2019-06-05' }]]],
    ['in Q3 2024', [['date-range', 'Q3 2024', { from: '2024-07', to: '2024-09' }]]],
    ['on 03/04/2024', [['date', '03/04/2024', { from: '2024-03-04', ambiguous: true }]]],
    ['a ratio of 3/4, version 1.2.3, may march on', []],
    ['by June 30', []],
    ['within thirty (30) days', [['period', 'thirty (30) days', { amount: 30, unit: 'day', iso: 'P30D' }]]],
    ['ten (10) Business Days', [['period', 'ten (10) Business Days', { amount: 10, unit: 'business day' }]]],
    ['a two-year term', [['period', 'two-year', { amount: 2, unit: 'year', iso: 'P2Y' }]]],
    [
      'one hundred and eighty days',
      [['period', 'one hundred and eighty days', { amount: 180, unit: 'day', iso: 'P180D' }]],
    ],
    ['five hundred dollars ($500)', [['money', 'five hundred dollars ($500)', { amount: 500, currency: 'USD' }]]],
    [
      'EUR 1.000,50 and €1.000',
      [
        ['money', 'EUR 1.000,50', { amount: 1000.5, currency: 'EUR' }],
        ['money', '€1.000', { amount: 1000, currency: 'EUR' }],
      ],
    ],
    [
      'US$1.1 million, £20k',
      [
        ['money', 'US$1.1 million', { amount: 1_100_000, currency: 'USD' }],
        ['money', '£20k', { amount: 20_000, currency: 'GBP' }],
      ],
    ],
    [
      'five percent (5%) or 50 basis points',
      [
        ['percentage', 'five percent (5%)', { percent: 5 }],
        ['percentage', '50 basis points', { percent: 0.5 }],
      ],
    ],
    [
      'Sections 3.1 and 4(b)(ii), Exhibit A',
      [
        ['reference', 'Sections 3.1', { of: 'section', target: '3.1' }],
        ['reference', '4(b)(ii)', { of: 'section', target: '4(b)(ii)' }],
        ['reference', 'Exhibit A', { of: 'exhibit', target: 'A' }],
      ],
    ],
    ['Section 5 of the Securities Act', [['reference', 'Section 5', { of: 'section', target: '5', external: true }]]],
  ])('%j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  test('days without a year are found where it is known what they are near to', () => {
    expect(found('by June 30', new Date('2024-01-15'))).toEqual([
      ['date', 'June 30', { from: '2024-06-30', relative: true }],
    ]);
  });

  test('every finding is marked as one of a rule, says what stands at its place, and lies outside the others', () => {
    const piece = fc.constantFrom(
      '$5 ',
      'March 31, 2024 ',
      'to ',
      'thirty (30) days ',
      '5% ',
      'Section 2.3, ',
      'and ',
      '1,000 ',
      'one ',
      '. ',
      '😀 ',
      '(',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        let last = 0;
        for (const { source, start, end, text: words } of findByRules(text)) {
          expect(source).toBe('rule');
          expect(words).toBe(text.slice(start, end));
          expect(start).toBeGreaterThanOrEqual(last);
          last = end;
        }
      }),
      { numRuns: 100 },
    );
  });
});
