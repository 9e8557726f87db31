/** Days, months, quarters and years, and ranges of them: days by chrono-node, what it does not read by a few expressions of our own. */
import { strict } from 'chrono-node';
import type { BareFinding, DateValue } from './findings.js';

const monthNames = 'January|February|March|April|May|June|July|August|September|October|November|December';
const shortMonths = 'Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec';
const month = `(?:${monthNames}|(?:${shortMonths})\\.?)`;
/** Only what may hold a date is given to chrono, which reads every word with many expressions. */
const mayHoldDay = new RegExp(`\\b${month}|\\d[-/.]\\d`, 'i');

interface FoundDate extends DateValue {
  start: number;
  end: number;
}

/**
 * Dates in order. Those that name no year are given that of `reference`; those that count from now ("two weeks ago") are found only where
 * there is one.
 */
export function findDates(text: string, { reference }: { reference?: Date | undefined } = {}): BareFinding[] {
  const dates = [...writtenDays(text), ...months(text), ...quarters(text), ...fiscalYears(text)];
  for (const line of linesOf(text))
    if (mayHoldDay.test(line.text)) dates.push(...days(line.text, line.start, reference));
  return ranges(text, withoutOverlaps(dates)).map(({ start, end, ...value }) => ({
    kind: value.to === undefined ? ('date' as const) : ('date-range' as const),
    start,
    end,
    value,
  }));
}

/** Pieces that no date crosses, so that a long text takes no longer than its words. */
function* linesOf(text: string): Generator<{ text: string; start: number }> {
  let start = 0;
  for (const line of text.split(/(?<=\n\s*\n|[.;]\s)/)) {
    yield { text: line, start };
    start += line.length;
  }
}

type Components = ReturnType<typeof strict.parse>[number]['start'];

const two = (value: number): string => String(value).padStart(2, '0');
const isoDay = (year: number, monthOfYear: number, day: number): string =>
  `${String(year).padStart(4, '0')}-${two(monthOfYear)}-${two(day)}`;

function dayOf(components: Components): string {
  return isoDay(components.get('year') ?? NaN, components.get('month') ?? NaN, components.get('day') ?? NaN);
}

function days(text: string, offset: number, reference: Date | undefined): FoundDate[] {
  return strict.parse(text, reference).flatMap(({ index, text: words, start, end }) => {
    if (!start.isCertain('day') || !start.isCertain('month')) return [];
    const hasDigits = /\d/.test(words);
    const countsFromNow =
      start.tags().has('result/relativeDate') || /\b(?:ago|from now|later)\b/i.test(words) || !hasDigits;
    const namesYear = start.isCertain('year') && !countsFromNow;
    // "3/4" is a fraction, a score, a share; "1.2.2024" within a longer number is part of it.
    if (/^\d{1,2}[/.-]\d{1,2}$/.test(words)) return [];
    if (/[\d.]$/.test(text.slice(0, index)) || /^[\d/-]/.test(text.slice(index + words.length))) return [];
    if (!namesYear && reference === undefined) return [];
    const [, first, second] = /^(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}$/.exec(words) ?? [];
    const ambiguous = first !== undefined && first !== second && Number(first) <= 12 && Number(second) <= 12;
    return [
      {
        start: offset + index,
        end: offset + index + words.length,
        from: dayOf(start),
        ...(end?.isCertain('day') ? { to: dayOf(end) } : {}),
        ...(ambiguous ? { ambiguous: true as const } : {}),
        ...(namesYear ? {} : { relative: true as const }),
      },
    ];
  });
}

/** "this 5th day of June, 2019", as deeds are dated. */
const writtenDay = new RegExp(
  `\\b(\\d{1,2})(?:st|nd|rd|th)?\\s{1,3}day\\s{1,3}of\\s{1,3}(${month}),?\\s{1,3}(\\d{4})\\b`,
  'gi',
);

function writtenDays(text: string): FoundDate[] {
  return [...text.matchAll(writtenDay)].flatMap(({ 0: whole, 1: day, 2: name, 3: year, index }) => {
    const from = isoDay(Number(year), monthNumber(name!), Number(day));
    return isDay(from) ? [{ start: index, end: index + whole.length, from }] : [];
  });
}

/** "May" and "March" are words too: with a year they are months. */
const namedMonth = new RegExp(`\\b(${month})(?:,|\\s{1,2}of)?\\s{1,3}(\\d{4})\\b(?!\\s*[-/]\\d)`, 'g');

function months(text: string): FoundDate[] {
  return [...text.matchAll(namedMonth)].flatMap(({ 0: whole, 1: name, 2: year, index }) =>
    /\d(?:st|nd|rd|th)?\s{0,2}(?:of\s)?$/.test(text.slice(Math.max(0, index - 8), index)) || !isYear(Number(year))
      ? []
      : [{ start: index, end: index + whole.length, from: `${year}-${two(monthNumber(name!))}` }],
  );
}

const quarterNumbers: Record<string, number> = { first: 1, second: 2, third: 3, fourth: 4 };

function quarters(text: string): FoundDate[] {
  const pattern =
    /\b(?:Q([1-4])|(first|second|third|fourth)[\s-]{1,2}quarter)(?:\s{1,2}of)?(?:\s{1,2}fiscal(?:\s{1,2}year)?)?,?\s{0,2}(?:FY\s?)?(\d{4})\b/gi;
  return [...text.matchAll(pattern)].flatMap(({ 0: whole, 1: digit, 2: name, 3: year, index }) => {
    const quarter = digit === undefined ? quarterNumbers[name?.toLowerCase() ?? ''] : Number(digit);
    if (quarter === undefined || !isYear(Number(year))) return [];
    // Of a company's own year the months are not known.
    if (/fiscal|FY/i.test(whole)) return [{ start: index, end: index + whole.length, from: year! }];
    const [from, to] = [quarter * 3 - 2, quarter * 3].map((number) => `${year}-${two(number)}`);
    return [{ start: index, end: index + whole.length, from: from!, to: to! }];
  });
}

function fiscalYears(text: string): FoundDate[] {
  const pattern =
    /\b(?:fiscal(?:\s{1,2}years?)?|FY|calendar\s{1,2}year|(?:the\s{1,2})?year(?:\s{1,2}of)?)\s{0,2}(\d{4})\b/gi;
  return [...text.matchAll(pattern)].flatMap(({ 0: whole, 1: year, index }) =>
    isYear(Number(year)) ? [{ start: index, end: index + whole.length, from: year! }] : [],
  );
}

const isYear = (year: number): boolean => year >= 1000 && year <= 2200;

const isDay = (iso: string): boolean => {
  const day = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(iso);
};

const monthNumber = (name: string): number => 1 + shortNames.indexOf(name.slice(0, 3).toLowerCase());
const shortNames = monthNames.split('|').map((name) => name.slice(0, 3).toLowerCase());

/** Of two dates in one place, the longer. */
function withoutOverlaps(dates: readonly FoundDate[]): FoundDate[] {
  const kept: FoundDate[] = [];
  for (const date of [...dates].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1);
    if (last === undefined || date.start >= last.end) kept.push(date);
    else if (date.end - date.start > last.end - last.start) kept[kept.length - 1] = date;
  }
  return kept;
}

/** Two dates with "to" or the like between them are a range. */
function ranges(text: string, dates: readonly FoundDate[]): FoundDate[] {
  const found: FoundDate[] = [];
  for (const date of dates) {
    const last = found.at(-1);
    const between = last === undefined ? '' : text.slice(last.end, date.start);
    const joins =
      /^\s{0,2}(?:to|through|thru|until|till|up to|and ending(?: on)?|–|—|-)\s{0,2}$/i.test(between) ||
      (/^\s{1,2}and\s{1,2}$/i.test(between) && /\bbetween\s{1,2}$/i.test(text.slice(0, last?.start ?? 0).slice(-12)));
    if (last !== undefined && joins && last.to === undefined && date.to === undefined && last.from <= date.from)
      found[found.length - 1] = { ...last, end: date.end, to: date.from };
    else found.push(date);
  }
  return found;
}
