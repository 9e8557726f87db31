/** Amounts of money, percentages and periods of time, in digits, in words, or in both: "thirty (30) days". */
import type { BareFinding, PeriodValue } from './findings.js';
import { digitNumber, scaleOf, valueOfDigits, valueOfWords, wordNumber } from './numbers.js';

const codes = 'USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|CNY|RMB|INR|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|SGD|HKD|KRW|TRY|ILS|AED';
const signs: Record<string, string> = {
  $: 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₹': 'INR',
  '₩': 'KRW',
  '₺': 'TRY',
  '₪': 'ILS',
};
const dollars: Record<string, string> = {
  US: 'USD',
  'U.S.': 'USD',
  C: 'CAD',
  CA: 'CAD',
  CAD: 'CAD',
  A: 'AUD',
  AU: 'AUD',
  NZ: 'NZD',
  HK: 'HKD',
  S: 'SGD',
};
const names: [RegExp, string][] = [
  [/canadian dollars?/i, 'CAD'],
  [/australian dollars?/i, 'AUD'],
  [/dollars?/i, 'USD'],
  [/euros?/i, 'EUR'],
  [/pounds?|sterling/i, 'GBP'],
  [/yen/i, 'JPY'],
  [/swiss francs?/i, 'CHF'],
  [/rupees?/i, 'INR'],
  [/yuan|renminbi/i, 'CNY'],
];
const currencyName =
  '(?:U\\.?S\\.? |Canadian |Australian )?dollars?|euros?|pounds? sterling|pounds|yen|swiss francs?|rupees|yuan|renminbi';
const scale = '(?:\\s{0,2}(?:thousand|million|billion|trillion|mn|mm|mio|bn|tn|k|m|b)(?![\\p{L}\\d]))?';

const before = new RegExp(
  `(?<![\\p{L}\\d])(?:(?<code>${codes})\\s{0,2}|(?<dollar>US|U\\.S\\.|CAD|CA|C|AU|A|NZ|HK|S)?(?<sign>[$€£¥₹₩₺₪])\\s{0,2})(?<number>${digitNumber})(?<scale>${scale})`,
  'giu',
);
const after = new RegExp(
  `(?<![\\p{L}\\d.,$€£¥])(?:(?<number>${digitNumber})(?<scale>${scale})|(?<words>${wordNumber}))\\s{0,2}(?:(?<code>${codes})(?![\\p{L}\\d])|(?<name>${currencyName})(?![\\p{L}])|(?<sign>[€£]))`,
  'giu',
);
/** The same amount again in brackets: "five hundred dollars ($500)". */
const bracketed = /^\s{0,2}\(\s{0,2}([^()]{1,40})\)/;

export function findMoney(text: string): BareFinding[] {
  const findings: BareFinding[] = [];
  for (const pattern of [before, after]) {
    for (const match of text.matchAll(pattern)) {
      const groups = match.groups ?? {};
      const factor = scaleOf(groups['scale']);
      const amount =
        groups['words'] === undefined
          ? valueOfDigits(groups['number'] ?? '', { threeAreThousands: factor === 1 }) * factor
          : valueOfWords(groups['words']);
      const currency = currencyOf(groups);
      if (!Number.isFinite(amount) || currency === undefined) continue;
      findings.push({
        kind: 'money',
        start: match.index,
        end: match.index + match[0].length,
        value: { amount: rounded(amount), currency },
      });
    }
  }
  findings.sort((a, b) => a.start - b.start);
  return findings.flatMap((finding, i) => {
    const previous = findings[i - 1];
    // Of an amount in words with the digits in brackets, the whole counts, with the value of the digits.
    if (previous && /^\s{0,2}\(\s{0,2}$/.test(text.slice(previous.end, finding.start)) && text[finding.end] === ')')
      return [];
    const inBrackets = bracketed.exec(text.slice(finding.end, finding.end + 50));
    const next = findings[i + 1];
    if (inBrackets && next && next.start >= finding.end && next.end === finding.end + inBrackets[0].length - 1)
      return [{ ...next, start: finding.start, end: next.end + 1 }];
    return [finding];
  });
}

function currencyOf({ code, dollar, sign, name }: Record<string, string | undefined>): string | undefined {
  if (code !== undefined) return code.toUpperCase() === 'RMB' ? 'CNY' : code.toUpperCase();
  if (sign !== undefined) return sign === '$' && dollar !== undefined ? dollars[dollar.toUpperCase()] : signs[sign];
  return names.find(([pattern]) => name !== undefined && pattern.test(name))?.[1];
}

/** Products such as 1.1 million are no sums of binary fractions. */
const rounded = (amount: number): number => Number(amount.toPrecision(15));

const percentage = new RegExp(
  `(?<![\\p{L}\\d.,])(?:(?<words>${wordNumber})|(?<number>[-+−]?(?:${digitNumber})))(?:\\s{0,2}\\(\\s{0,2}(?<again>(?:${digitNumber}))\\s{0,2}%?\\s{0,2}\\))?\\s{0,2}(?<unit>%|per\\s?cent(?:age\\s{1,2}points?)?(?!\\p{L})|percentage\\s{1,2}points?(?!\\p{L})|basis\\s{1,2}points?(?!\\p{L})|bps(?!\\p{L}))(?<after>\\s{0,2}\\(\\s{0,2}(?<last>(?:${digitNumber}))\\s{0,2}%\\s{0,2}\\))?`,
  'giu',
);

export function findPercentages(text: string): BareFinding[] {
  return [...text.matchAll(percentage)].flatMap((match) => {
    const { words, number, again, last, unit = '' } = match.groups ?? {};
    const digits = last ?? again ?? number;
    const sign = digits === number && /^[-−]/.test(digits ?? '') ? -1 : 1;
    const value = digits === undefined ? valueOfWords(words ?? '') : sign * valueOfDigits(digits.replace(/^[-+−]/, ''));
    if (!Number.isFinite(value)) return [];
    const percent = rounded(/^b/i.test(unit) ? value / 100 : value);
    return [
      { kind: 'percentage' as const, start: match.index, end: match.index + match[0].length, value: { percent } },
    ];
  });
}

const period = new RegExp(
  `(?<![\\p{L}\\d.,$€£/])(?:(?<words>${wordNumber})(?:\\s{0,2}\\(\\s{0,2}(?<again>\\d{1,4})\\s{0,2}\\))?|(?<number>\\d{1,4}(?:\\.\\d{1,2})?)(?:\\s{0,2}\\(\\s{0,2}(?:${wordNumber})\\s{0,2}\\))?)(?:\\s{0,2}-\\s{0,2}|\\s{1,3})(?<kind>(?:business|working|banking|trading|calendar|consecutive|full|additional)(?:\\s{1,2}|-))?(?<unit>minute|hour|day|week|month|quarter|year)s?(?!\\p{L})`,
  'giu',
);
const isoForms: Partial<Record<PeriodValue['unit'], (amount: number) => string>> = {
  minute: (amount) => `PT${amount}M`,
  hour: (amount) => `PT${amount}H`,
  day: (amount) => `P${amount}D`,
  week: (amount) => `P${amount}W`,
  month: (amount) => `P${amount}M`,
  quarter: (amount) => `P${amount * 3}M`,
  year: (amount) => `P${amount}Y`,
};

export function findPeriods(text: string): BareFinding[] {
  return [...text.matchAll(period)].flatMap((match) => {
    const { words, again, number, kind = '', unit = '' } = match.groups ?? {};
    const digits = again ?? number;
    const amount = digits === undefined ? valueOfWords(words ?? '') : Number(digits);
    const named = unitOf(unit.toLowerCase(), /^(?:business|working|banking|trading)/i.test(kind));
    if (!Number.isFinite(amount) || named === undefined) return [];
    const iso = isoForms[named]?.(amount);
    const value = { amount, unit: named, ...(iso === undefined ? {} : { iso }) };
    return [{ kind: 'period' as const, start: match.index, end: match.index + match[0].length, value }];
  });
}

function unitOf(unit: string, business: boolean): PeriodValue['unit'] | undefined {
  if (business) return unit === 'day' ? 'business day' : undefined;
  const all = ['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
  return all.find((known) => known === unit);
}
