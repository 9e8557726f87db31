/** Rules: dates, amounts, periods and references, found by parsers and marked as such. */
import { findMoney, findPercentages, findPeriods } from './amounts.js';
import { findDates } from './dates.js';
import { ruleKinds, type BareFinding, type RuleFinding, type RuleKind } from './findings.js';
import { findReferences } from './references.js';

export {
  ruleKinds,
  type DateValue,
  type MoneyValue,
  type PercentageValue,
  type PeriodValue,
  type ReferenceValue,
  type RuleFinding,
  type RuleKind,
} from './findings.js';

export interface RuleOptions {
  /** What dates without a year, and those that count from now, are taken to be near to. Without it they are left out. */
  reference?: Date;
  /** Default: all. */
  kinds?: readonly RuleKind[];
}

/**
 * Dates, amounts and references of a text, in order, none within another. Time grows with the length of the text; a document's segments may as
 * well be given one by one.
 */
export function findByRules(text: string, { reference, kinds = ruleKinds }: RuleOptions = {}): RuleFinding[] {
  const wanted = new Set(kinds);
  const finders: [readonly RuleKind[], () => BareFinding[]][] = [
    [['money'], () => findMoney(text)],
    [['percentage'], () => findPercentages(text)],
    [['date', 'date-range'], () => findDates(text, { reference })],
    [['period'], () => findPeriods(text)],
    [['reference'], () => findReferences(text)],
  ];
  const taken: BareFinding[] = [];
  for (const [found, find] of finders) {
    if (!found.some((kind) => wanted.has(kind))) continue;
    // The first of these to claim a place keeps it.
    const before = [...taken].sort((a, b) => a.start - b.start);
    for (const finding of find()) if (wanted.has(finding.kind) && !overlapsAny(before, finding)) taken.push(finding);
  }
  return taken
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .map((finding) => ({ ...finding, source: 'rule', text: text.slice(finding.start, finding.end) }));
}

/** By bisection: `sorted` lie apart, in order. */
function overlapsAny(sorted: readonly BareFinding[], { start, end }: BareFinding): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.end <= start) low = middle + 1;
    else high = middle;
  }
  const next = sorted[low];
  return next !== undefined && next.start < end;
}
