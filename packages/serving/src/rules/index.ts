/** Rules: dates, amounts, periods and references, found by parsers and marked as such. */
import { overlapsAny } from '../spans.js';
import { findMoney, findPercentages, findPeriods } from './amounts.js';
import { findDates } from './dates.js';
import type { BareFinding, RuleFinding } from './findings.js';
import { findReferences } from './references.js';

export type { DateValue, MoneyValue, PercentageValue, PeriodValue, ReferenceValue, RuleFinding } from './findings.js';

/**
 * Dates, amounts and references of a text, in order, none within another. Dates without a year, and those that count from now, are taken to be near
 * to `reference`; without it they are left out. Time grows with the length of the text; a document's segments may as well be given one by one.
 */
export function findByRules(text: string, { reference }: { reference?: Date } = {}): RuleFinding[] {
  const taken: BareFinding[] = [];
  for (const found of [
    findMoney(text),
    findPercentages(text),
    findDates(text, { reference }),
    findPeriods(text),
    findReferences(text),
  ]) {
    // The first of these to claim a place keeps it.
    const before = [...taken].sort((a, b) => a.start - b.start);
    for (const finding of found) if (!overlapsAny(before, finding)) taken.push(finding);
  }
  return taken
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .map((finding) => ({ ...finding, source: 'rule', text: text.slice(finding.start, finding.end) }));
}
