/** Who speaks in a transcript: turns that a name or a role opens, found by rules. */
import type { Span } from '@fieldcraft/serving';

interface Turn extends Span {
  readonly speaker: string;
  /** Where the words begin, behind the name. */
  readonly body: number;
}

const role =
  /^(?:operator|moderator|host|interviewer|analyst|unidentified (?:analyst|speaker)|speaker|question|answer|q|a|chair(?:man|woman)?|ceo|cfo|coo|president|governor)(?: \d{1,2})?$/i;
/** What names look like but are not: the headings of transcripts and reports. */
const heading =
  /\b(?:participants?|presentation|section|session|remarks|highlights|results|outlook|summary|contacts?|statements?|questions|answers|sales|profit|income|margin|shares?|guidance|date|time)\b/i;
const namePart = /^(?:\p{Lu}[\p{L}.'’-]*|van|von|de|der|den|di|da|del|la|le|al|bin)$/u;

/**
 * Turns in order. A label stands at the beginning of a line, before a colon or, with a title after a dash, alone; "Ada Berg:", "Operator:", "Ada
 * Berg -- Chief Financial Officer". Nothing where there are not two of them.
 */
export function findTurns(text: string): Turn[] {
  const opened: { start: number; body: number; speaker: string }[] = [];
  const line =
    /^[^\S\n]{0,8}(?:([^\n:]{1,90}):(?=\s|$)|([^\n:]{2,60}?)[^\S\n]{1,4}(?:--|[–—])[^\S\n]{1,4}[^\n:.]{2,80}$)[^\S\n]*/gmu;
  for (const { 0: whole, 1: before, 2: alone, index } of text.matchAll(line)) {
    const speaker = speakerOf(before ?? alone ?? '');
    const body = index + whole.length;
    if (speaker !== undefined && (alone !== undefined || opensSpeech(text, body)))
      opened.push({ start: index, body, speaker });
  }
  if (opened.length < 2) return [];
  return opened.map((turn, i) => ({ ...turn, end: opened[i + 1]?.start ?? text.length }));
}

/** The name without a title behind it; undefined of what is no name. */
function speakerOf(label: string): string | undefined {
  const [name = ''] = label.trim().split(/\s+(?:--|[-–—])\s+|,\s|\s*[([]/);
  const parts = name.split(/\s+/);
  if (role.test(name)) return name;
  if (parts.length < 2 || parts.length > 5 || heading.test(name)) return undefined;
  return parts.every((part) => namePart.test(part)) ? name : undefined;
}

/** Whether words follow as a person speaks them, and not a title or a cell of a list: on the next line, or with a sentence that ends in the paragraph. */
function opensSpeech(text: string, at: number): boolean {
  const [paragraph = ''] = text.slice(at, at + longestSentence).split(/\n[^\S\n]*\n/, 1);
  return /^[^\S\n]*(?:\n|$)/.test(paragraph) || /^\P{L}*\p{L}[^]*?[.?!…]["”’)]*(?:\s|$)/u.test(paragraph);
}

const longestSentence = 1_000;
