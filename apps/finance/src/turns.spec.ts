import { describe, expect, test } from '@jest/globals';
import { findTurns } from './turns.js';

const spoken = (text: string) =>
  findTurns(text).map(({ speaker, body, end }) => [speaker, text.slice(body, end).trim()]);

describe('turns of a transcript', () => {
  test('begin with a name or a role, with or without a title', () => {
    expect(
      spoken(`Fourth quarter call

Operator: Good morning and welcome.

Ada Berg, Chief Executive: Thank you.
Sales rose: they were up 5 %.

Jean-Luc van der Meer (Analyst):
What about margins?`),
    ).toEqual([
      ['Operator', 'Good morning and welcome.'],
      ['Ada Berg', 'Thank you.\nSales rose: they were up 5 %.'],
      ['Jean-Luc van der Meer', 'What about margins?'],
    ]);
  });

  test('may be opened by a name and a title alone on a line', () => {
    expect(spoken('Ada Berg -- Chief Financial Officer\n\nWe did well.\n\nTom Okoro — Analyst\n\nWhy?')).toEqual([
      ['Ada Berg', 'We did well.'],
      ['Tom Okoro', 'Why?'],
    ]);
  });

  test.each([
    'Net Sales: EUR 5.1 bn\nOperating Profit: EUR 0.7 bn\n',
    'Company Participants:\nAda Berg\n\nConference Call Participants:\nTom Okoro\n',
    'Tarnbrook Foods: results of the third quarter\n\nAda Berg: We did well.',
    'Ada Berg: We did well, and that is all there is to say.',
    'A text about nothing. It has: a colon. And: another one here.',
  ])('there are none in %j', (text) => expect(findTurns(text)).toEqual([]));
});
