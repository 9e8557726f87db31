/** Sentences of a text: Unicode's rules, and what they do not know of abbreviations, numbers and citations. */
import type { Span } from './document.js';

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

const words = (list: string): Set<string> => new Set(list.split(' '));

/** Never the end of a sentence: something follows that belongs to them. */
const neverLast = words(
  'mr mrs ms messrs dr prof hon rev gen col lt sgt capt st mt e.g i.e viz cf vs v fig figs tab eq eqs sec secs art arts para paras ch chs ' +
    'no nos vol vols pp p ed eds ref refs approx ca resp jan feb mar apr jun jul aug sept sep oct nov dec sched exh app cl u.s.c c.f.r ' +
    'fed reg rep supp dept univ assn bros',
);

/** The end of a sentence or not, as what follows shows. */
const sometimesLast = words(
  'inc ltd corp co llc l.l.c plc l.p n.a s.a b.v gmbh bv sa ag jr sr etc al u.s u.k u.n e.u d.c a.m p.m ph.d m.d b.a m.a esq ave blvd rd ' +
    'est min max mg ml hr hrs wk wks mo mos yr yrs b.i.d t.i.d q.i.d p.r.n p.o i.v i.m q.d b.c a.d id ibid op cit',
);

/** Words that begin sentences after an abbreviation more often than they follow it inside one. */
const starters = words(
  'the this that these those it its he she we they there here in on at if when where while although however moreover furthermore ' +
    'a an each either neither all any no nothing for such you your our their his her as to upon after before unless except and but or ' +
    'notwithstanding subject provided both some most many several by with under during please see',
);

/** Sentences in order, without the white space around them. A line break within a paragraph is a space; an empty line ends a sentence. */
export function splitSentences(text: string): Span[] {
  // Of the same length, so that places stay.
  const flat = text.replace(/(?<!\n[^\S\n]{0,8})\n(?![^\S\n]{0,8}\n)/g, ' ');
  const sentences: Span[] = [];
  for (const { segment, index } of segmenter.segment(flat)) {
    const start = index + segment.length - segment.trimStart().length;
    const end = index + segment.trimEnd().length;
    if (end <= start) continue;
    const last = sentences.at(-1);
    if (
      last !== undefined &&
      belongs(flat.slice(last.start, last.end), flat.slice(last.end, start), flat.slice(start, end))
    )
      last.end = end;
    else sentences.push({ start, end });
  }
  return sentences;
}

/** Whether what Unicode's rules cut is one sentence. */
function belongs(before: string, between: string, after: string): boolean {
  if (/\n/.test(between)) return false;
  // "1." and "(a)" belong to what they number.
  if (/^(?:\(?[\divxlcIVXLC]{1,5}(?:\.\d{1,3})*[.)]|\(?[a-zA-Z][.)])$/.test(before)) return true;
  if (/^\p{Ll}/u.test(after)) return /[.?!…]["”’)\]]*$/.test(before) || before.length < 4;
  if (/^[,;:)\]]/.test(after)) return true;
  const [, word = ''] = /(?:^|[\s([“"‘'])([\p{L}.]{1,10})\.$/u.exec(before) ?? [];
  if (word === '') return false;
  const abbreviation = word.toLowerCase();
  // "No." before anything but a number is an answer.
  if (/^(?:no|nos|p|pp|ch|art|app|sec|mar|jun|dec|may)$/.test(abbreviation) && !/^[\d§(IVX“"A-Z]/.test(after))
    return false;
  if (/^nos?$/.test(abbreviation) && !/^[\d#]/.test(after)) return false;
  if (neverLast.has(abbreviation)) return true;
  const [next = ''] = /^["“‘'([]?([\p{L}]+)/u.exec(after) ?? [];
  const startsNew = starters.has(next.replace(/^["“‘'([]/, '').toLowerCase());
  // Initials: "J. Smith", "U.S. District Court".
  if (/^\p{Lu}$/u.test(word) || sometimesLast.has(abbreviation) || /^(?:\p{L}\.)+\p{L}$/u.test(word)) return !startsNew;
  return false;
}
