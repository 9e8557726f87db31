/** References of a text to its own sections, exhibits and the like, and to those of laws. */
import type { BareFinding } from './findings.js';

const what =
  'sections?|sec\\.|§{1,2}|clauses?|articles?|art\\.|paragraphs?|para\\.|sub-?sections?|sub-?paragraphs?|recitals?|exhibits?|schedules?|annex(?:es)?|appendix|appendices|attachments?|chapters?|rules?|tables?|figures?|fig\\.';
const target =
  '(?:\\d{1,5}[A-Z]?(?:\\.\\d{1,3}){0,5}[a-z]?(?:\\([A-Za-z0-9]{1,5}\\)){0,5}|(?:\\([A-Za-z0-9]{1,5}\\)){1,5}|[IVXLC]{1,7}|[A-Z](?:[-.]\\d{1,3})?)(?![\\w])';
const reference = new RegExp(
  `(?<![\\p{L}\\d])(${what})\\s{0,3}(${target}(?:(?:\\s{0,2},\\s{0,2}(?:and\\s{1,2}|or\\s{1,2})?|\\s{1,2}(?:and|or|to|through)\\s{1,2}|\\s?[–-]\\s?)${target}){0,12})`,
  'giu',
);
const one = new RegExp(target, 'gu');
/** The work that a reference is to, where it is not the text itself. */
const elsewhere =
  /^\s{1,2}(?:of|to|in)\s{1,2}(?:the\s{1,2})?(?!this\b)(?:[\p{L}\d'’&.,-]{1,25}\s{1,2}){0,8}(?:Act|Code|Regulations?|Directive|Law|Statute|Constitution|Treaty|Rules|GDPR)\b/u;

const singular: Record<string, string> = {
  'sec.': 'section',
  '§': 'section',
  '§§': 'section',
  'art.': 'article',
  'para.': 'paragraph',
  'fig.': 'figure',
  annexes: 'annex',
  appendices: 'appendix',
};

export function findReferences(text: string): BareFinding[] {
  return [...text.matchAll(reference)].flatMap(({ 0: whole, 1: name = '', 2: targets = '', index }) => {
    const written = name.toLowerCase().replace('-', '');
    const of = singular[written] ?? written.replace(/s$/, '');
    const external = elsewhere.test(text.slice(index + whole.length, index + whole.length + 160));
    const from = index + whole.length - targets.length;
    return [...targets.matchAll(one)].flatMap(({ 0: found, index: at }, i) => {
      // A small letter or a word in capitals after the name is no number of it: "Article A", but not "section a".
      if (!/\d|^[IVXLC]+$|^[A-Z]|\(/.test(found)) return [];
      return [
        {
          kind: 'reference' as const,
          start: i === 0 ? index : from + at,
          end: from + at + found.length,
          value: { of, target: found, ...(external ? { external: true as const } : {}) },
        },
      ];
    });
  });
}
