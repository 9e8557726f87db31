/** A feed of headlines: one a line, its date in a column before or behind it where there is one. */
import { FieldcraftError } from '@fieldcraft/core';
import { findByRules } from '@fieldcraft/serving';

export interface Headline {
  readonly text: string;
  /** `YYYY-MM-DD`. */
  readonly date?: string;
}

interface Feed {
  /** In the order of the lines. */
  readonly headlines: readonly Headline[];
  /** What was decided or left out, one sentence each. */
  readonly notes: readonly string[];
}

/** Headlines that are read at once; what is beyond is left out and told of. */
export const mostHeadlines = 2_000;

const time = String.raw`(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?)?`;
const numerals = String.raw`(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})${time}`;
const named = String.raw`(?:\d{1,2}(?:st|nd|rd|th)?[ -]\p{L}{3,9}\.?,?[ -]\d{4}|\p{L}{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})`;
const separator = String.raw`\s*[\t,;|]\s*|\s*:\s+|\s+[-–—]+\s+`;
/** A date in numerals needs a blank behind it, one in words a sign: "March 5, 2024 was a Tuesday" is a headline. */
const dateFirst = new RegExp(
  String.raw`^\s*["'([]?(?<date>${numerals}|${named}(?=["')\]]?(?:${separator})))["')\]]?(?:(?:${separator}|\s+)(?<text>.*))?$`,
  'u',
);
const dateLast = new RegExp(
  String.raw`^\s*(?<text>.*?)\s*[\t,;|(]\s*["'[]?(?<date>${numerals}|${named})["')\]]*\s*$`,
  'u',
);
const columnNames =
  /^["']?(?:date|time|day|published)\w*["']?\s*[\t,;|]|[\t,;|]\s*["']?(?:date|time|day|published)\w*["']?\s*$/i;

/** @throws FieldcraftError FC_DATA where there is no headline in it */
export function readFeed(source: string): Feed {
  const lines = source
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (columnNames.test(lines[0] ?? '') && datedLine(lines[0]!).date === undefined) lines.shift();
  const written = lines.filter((line) => /[\p{L}\d]/u.test(line));
  const drafts = written
    .slice(0, mostHeadlines)
    .map(datedLine)
    .filter(({ text }) => /[\p{L}\d]/u.test(text));
  if (drafts.length === 0) {
    throw new FieldcraftError('FC_DATA', {
      what: 'there is no headline to read',
      expected: 'one headline a line, with its date before or behind it or without one',
    });
  }
  const order = orderOf(drafts.flatMap(({ date }) => (date === undefined ? [] : [date])));
  const headlines = drafts.map(({ text, date: words }): Headline => {
    const date = words === undefined ? undefined : isoOf(words, order.dayFirst);
    return { text, ...(date !== undefined && { date }) };
  });
  const undated = headlines.filter(({ date }) => date === undefined).length;
  return {
    headlines,
    notes: [
      ...(written.length > mostHeadlines
        ? [`Only the first ${mostHeadlines} of ${written.length} headlines are read.`]
        : []),
      ...(order.unsure === undefined ? [] : [`Dates such as ${order.unsure} are read with the month first.`]),
      ...(undated > 0 && undated < headlines.length
        ? [`${undated} of ${headlines.length} headlines have no date: charts show them in the order of the feed.`]
        : []),
    ],
  };
}

/** A line that begins or ends with a date which there is. */
function datedLine(line: string): { text: string; date?: string } {
  // No date reaches further: of a long line only the end is searched for one.
  const [head, tail] = [line.slice(0, -80), line.slice(-80)];
  const [first, last] = [dateFirst.exec(line)?.groups, dateLast.exec(tail)?.groups];
  for (const found of [first, last && { ...last, text: head + (last['text'] ?? '') }]) {
    const { date, text = '' } = found ?? {};
    if (date !== undefined && isoOf(date, false) !== undefined) return { date, text: unquote(text) };
  }
  return { text: unquote(line) };
}

/** A cell of a table, as spreadsheets write it. */
const unquote = (cell: string): string =>
  /^"(?:[^"]|"")*"$/.test(cell.trim()) ? cell.trim().slice(1, -1).replaceAll('""', '"') : cell.trim();

const slashed = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})/;

/** Whether days stand before months, as all dates of the feed show together; `unsure` is one of a feed where none does. */
function orderOf(dates: readonly string[]): { dayFirst: boolean; unsure?: string } {
  const pairs = dates.flatMap((date) => {
    const [, one, other] = slashed.exec(date) ?? [];
    return one === undefined || other === undefined ? [] : [{ date, one: Number(one), other: Number(other) }];
  });
  if (pairs.some(({ one }) => one > 12)) return { dayFirst: true };
  const unsure = pairs.some(({ other }) => other > 12)
    ? undefined
    : pairs.find(({ one, other }) => one !== other)?.date;
  return { dayFirst: false, ...(unsure !== undefined && { unsure }) };
}

/** Undefined of what is no day of the calendar. */
function isoOf(words: string, dayFirst: boolean): string | undefined {
  const [, year, month, day] = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})/.exec(words) ?? [];
  if (year !== undefined) return dayOf(year, month!, day!);
  const [, one, other, end] = slashed.exec(words) ?? [];
  if (end !== undefined) {
    const [first, second] = dayFirst ? [other!, one!] : [one!, other!];
    return dayOf(end, first, second) ?? dayOf(end, second, first);
  }
  const [found] = findByRules(words);
  return found?.kind === 'date' && found.value.from.length === 10 ? found.value.from : undefined;
}

function dayOf(year: string, month: string, day: string): string | undefined {
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : undefined;
}
