/** Values over a text or over days, as a chart draws them: the points, a smooth line through them, and the marks of the axis. */
import { meanOf } from './leaning.js';

export interface Point {
  readonly x: number;
  /** From -1 to 1. */
  readonly y: number;
}

/** A mark of the axis at `at`. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** What lies along the axis. */
export interface Axis {
  /** Where a sentence stands on it. */
  readonly x: (sentence: number) => number;
  readonly from: number;
  readonly to: number;
  readonly ticks: (most: number) => Tick[];
  readonly name: string;
}

/** Days where every headline has one, or else the numbers of sentences or headlines from 1. */
export function axisOf(sentences: readonly { readonly date?: string }[], one: string): Axis {
  const days = sentences.flatMap(({ date }) => (date === undefined ? [] : [Date.parse(date)]));
  if (days.length > 0 && days.length === sentences.length) {
    const [from, to] = [days.reduce((a, b) => Math.min(a, b)), days.reduce((a, b) => Math.max(a, b))];
    return { x: (sentence) => days[sentence]!, from, to, ticks: (most) => dayTicks(from, to, most), name: 'Day' };
  }
  const to = Math.max(1, sentences.length);
  return { x: (sentence) => sentence + 1, from: 1, to, ticks: (most) => numberTicks(1, to, most), name: one };
}

/** The mean of each point and of up to `reach` others on either side, in the order of `x`. */
export function smooth(points: readonly Point[], reach = 2): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x);
  return sorted.map(({ x }, i) => ({
    x,
    y: meanOf(sorted.slice(Math.max(0, i - reach), i + reach + 1).map(({ y }) => y)),
  }));
}

/** Whole numbers at even steps of 1, 2 or 5 times a power of ten. */
export function numberTicks(from: number, to: number, most: number): Tick[] {
  const least = Math.max(1, (to - from) / most);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= least) ?? least;
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push({ at, label: String(at) });
  return ticks;
}

const day = 86_400_000;
const named = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options });
const dayName = named({ day: 'numeric', month: 'short' });
const monthName = named({ month: 'short', year: 'numeric' });

/** Days, weeks, or first days of months and years, in UTC; `from` and `to` in milliseconds. */
export function dayTicks(from: number, to: number, most: number): Tick[] {
  const days = (to - from) / day;
  const step = [1, 2, 7, 14].find((size) => days / size <= most);
  const ticks: Tick[] = [];
  if (step !== undefined) {
    for (let at = from; at <= to; at += step * day) ticks.push({ at, label: dayName.format(at) });
    return ticks;
  }
  const months = [1, 2, 3, 6, 12, 24, 60, 120].find((size) => days / 30 / size <= most) ?? 240;
  const first = new Date(from);
  for (let month = 12 * first.getUTCFullYear() + first.getUTCMonth(); ; month++) {
    const at = Date.UTC(Math.floor(month / 12), month % 12);
    if (at > to) return ticks;
    if (at >= from && month % months === 0) ticks.push({ at, label: monthName.format(at) });
  }
}
