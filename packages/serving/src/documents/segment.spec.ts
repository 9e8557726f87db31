import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { segmentText } from './segment.js';
import { agreement } from './spec-documents.js';

/** Segments as `kind number title`, indented by their level. */
const outline = (text: string): string[] =>
  segmentText(text).map(
    ({ kind, number, title, level }) =>
      `${'  '.repeat(level)}${kind}${number === undefined ? '' : ` ${number}`}${title === undefined ? '' : ` [${title}]`}`,
  );

describe('segments of plain text', () => {
  test('an agreement: articles, numbered headings, clauses, items in items', () => {
    expect(outline(agreement)).toEqual([
      'heading [SERVICES AGREEMENT]',
      '  paragraph',
      '  heading 1 [DEFINITIONS]',
      '    clause 1.1',
      '    clause 1.2',
      '  heading 2 [TERM AND TERMINATION]',
      '    clause 2.1 [Term]',
      '    clause 2.2 [Termination for Cause]',
      '      item (a)',
      '      item (b)',
      '        item (i)',
      '        item (ii)',
      '    clause 2.3',
      'heading III [LIABILITY]',
      '  clause 3.1 [Cap]',
    ]);
  });

  test('lines broken at some width are one paragraph', () => {
    const [, paragraph] = segmentText(agreement);
    expect(agreement.slice(paragraph!.start, paragraph!.end)).toMatch(/^This Services Agreement[^]*Customer places\.$/);
  });

  test('the ninth letter is a letter, the first Roman number is one', () => {
    const letters = ['(g)', '(h)', '(i)', '(j)'].map((number) => `${number} something that is done`).join('\n');
    expect(outline(letters)).toEqual(['item (g)', 'item (h)', 'item (i)', 'item (j)']);
    expect(outline('(a) one thing:\n(i) a part\n(ii) another\n(b) more')).toEqual([
      'item (a)',
      '  item (i)',
      '  item (ii)',
      'item (b)',
    ]);
  });

  test('a paper: known headings, sections with numbers and without', () => {
    const paper = `Abstract

We study how graphs are parsed. The method is simple, and it is fast on every data set that we tried.

1 Introduction

Parsing is old. It began long before computers were there, with grammars that people wrote by hand.

2.1 Data and Models

We use three data sets that are freely available, and two models that we train from scratch on them.

References`;
    expect(outline(paper)).toEqual([
      'heading [Abstract]',
      '  paragraph',
      'heading 1 [Introduction]',
      '  paragraph',
      '  heading 2.1 [Data and Models]',
      '    paragraph',
      'heading [References]',
    ]);
  });

  test('a clinical note: short lines are paragraphs of their own', () => {
    const note = `HISTORY OF PRESENT ILLNESS:
The patient is a 54 year old woman with chest pain.

Medications:
- aspirin 81 mg daily
- metoprolol 25 mg twice a day

Allergies: none known
Blood pressure: 120/80`;
    expect(outline(note)).toEqual([
      'heading [HISTORY OF PRESENT ILLNESS]',
      '  paragraph',
      'heading [Medications]',
      '  item',
      '  item',
      '  paragraph [Allergies]',
      '  paragraph [Blood pressure]',
    ]);
  });

  test('a list of short numbered lines holds items, not headings', () => {
    expect(outline('To do\n\n1. Buy milk\n2. Call the bank\n3. Water the plants')).toEqual([
      'paragraph',
      'item 1',
      'item 2',
      'item 3',
    ]);
  });

  test.each([
    ['J. Smith joined the company as its second employee.', 'paragraph'],
    ['5.1 million people read it.', 'paragraph'],
    ['10 days after delivery the invoice is due.', 'paragraph'],
    ['2024 was a year of growth.', 'paragraph'],
    ['A. Definitions of this policy', 'heading A [Definitions of this policy]'],
    ['§ 4.2 Notices are in writing.', 'clause 4.2'],
    ['Schedule 1 - Fees and Charges', 'heading 1 [Fees and Charges]'],
    ['53 Courtland Ave.', 'paragraph'],
    ['2.1 Syntax . . . . . . . . . . . 12', 'row'],
    ['12) Nothing in these terms limits your rights as a consumer.', 'clause 12'],
  ])('%j is a %s', (text, expected) => {
    expect(outline(text)).toEqual([expected]);
  });

  test('whatever the text, segments lie in order, apart, trimmed, and under earlier ones', () => {
    const piece = fc.constantFrom(
      '1. ',
      '1.1 ',
      '(a) ',
      '(i) ',
      'ARTICLE I ',
      'A. ',
      '• ',
      '\n',
      '\n\n',
      ' ',
      'Word',
      'WORDS',
      'a sentence. ',
      '\t',
      'é',
      '😀',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        let last = 0;
        for (const [i, { start, end, parent, level }] of segmentText(text).entries()) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(text.slice(start, end).trim()).toHaveLength(end - start);
          expect(parent ?? -1).toBeLessThan(i);
          expect(level === 0).toBe(parent === undefined);
          last = end;
        }
        // Nothing is lost: every character that is no space stands in a segment.
        const kept = segmentText(text)
          .map(({ start, end }) => text.slice(start, end))
          .join('');
        expect(kept.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    '1. '.repeat(30_000),
    '(i) x\n'.repeat(30_000),
    'A '.repeat(60_000),
    '\n \n'.repeat(40_000),
    '1.1.1.1.1.1.'.repeat(10_000),
  ])('a hostile text takes no longer than its length (%#)', (text) => {
    expect(segmentText(text).length).toBeLessThanOrEqual(30_000);
  });
});
