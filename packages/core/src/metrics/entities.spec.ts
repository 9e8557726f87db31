import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { entityScores, spansToTags, tagScores, tagsToSpans, type Span, type TagScheme } from './index.js';

const read = (tags: string, reading?: Parameters<typeof tagsToSpans>[1]) =>
  tagsToSpans(tags.split(' '), reading).map(({ start, end, label }) => `${label}${start}-${end}`);

describe('tags to spans', () => {
  test('lenient: I starts an entity after O, after another type, and after S or E', () => {
    expect(read('I-A I-A O I-B I-A')).toEqual(['A0-2', 'B3-4', 'A4-5']);
    expect(read('B-A B-A I-A')).toEqual(['A0-1', 'A1-3']);
    expect(read('S-A I-A E-A E-A')).toEqual(['A0-1', 'A1-3', 'A3-4']);
    expect(read('B-C-D I-C-D O')).toEqual(['C-D0-2']);
  });

  test('strict IOB2: only B starts', () => {
    expect(read('I-A B-A I-A I-B O B-B I-A', 'IOB2')).toEqual(['A1-3', 'B5-6']);
  });

  test('strict BIOES: S alone, or B to E of one type; BILOU reads alike', () => {
    expect(read('B-A I-A E-A S-B B-A O E-A B-A E-B', 'BIOES')).toEqual(['A0-3', 'B3-4']);
    expect(read('B-A I-A L-A U-B', 'BIOES')).toEqual(['A0-3', 'B3-4']);
  });

  test('what is no tag is refused', () => {
    expect(() => read('O X-A')).toThrow(/not an entity tag/);
    expect(() => read('O Other')).toThrow(/not an entity tag/);
    expect(() =>
      spansToTags(
        [
          { start: 0, end: 2, label: 'A' },
          { start: 1, end: 3, label: 'A' },
        ],
        4,
      ),
    ).toThrow(/written as tags/);
    expect(() => spansToTags([{ start: 0, end: 5, label: 'A' }], 4)).toThrow(/written as tags/);
  });

  test('spans survive the way through every scheme', () => {
    const sentence = fc.array(
      fc.record({ gap: fc.nat(2), size: fc.integer({ min: 1, max: 3 }), label: fc.constantFrom('A', 'B', 'C-D') }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(sentence, fc.constantFrom<TagScheme>('IOB1', 'IOB2', 'BIOES'), (pieces, scheme) => {
        const spans: Span[] = [];
        let at = 0;
        for (const { gap, size, label } of pieces) {
          spans.push({ start: at + gap, end: at + gap + size, label });
          at += gap + size;
        }
        const tags = spansToTags(spans, at + 1, scheme);
        expect(tagsToSpans(tags)).toEqual(spans);
        if (scheme !== 'IOB1') expect(tagsToSpans(tags, scheme)).toEqual(spans);
      }),
    );
  });
});

// Reference values: seqeval 1.2.2, its default and mode='strict' with IOBES.
test('scores of malformed sequences equal seqeval, leniently and strictly', () => {
  const gold = [
    ['O', 'S-B', 'E-C'],
    ['B-B', 'O', 'I-C', 'S-B', 'B-C'],
    ['S-A', 'E-A', 'B-A', 'O'],
  ];
  const predicted = [
    ['O', 'S-B', 'E-C'],
    ['B-B', 'O', 'I-C', 'S-B', 'O'],
    ['S-A', 'O', 'B-A', 'E-A'],
  ];
  const lenient = tagScores(gold, predicted);
  const strict = tagScores(gold, predicted, 'BIOES');
  expect([lenient.micro.precision, lenient.micro.recall]).toEqual([6 / 7, 6 / 9]);
  expect([strict.micro.precision, strict.micro.recall]).toEqual([3 / 4, 1]);
});

test('spans count once, and need start, end and label', () => {
  const a = { start: 0, end: 4, label: 'A' };
  const report = entityScores([[a, a], [], [{ ...a, label: 'B' }]], [[a], [a], [{ ...a, end: 5, label: 'B' }]]);
  expect([report.support, report.predicted]).toEqual([2, 3]);
  expect(report.perType).toEqual([
    { label: 'A', precision: 0.5, recall: 1, f1: 2 / 3, support: 1, predicted: 2 },
    { label: 'B', precision: 0, recall: 0, f1: 0, support: 1, predicted: 1 },
  ]);
  expect(report.macro.f1).toBeCloseTo(1 / 3, 12);
  expect(() => entityScores([[]], [])).toThrow(/do not belong together/);
});
