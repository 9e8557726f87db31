/**
 * Words read through misspellings, misreadings and disguises: one that is not known is read as the known word from which it is one slip away (Pruthi
 * et al. 2019, "Combating adversarial misspellings with robust word recognition", where a network does what a list of words does here).
 */
import type { Rewriting } from './text-rules.js';
import type { Tokenizer } from './tokenizer.js';
import { inCaseOf, readingsOf } from './word-forms.js';
import { loadWordNet } from './wordnet.js';

/** What a word is read as; undefined for one that is known, or like none that is. */
export type WordReader = (word: string) => string | undefined;

const [shortest, longest] = [3, 40];
/** Shorter words are one slip away from too many, and names, which may be new and right, from other names. */
const shortestSlip = 4;
const shortestName = 5;

/** Characters that stand for letters of the same shape. */
const shapes: Readonly<Record<string, string>> = {
  ...{
    а: 'a',
    с: 'c',
    е: 'e',
    і: 'i',
    ј: 'j',
    о: 'o',
    р: 'p',
    ѕ: 's',
    х: 'x',
    у: 'y',
    в: 'b',
    н: 'h',
    к: 'k',
    м: 'm',
    т: 't',
  },
  ...{ '0': 'o', '3': 'e', '5': 's', '6': 'b', '8': 'b', '9': 'g', '@': 'a' },
};

/** Letters that run into one another. */
const runs = [
  ['rn', 'm'],
  ['cl', 'd'],
  ['li', 'h'],
  ['vv', 'w'],
  ['ri', 'n'],
  ['ii', 'u'],
] as const;

/** What may be a word in disguise: a figure at its end is no letter, but a unit's, or an edition's. */
const wordPattern = `(?<![\\p{L}\\p{N}@])\\p{L}[\\p{L}\\p{M}\\p{N}@]{${shortest - 2},${longest - 2}}[\\p{L}\\p{M}](?![\\p{L}\\p{N}@])`;

/** Readers by what they know: making one takes longer than reading a text. */
const readers = new WeakMap<readonly string[], Map<string, WordReader>>();

/** The rewriting of words that neither `words` nor the tokenizer's vocabulary has: see `createWordReader`. */
export function recognition(words: readonly string[], tokenizer?: Tokenizer): Rewriting {
  const ofWords = readers.get(words) ?? new Map<string, WordReader>();
  readers.set(words, ofWords);
  const hash = tokenizer?.hash ?? '';
  const read = ofWords.get(hash) ?? createWordReader(words, tokenizer);
  ofWords.set(hash, read);
  return { name: 'known-words', find: wordPattern, put: (word) => read(word) ?? word };
}

/** The words of texts, as `createWordReader` takes them: the most frequent first. */
export function frequentWords(texts: Iterable<string>, most = mostKnownWords): string[] {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const [word] of text.toLowerCase().matchAll(/\p{L}[\p{L}\p{M}]*/gu))
      if (word.length >= shortest && word.length <= longest) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([word]) => word);
}

/** Kept with a model: what is rarer in its training texts is as likely a slip itself. */
export const mostKnownWords = 20_000;

const alphabet = [...'abcdefghijklmnopqrstuvwxyz'];

/**
 * @param words in lower case, the likeliest first; what a tokenizer has whole is less likely than all of them. Of both, and of what WordNet has,
 * every word and its regular forms stay as they are
 * @throws FieldcraftError as `loadWordNet`
 */
export function createWordReader(words: readonly string[], tokenizer?: Tokenizer): WordReader {
  const ranks = new Map<string, number>();
  for (const word of [...words, ...(tokenizer ? wholeWords(tokenizer) : [])])
    if (!ranks.has(word)) ranks.set(word, ranks.size);
  const wordnet = loadWordNet();
  const isKnown = (word: string): boolean =>
    readingsOf(word).some(({ lemma }) => ranks.has(lemma) || wordnet.senses(lemma).length > 0);
  const likeliest = (candidates: Iterable<string>): string | undefined => {
    let best: string | undefined;
    let rank = Infinity;
    for (const candidate of candidates) {
      const own = ranks.get(candidate) ?? Infinity;
      if (own < rank) [best, rank] = [candidate, own];
    }
    return best;
  };
  const read: WordReader = (word) => {
    const lower = word.toLowerCase();
    if (word.length < shortest || word.length > longest || isKnown(lower)) return undefined;
    const shown = unmasked(lower);
    const isLong = word.length >= (word === lower ? shortestSlip : shortestName);
    const slips = (): string[] => shown.filter(isLetters).flatMap((one) => [...oneSlipFrom(one)]);
    const found = likeliest(shown) ?? (isLong ? likeliest(slips()) : undefined);
    return found === undefined ? undefined : inCaseOf(word, found);
  };
  const answers = new Map<string, string | undefined>();
  return (word) => {
    if (answers.has(word)) return answers.get(word);
    if (answers.size >= mostRemembered) answers.clear();
    const answer = read(word);
    answers.set(word, answer);
    return answer;
  };
}

/** Words whose reading is remembered: all slips from a long one take a fraction of a millisecond to look up. */
const mostRemembered = 20_000;

const isLetters = (word: string): boolean => /^\p{L}+$/u.test(word);

/** Words that are one token, in the order of their ids: vocabularies begin with the most frequent. */
function wholeWords({ vocabularySize, idToToken }: Tokenizer): string[] {
  const tokens = Array.from({ length: vocabularySize }, (_, id) => idToToken(id) ?? '');
  const starts = tokens.some((token) => /^[Ġ▁]./u.test(token));
  return tokens.flatMap((token) => {
    const word = starts ? (/^[Ġ▁](.*)$/u.exec(token)?.[1] ?? '') : token;
    return word.length >= shortest && isLetters(word) ? [word.toLowerCase()] : [];
  });
}

/** The word with letters for the characters that look like them: `1` is an l or an i. */
function unmasked(word: string): string[] {
  const letters = word.replace(/[^a-z1]/gu, (sign) => shapes[sign] ?? sign);
  return letters.includes('1') ? [letters.replaceAll('1', 'l'), letters.replaceAll('1', 'i')] : [letters];
}

/** All that a word may have been before one slip: two letters that changed places, one too many, another or missing, two that ran together. */
function* oneSlipFrom(word: string): Generator<string> {
  for (let i = 0; i <= word.length; i++) {
    const [before, after] = [word.slice(0, i), word.slice(i)];
    const rest = after.slice(1);
    if (after !== '') yield before + rest;
    if (after.length > 1) yield before + after[1]! + after[0]! + after.slice(2);
    for (const letter of alphabet) {
      if (after !== '') yield before + letter + rest;
      yield before + letter + after;
    }
    for (const [two, one] of runs) {
      if (after.startsWith(two)) yield before + one + after.slice(two.length);
      if (after.startsWith(one)) yield before + two + after.slice(one.length);
    }
  }
}
