/** The rules of the scientific field on lines of papers. */
import { describeTextRules } from '@fieldcraft/core/testing';
import { formulae, namedCitations, numberedCitations } from './text-rules.js';

describeTextRules(
  [
    {
      shows: 'numbered citations are one word',
      rules: [numberedCitations],
      line: 'It is also offering new approaches such as emitters [3, 4] and sensors [5-7] in terms of THz applications.',
      becomes:
        'It is also offering new approaches such as emitters [citation] and sensors [citation] in terms of THz applications.',
      before: '... ##tters [ 3 , 4 ] and sensors [ 5 - 7 ] in ...',
      after: '... ##tters [ citation ] and sensors [ citation ] in ...',
    },
    {
      shows: 'so are names and years in parentheses',
      rules: [namedCitations],
      line: '4 lead to a decrease in SC absorption in mice (Deng et al., 2010; Deng et al., 2012).',
      becomes: '4 lead to a decrease in SC absorption in mice (citation).',
      before: '... mice ( deng et al . , 2010 ; deng et al . , 2012 ) .',
      after: '... mice ( citation ) .',
    },
    {
      shows: 'formulae are one word',
      rules: [formulae],
      line: 'fast and stable runtime ($8.7\\pm 0.5$ ms per frame)',
      becomes: 'fast and stable runtime (formula ms per frame)',
      before: '... ( $ 8 . 7 \\ pm 0 . 5 $ ms ...',
      after: '... ( formula ms per frame )',
    },
  ],
  ['$90 cm in men or $53 to $60', 'Gurevych observed (see Section 3) that n [in mice] was 12 (96-98).'],
);
