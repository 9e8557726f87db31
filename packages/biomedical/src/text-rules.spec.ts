/** The rules of the biomedical field on lines of abstracts, and on marks as MIMIC has them. */
import { describeTextRules } from '@fieldcraft/core/testing';
import { charges, deidentification, entityMarks, greekLetters } from './text-rules.js';

describeTextRules(
  [
    {
      shows: 'Greek letters in the names of genes are words, whole even behind another letter',
      rules: [greekLetters],
      line: 'The role of estrogen receptor beta ( ERβ ) in the NF-κB pathway',
      becomes: 'The role of estrogen receptor beta ( ER beta ) in the NF- kappaB pathway',
      before: '... beta ( er ##β ) in the n ##f - κ ##b pathway',
      after: '... beta ( er beta ) in the n ##f - kappa ##b pathway',
    },
    {
      shows: 'charges of ions stand without parentheses',
      rules: [charges],
      line: 'Methylglyoxal also increased spontaneous Ca(2+) release and induced Ca(2+) waves in healthy myocytes .',
      becomes: 'Methylglyoxal also increased spontaneous Ca2+ release and induced Ca2+ waves in healthy myocytes .',
      before: '... ca ( 2 + ) release ...',
      after: '... ca ##2 + release ...',
    },
    {
      shows: 'marks of de-identification are one word',
      rules: [deidentification],
      line: 'Patient was seen on [**2012-3-4**] by Dr. [**Last Name 12**] and sent home.',
      becomes: 'Patient was seen on [removed] by Dr. [removed] and sent home.',
      before: '... on [ * * 2012 - 3 - 4 * * ] by ...',
      after: '... on [ removed ] by dr . [ removed ] and ...',
    },
    {
      shows: 'marks around entities are one token each',
      rules: [entityMarks],
      line: 'Anti-inflammatory effect of << prunetin >> via the suppression of [[ COX-2 ]] pathway.',
      becomes: 'Anti-inflammatory effect of @ prunetin @ via the suppression of # COX-2 # pathway.',
      before: '... of < < pr ##une ##tin > > via ... of [ [ cox - 2 ] ] pathway .',
      after: '... of @ pr ##une ##tin @ via ... of # cox - 2 # pathway .',
    },
  ],
  ['a 65-year-old man (p < 0.05) with IL-6 and (+)-catechin in serum [12]'],
);
