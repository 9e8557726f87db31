/**
 * What a sentence speaks of, by rules of words. Some tasks learnt from sentences of one kind alone and find what they look for in any sentence: they
 * are asked only about those that these rules let pass.
 */
import type { RuleFinding, Span } from '@fieldcraft/serving';

const policyWords = [
  String.raw`monetary\s+polic`,
  String.raw`(?:policy|interest|bank|fund(?:s|ing)?|discount|repo|deposit|lending|mortgage)\s+rates?\b`,
  String.raw`rate\s+(?:hike|cut|rise|increase|path|decision)s?\b`,
  String.raw`(?:dis)?inflation`,
  String.raw`price\s+(?:stability|pressure|level)`,
  String.raw`unemployment|employment|labou?r\s+(?:market|force)|job\s+(?:market|gains?|growth|openings?)|payrolls?`,
  String.raw`economic\s+(?:activity|growth|outlook|expansion)|aggregate\s+demand|\bGDP\b`,
  String.raw`asset\s+purchases?|balance\s+sheet\s+(?:runoff|reduction)|quantitative\s+(?:easing|tightening)|treasury\s+securities`,
  String.raw`tighten(?:ing)?\s+(?:of\s+)?(?:policy|credit|financial)|accommodati(?:ve|on)|policy\s+(?:stance|accommodation|firming)`,
  String.raw`\bFOMC\b|federal\s+reserve|central\s+banks?|exchange\s+rates?`,
];
const policy = new RegExp(policyWords.join('|'), 'i');

/** Of money, jobs and prices as a central bank speaks of them. */
export const speaksOfPolicy = (sentence: string): boolean => policy.test(sentence);

export const speaksOfGold = (sentence: string): boolean => /\b(?:gold|bullion|xau)\b/i.test(sentence);

/** Whether a figure stands in it that is no date and no number of a section; `rules` are those of the sentence, in order. */
export function hasFigure(sentence: string, rules: readonly RuleFinding[]): boolean {
  if (rules.some(({ kind }) => kind === 'money' || kind === 'percentage')) return true;
  const ends = [0, ...rules.map(({ end }) => end)];
  const starts = [...rules.map(({ start }) => start), sentence.length];
  const rest = ends.map((end, i) => sentence.slice(end, starts[i])).join(' ');
  return /(?<![\p{L}\d])\d/u.test(rest.replace(/\b(?:19|20)\d\d\b/g, ''));
}

const forward =
  /\b(?:will|shall|expects?|expected|expecting|expectations?|anticipates?|anticipated|forecasts?|guidance|outlook|targets?|targeting|aims?|plans?\s+to|intends?|projects?(?=\s+(?:that|a|an|the|to))|projected|projections?|likely\s+to|on\s+track\s+to|going\s+to|should\s+(?:reach|rise|fall|grow|be)|next\s+(?:week|month|quarter|year)|by\s+the\s+end\s+of)\b/gi;

/** Words that speak of the future, at their places. */
export const forwardWords = (sentence: string): Span[] =>
  [...sentence.matchAll(forward)].map(({ 0: { length }, index }) => ({ start: index, end: index + length }));

const causal = [
  String.raw`because|due\s+to|owing\s+to|thanks\s+to|on\s+the\s+back\s+of|amid|after|since|so\s+that|therefore|thus|hence|consequently|thereby`,
  String.raw`as\s+a\s+(?:result|consequence)|that\s+is\s+why|which\s+is\s+why|for\s+(?:this|that)\s+reason`,
  String.raw`(?:led|leads?|leading)\s+to|result(?:ed|s|ing)?\s+(?:in|from)|caus(?:e[sd]?|ing)|driv(?:en|ing|es?)|drove|trigger(?:ed|s|ing)?`,
  String.raw`(?:boost|lift|hurt|help|weigh|prompt|push|support|reflect|attribut|offset|dragg?|hit)(?:ed|s|ing)?\s+(?:by|on|to|down|up)`,
  String.raw`reflect(?:s|ed|ing)|attribut(?:ed|able)\s+to|contribut(?:ed|es|ing)\s+to|stem(?:med|s|ming)?\s+from`,
  // Of "as" only where a clause follows that can be a reason.
  String.raw`(?<!\b(?:well|far|long|soon|much|many)\s)as(?!\s+(?:well|of|an?|part|at|to|for|in|long|soon|much|many|per|expected|such|compared|usual|planned|follows?|it|he|she|i)\b)`,
];
const cause = new RegExp(String.raw`\b(?:${causal.join('|')})\b`, 'i');
const before =
  /^\W*(?:as\s+a\s+(?:result|consequence)|therefore|thus|hence|consequently|that\s+is\s+why|for\s+(?:this|that)\s+reason|this\s+(?:led|leads|resulted|caused|drove|reflects?|was\s+(?:driven|due)))\b/i;

/** Whether something is said to cause something: in the sentence itself, or by what stands in the one before it. */
export function statesCause(sentence: string): 'here' | 'before' | undefined {
  if (before.test(sentence)) return 'before';
  return cause.test(sentence) ? 'here' : undefined;
}
