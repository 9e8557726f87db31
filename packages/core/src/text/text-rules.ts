/** Text rules: named rewritings before tokenisation, such as one word for every citation marker; tokens keep their places in the text as it was. */
import { z } from 'zod';
import { FieldcraftError, sha256 } from '../foundation/index.js';
import type { Encoding } from './encoding.js';
import type { EncodeInput, Tokenizer } from './tokenizer.js';
import { recognition, recognitionHash, type WordList } from './word-recognition.js';

/** The most characters that one part of a pattern may repeat over, and the most ways in which a pattern may match from one place on. */
const longestRepeat = 64;
const mostWays = 16_000;

/** A text may grow to so many times its length, and by so many UTF-16 units more. */
const mostGrowth = 20;
const growthOfShort = 1000;

/**
 * A rule as plain data: it is saved with a model and applied to what is predicted from as to what was learnt from. Patterns come from model files
 * too, so they must end soon on any text: what repeats is bounded, repeats over nothing that repeats, can be matched in few ways in all (as many as
 * there are to go back to when it does not match), and nothing refers back.
 */
export const textRuleSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a kebab-case name'),
  /** Source of a regular expression, with the flag u. */
  find: z.string().min(1).max(500).superRefine(checkPattern),
  /**
   * What stands in its place: `$1` to `$9` are the groups of the pattern, `$$` is a dollar sign. Or a table from what is found to that; what
   * is not in the table stays.
   */
  put: z.union([z.string().max(100), z.record(z.string().min(1), z.string().max(100))]),
});
export type TextRule = Readonly<z.output<typeof textRuleSchema>>;

/** A rule, or one whose replacement for the whole of what is found is worked out from it. */
export interface Rewriting {
  readonly name: string;
  readonly find: string;
  readonly put: TextRule['put'] | ((found: string) => string);
}

export const textRulesSchema = z.array(textRuleSchema).max(50).readonly();

export function checkPattern(source: string, context: { addIssue(message: string): void }): void {
  try {
    new RegExp(source, 'u');
  } catch (error) {
    return context.addIssue(error instanceof Error ? error.message : String(error));
  }
  if (/\\[1-9k]/.test(source)) return context.addIssue('a pattern that refers back to a group of its own');
  // What is escaped and what is in a class stands for one character, whatever it looks like.
  const shape = source.replace(/\\(?:[pPu]\{[^}]*\}|.)/gu, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (/[*+]|\{\d+,\}/.test(shape)) return context.addIssue(`an unbounded repeat: write {0,${longestRepeat}} at most`);
  const repeats = [...shape.matchAll(/\{(?:\d+,)?(\d+)\}/g)];
  if (repeats.some(([, most]) => Number(most) > longestRepeat))
    return context.addIssue(`more than ${longestRepeat} repeats`);
  if (/\)\{/.test(shape)) return context.addIssue('a group that repeats: write out what it holds');
  if (waysOf(shape) > mostWays)
    context.addIssue(`more than ${mostWays} ways to match: fewer repeats, optional parts or alternatives`);
}

/** Opening of a group of any kind, its end, alternatives, a bounded repeat, an optional part; or one character. */
const partsOfPattern = /\((?:\?(?:<?[=!]|<[^>]*>|:))?|[)|]|\{(?<least>\d+)(?:,(?<most>\d+))?\}\??|\?{1,2}|./gsu;

/** In how many ways a pattern can match at most from one place on: the product over what can be repeated or left out, the sum over alternatives. */
function waysOf(shape: string): number {
  const open = [{ before: 0, ways: 1 }];
  let last = 1;
  for (const { 0: part, groups: { least = '0', most = least } = {} } of shape.matchAll(partsOfPattern)) {
    const group = open.at(-1)!;
    if (part.startsWith('(')) open.push({ before: 0, ways: 1 });
    else if (part === '|') open.splice(-1, 1, { before: group.before + group.ways, ways: 1 });
    else if (part === ')' && open.length > 1) {
      open.pop();
      last = group.before + group.ways;
      open.at(-1)!.ways *= last;
      continue;
    } else if (part.startsWith('{')) group.ways *= Number(most) - Number(least) + 1;
    else if (part.startsWith('?')) group.ways *= (last + 1) / last;
    last = 1;
  }
  return open.reduce((sum, { before, ways }) => sum + before + ways, 0);
}

/** A text after rules, and for each of its UTF-16 units the stretch [start, end) of the text before that it stands for. */
export interface RewrittenText {
  readonly text: string;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * Applies rules in their order, each to what those before it left. What a match and its replacement have in common at either end keeps its
 * places; the rest of the replacement stands for the rest of the match.
 * @returns undefined where no rule changes anything
 * @throws FieldcraftError FC_CONFIG for a rule that puts words where it found nothing, and for rules that make a text many times as long
 */
export function rewriteText(text: string, rules: readonly Rewriting[]): RewrittenText | undefined {
  return rules.reduce<RewrittenText | undefined>((known, rule) => applyRule(text, known, rule), undefined);
}

/** A text with its words recognised; undefined where that changes nothing, or there is no vocabulary. */
export const recogniseWords = (text: string, vocabulary: WordList | undefined): RewrittenText | undefined =>
  vocabulary && rewriteText(text, [recognition(vocabulary)]);

/** `known` is what earlier rules made of the text; undefined while every unit stands for itself. */
function applyRule(
  original: string,
  known: RewrittenText | undefined,
  { name, find, put }: Rewriting,
): RewrittenText | undefined {
  const from = known?.text ?? original;
  const matches = [...from.matchAll(new RegExp(find, 'gu'))];
  if (matches.length === 0) return known;
  const startOf = (unit: number) => (known === undefined ? unit : (known.starts[unit] ?? 0));
  const endOf = (unit: number) => (known === undefined ? unit + 1 : (known.ends[unit] ?? 0));
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  const keep = (start: number, end: number) => {
    text += from.slice(start, end);
    for (let unit = start; unit < end; unit++) {
      starts.push(startOf(unit));
      ends.push(endOf(unit));
    }
  };
  const longest = mostGrowth * original.length + growthOfShort;
  let at = 0;
  for (const match of matches) {
    if (starts.length > longest) {
      throw new FieldcraftError('FC_CONFIG', {
        what: `the text rule ${name} makes a text more than ${mostGrowth} times as long`,
        fix: 'put shorter words, or have fewer rules follow one another',
      });
    }
    const found = match[0];
    const place = match.index;
    const written = writtenFor(match, put);
    // A word stands for a word: what a slip added to it is part of its stretch too.
    const { head, tail } = typeof put === 'function' ? { head: 0, tail: 0 } : inCommon(found, written);
    keep(at, place + head);
    const [first, last] = [place + head, place + found.length - tail];
    const added = written.slice(head, written.length - tail);
    if (added.length === last - first) {
      text += added;
      for (let unit = first; unit < last; unit++) {
        starts.push(startOf(unit));
        ends.push(endOf(unit));
      }
    } else {
      if (first === last && added.trim() !== '') {
        throw new FieldcraftError('FC_CONFIG', {
          what: `the text rule ${name} puts words where it found nothing`,
          got: JSON.stringify(added),
          fix: 'have it find the characters that the words stand for',
        });
      }
      text += added;
      const [start, end] = first < last ? [startOf(first), endOf(last - 1)] : [startOf(first), startOf(first)];
      for (let unit = 0; unit < added.length; unit++) {
        starts.push(start);
        ends.push(end);
      }
    }
    at = last;
    keep(at, place + found.length);
    at = place + found.length;
  }
  keep(at, from.length);
  if (text === from) return known;
  return { text, starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
}

function writtenFor(match: RegExpExecArray, put: Rewriting['put']): string {
  const [found] = match;
  if (typeof put === 'function') return put(found);
  if (typeof put === 'string') return filledIn(put, match);
  return Object.hasOwn(put, found) ? put[found]! : found;
}

/** A template with the groups of a match in it. */
export const filledIn = (put: string, match: RegExpExecArray): string =>
  put.replace(/\$([1-9$])/g, (_, group: string) => (group === '$' ? '$' : (match[Number(group)] ?? '')));

/** How many units two strings share at their beginning and, beside those, at their end; none where the rest would be words for nothing. */
function inCommon(found: string, written: string): { head: number; tail: number } {
  const most = Math.min(found.length, written.length);
  let head = 0;
  while (head < most && found[head] === written[head]) head++;
  let tail = 0;
  while (tail < most - head && found.at(-1 - tail) === written.at(-1 - tail)) tail++;
  const wordsForNothing = head + tail === found.length && written.slice(head, written.length - tail).trim() !== '';
  return wordsForNothing ? { head: 0, tail: 0 } : { head, tail };
}

/**
 * A tokenizer that recognises words by `vocabulary`, where there is one, and reads texts by rules then: ids are those of the rewritten text, offsets
 * those of the text that was given.
 * @throws FieldcraftError FC_FILE_FORMAT for a vocabulary that is damaged
 */
export function withTextRules(tokenizer: Tokenizer, rules: readonly TextRule[], vocabulary?: WordList): Tokenizer {
  if (rules.length === 0 && vocabulary === undefined) return tokenizer;
  const { encodeMany, encodeWindows } = tokenizer;
  const all: readonly Rewriting[] = vocabulary === undefined ? rules : [recognition(vocabulary), ...rules];
  const read = (text: string) => rewriteText(text, all);
  const encodeAll: Tokenizer['encodeMany'] = async (inputs, options) => {
    const changed = inputs.map((input) => textsOf(input).map(read));
    const encodings = await encodeMany(
      inputs.map((input, i) => rewritten(input, changed[i] ?? [])),
      options,
    );
    return encodings.map((encoding, i) => placed(encoding, changed[i] ?? []));
  };
  return {
    ...tokenizer,
    hash: sha256(
      JSON.stringify([tokenizer.hash, rules, ...(vocabulary === undefined ? [] : [recognitionHash(vocabulary)])]),
    ),
    encodeMany: encodeAll,
    async encode(text, { pair, ...options } = {}) {
      const [encoding] = await encodeAll([pair === undefined ? text : [text, pair]], options);
      return encoding as Encoding;
    },
    async encodeWindows(text, { pair, ...options }) {
      const both = [text, pair ?? ''].map(read);
      const windows = await encodeWindows(both[0]?.text ?? text, {
        ...options,
        ...(pair === undefined ? {} : { pair: both[1]?.text ?? pair }),
      });
      return windows.map((encoding) => placed(encoding, both));
    },
  };
}

const textsOf = (input: EncodeInput): readonly string[] => (typeof input === 'string' ? [input] : input);

function rewritten(input: EncodeInput, [text, second]: readonly (RewrittenText | undefined)[]): EncodeInput {
  if (typeof input === 'string') return text?.text ?? input;
  return [text?.text ?? input[0], second?.text ?? input[1]];
}

/** The encoding with its offsets in the texts as they were. */
function placed(encoding: Encoding, texts: readonly (RewrittenText | undefined)[]): Encoding {
  if (texts.every((text) => text === undefined)) return encoding;
  const { starts, ends, sequenceIds } = encoding;
  const of = (token: number) => texts[sequenceIds[token] ?? -1];
  return {
    ...encoding,
    starts: starts.map((start, token) => of(token)?.starts[start] ?? start),
    ends: ends.map((end, token) => (end === 0 ? end : (of(token)?.ends[end - 1] ?? end))),
  };
}
