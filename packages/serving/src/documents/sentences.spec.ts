import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitSentences } from './sentences.js';

const sentences = (text: string): string[] => splitSentences(text).map(({ start, end }) => text.slice(start, end));

describe('sentences', () => {
  test.each<[string, string[]]>([
    ['One is here. Two is there.', ['One is here.', 'Two is there.']],
    ['Northwind Tools Inc. may end it. You may not.', ['Northwind Tools Inc. may end it.', 'You may not.']],
    [
      'It was bought by Northwind Inc. The price is secret.',
      ['It was bought by Northwind Inc.', 'The price is secret.'],
    ],
    ['Fruit, e.g. apples, is sold. See Fig. 2 for more.', ['Fruit, e.g. apples, is sold.', 'See Fig. 2 for more.']],
    ['In Smith v. Jones the court agreed. It was right.', ['In Smith v. Jones the court agreed.', 'It was right.']],
    [
      'As shown by Smith et al. (2019), it works. So do we.',
      ['As shown by Smith et al. (2019), it works.', 'So do we.'],
    ],
    ['Dr. J. R. Miller wrote it.', ['Dr. J. R. Miller wrote it.']],
    ['See Section 2.3 and No. 5. It says so.', ['See Section 2.3 and No. 5.', 'It says so.']],
    ['Is it so? No. It is not.', ['Is it so?', 'No.', 'It is not.']],
    ['1. The first clause. It has (a) parts.', ['1. The first clause.', 'It has (a) parts.']],
    [
      'The U.S. District Court agreed. We left the U.S. The end.',
      ['The U.S. District Court agreed.', 'We left the U.S.', 'The end.'],
    ],
    ['A line\nthat goes on. Another\nline.', ['A line\nthat goes on.', 'Another\nline.']],
    ['Heading without a stop\n\nA paragraph.', ['Heading without a stop', 'A paragraph.']],
    ['It rose 3.5 percent to $4.2 million. Costs fell.', ['It rose 3.5 percent to $4.2 million.', 'Costs fell.']],
    ['', []],
  ])('%j', (text, expected) => {
    expect(sentences(text)).toEqual(expected);
  });

  test('nothing is lost, and places lie in order', () => {
    const piece = fc.constantFrom(
      'Word ',
      'word. ',
      'e.g. ',
      'Inc. ',
      '(a) ',
      '\n',
      '\n\n',
      '? ',
      '1. ',
      '“Yes.” ',
      '😀 ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        expect(sentences(text).join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      }),
      { numRuns: 150 },
    );
  });
});
