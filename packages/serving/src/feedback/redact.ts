/** Takes what identifies a person out of texts, and moves the places of labels with them. */
import { overlapsAny } from '../spans.js';
import { hashOf, type Entry } from './entry.js';
import { redactions, type Redaction } from './redactions.js';

interface Cut {
  start: number;
  end: number;
  mark: string;
}

const digits = (text: string): string => text.replace(/\D/g, '');

interface Rule {
  readonly pattern: RegExp;
  readonly holds?: (found: string) => boolean;
}

const rules: Record<Exclude<Redaction, 'names'>, Rule> = {
  email: { pattern: /[\p{L}\d._%+-]{1,64}@[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){1,8}/gu },
  iban: { pattern: /\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}\b/g, holds: isIban },
  card: { pattern: /(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.]?\d)/g, holds: (found) => isLuhn(digits(found)) },
  ssn: { pattern: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g },
  phone: {
    pattern:
      /(?<![\d.\p{L}]|\d )(?:\+\d{1,3}[\s./-]?(?:\(0?\d{1,4}\)[\s./-]?)?\d{1,4}(?:[\s./-]?\d{2,4}){1,5}|\(\d{3}\)\s?\d{3}[-.\s]\d{4}|\d{3}[-.]\d{3}[-.]\d{4}|0\d{2,4}[\s/-]\d{3,4}[\s-]?\d{3,5})(?! ?\d|\p{L})/gu,
    holds: (found) => digits(found).length >= 9 && digits(found).length <= 15,
  },
};

/** Names that a form of address announces. */
const addressed =
  /\b(?:Mr|Mrs|Ms|Dr|Prof|Miss|Sir|Madam)\.?\s{1,2}((?:\p{Lu}[\p{L}'’-]{0,30}\.?\s{1,2}){0,3}\p{Lu}[\p{L}'’-]{1,30})/gu;
/** Labels of entities that are people. */
const person = /^(?:per|person|people|name|patient|doctor|borrower person)$/i;

/** Numbers of accounts by their check digits (ISO 13616). */
function isIban(found: string): boolean {
  const written = found.replace(/\s/g, '');
  if (written.length < 15 || written.length > 34) return false;
  let rest = 0;
  for (const sign of `${written.slice(4)}${written.slice(0, 4)}`)
    rest = Number(`${rest}${/\d/.test(sign) ? sign : sign.charCodeAt(0) - 55}`) % 97;
  return rest === 1;
}

function isLuhn(number: string): boolean {
  let sum = 0;
  [...number].reverse().forEach((digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0 && !/^(\d)\1*$/.test(number);
}

function cutsOf(text: string, kinds: readonly Redaction[], people: readonly Omit<Cut, 'mark'>[]): Cut[] {
  const cuts: Cut[] = [];
  // In this order: of several that claim the very same place, the first keeps it.
  for (const kind of redactions) {
    if (!kinds.includes(kind)) continue;
    if (kind === 'names') {
      for (const { start, end } of people) cuts.push({ start, end, mark: '[NAME]' });
      for (const match of text.matchAll(addressed)) {
        const start = match.index + match[0].length - match[1]!.length;
        cuts.push({ start, end: match.index + match[0].length, mark: '[NAME]' });
      }
      continue;
    }
    const { pattern, holds } = rules[kind];
    for (const { 0: found, index } of text.matchAll(pattern))
      if (holds === undefined || holds(found))
        cuts.push({ start: index, end: index + found.length, mark: `[${kind.toUpperCase()}]` });
  }
  // A part of an account's number may look like that of a telephone: those that are sure come first.
  const first = cutsApart(
    cuts.filter(({ mark }) => sure.has(mark)),
    [],
  );
  const others = cutsApart(
    cuts.filter(({ mark }) => !sure.has(mark)),
    first,
  );
  return [...first, ...others].sort((a, b) => a.start - b.start);
}

const sure = new Set(['[IBAN]', '[EMAIL]', '[CARD]']);

/** Those outside `taken`, which lie apart in order; of several that overlap the first, of those with the same beginning the longest. */
function cutsApart(cuts: readonly Cut[], taken: readonly Cut[]): Cut[] {
  const apart: Cut[] = [];
  /** The one that reaches furthest. */
  let last: Cut | undefined;
  for (const cut of [...cuts].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const overlaps = last !== undefined && cut.start < last.end && last.start < cut.end;
    if (overlaps || overlapsAny(taken, cut)) continue;
    apart.push(cut);
    if (last === undefined || cut.end > last.end) last = cut;
  }
  return apart;
}

interface Redacted {
  text: string;
  /** Where a place of the old text is in the new one; within what was taken out, the mark's beginning or end. */
  start(place: number): number;
  end(place: number): number;
}

export function redactText(
  text: string,
  kinds: readonly Redaction[],
  people: readonly { start: number; end: number }[] = [],
): Redacted {
  const cuts = cutsOf(text, kinds, people);
  let redacted = '';
  let last = 0;
  for (const { start, end, mark } of cuts) {
    redacted += text.slice(last, start) + mark;
    last = end;
  }
  redacted += text.slice(last);
  const move = (place: number, within: 'start' | 'end'): number => {
    let shift = 0;
    for (const { start, end, mark } of cuts) {
      if (place <= start) break;
      if (place < end) return start + shift + (within === 'start' ? 0 : mark.length);
      shift += mark.length - (end - start);
    }
    return place + shift;
  };
  return { text: redacted, start: (place) => move(place, 'start'), end: (place) => move(place, 'end') };
}

/** The entry without identifiers, in its texts, its note, and whatever texts the prediction holds. */
export function redactEntry(entry: Entry, kinds: readonly Redaction[]): Entry {
  if (kinds.length === 0) return entry;
  const people = kinds.includes('names') ? [...peopleOf(entry.prediction), ...peopleOf(entry.correction)] : [];
  const { text, second, context, choices, ...rest } = entry.input;
  const whole = redactText(
    text,
    kinds,
    people.filter(({ end }) => end <= text.length),
  );
  const other = second === undefined ? undefined : redactText(second, kinds);
  const plain = (one: string): string => redactText(one, kinds).text;
  const input = {
    ...rest,
    text: whole.text,
    ...(other === undefined ? {} : { second: other.text }),
    ...(context === undefined ? {} : { context: plain(context) }),
    ...(choices === undefined ? {} : { choices: choices.map(plain) }),
  };
  /** Places move with their text; other strings are read by the same rules, names of labels aside. */
  function redactValue(value: unknown): unknown {
    if (typeof value === 'string') return plain(value);
    if (Array.isArray(value)) return value.map(redactValue);
    if (typeof value !== 'object' || value === null) return value;
    const record = value as Record<string, unknown>;
    const { start, end } = record;
    const moved: Record<string, unknown> = {};
    for (const [key, one] of Object.entries(record)) moved[key] = names.has(key) ? one : redactValue(one);
    if (typeof start !== 'number' || typeof end !== 'number') return moved;
    const of = record['of'] === 'second' ? other : whole;
    if (of === undefined) return moved;
    const place = { start: of.start(start), end: of.end(end) };
    return { ...moved, ...place, ...('text' in record ? { text: of.text.slice(place.start, place.end) } : {}) };
  }
  const note = entry.note === undefined ? {} : { note: plain(entry.note) };
  return {
    ...entry,
    input,
    hash: hashOf(input),
    prediction: redactValue(entry.prediction),
    correction: redactValue(entry.correction) as Record<string, unknown>,
    ...note,
  };
}

/** Fields that hold names of labels, never a person's words. */
const names = new Set(['label', 'labels', 'code', 'codes', 'intents', 'of']);

function peopleOf(value: unknown): { start: number; end: number }[] {
  if (Array.isArray(value)) return value.flatMap(peopleOf);
  if (typeof value !== 'object' || value === null) return [];
  const { start, end, label, ...rest } = value as Record<string, unknown>;
  if (typeof start === 'number' && typeof end === 'number' && typeof label === 'string' && person.test(label))
    return [{ start, end }];
  return Object.values(rest).flatMap(peopleOf);
}
