/**
 * Words read through misspellings, misreadings and disguises: one that nobody knows is read as the known word from which it is one slip away (Pruthi
 * et al. 2019, "Combating adversarial misspellings with robust word recognition", where a network does what lists of words do here). For English, and
 * others that write Latin letters without marks.
 */
import { z } from 'zod';
import { FieldcraftError, pack, packed, sha256, unpack, unpackedOnce } from '../foundation/index.js';
import type { Rewriting } from './text-rules.js';
import type { Tokenizer } from './tokenizer.js';
import { inCaseOf, readingsOf } from './word-forms.js';
import { loadWordNet } from './wordnet.js';

/** What is known, by hashes, so that training texts cannot be read out of it: words to be put are made from what a text has, not looked up. */
export const wordListSchema = z.strictObject({
  /** Words that stay as they are (uint32, rising): those of training, of WordNet, and of the base's vocabulary. */
  known: packed,
  /** Words of training that others are read as (float64, whole), the most frequent first. */
  often: packed,
});

export type WordList = Readonly<z.output<typeof wordListSchema>>;

/** What a word is read as; undefined for one that is known, or like none that is. */
export type WordReader = (word: string) => string | undefined;

const [shortest, longest] = [3, 40];
/** Shorter words are one slip away from too many; names, which may be new and right, from other names. Longer ones are none. */
const shortestSlip = 4;
const shortestName = 5;
const longestSlip = 24;
/** One that is met once may be a slip itself. */
const fewest = 2;
const mostOften = 20_000;

/** What may be a word: a figure at its end is a unit's or an edition's. */
const wordPattern = `(?<![\\p{L}\\p{N}@])\\p{L}[\\p{L}\\p{M}\\p{N}@]{${shortest - 2},${longest - 2}}[\\p{L}\\p{M}](?![\\p{L}\\p{N}@])`;

/** The list by which a model that learnt from `texts` on a base with this tokenizer recognises words. @throws FieldcraftError as `loadWordNet` */
export function learnWordList(texts: Iterable<string>, tokenizer: Tokenizer): WordList {
  const counts = new Map<string, number>();
  const pattern = new RegExp(wordPattern, 'gu');
  for (const text of texts)
    for (const [word] of text.toLowerCase().matchAll(pattern)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const known = new Set<number>();
  for (const words of [counts.keys(), loadWordNet().lemmas(), wholeWords(tokenizer)])
    for (const word of words) known.add(shortHash(hashOf(word)));
  const often = [...counts]
    .filter(([word, count]) => count >= fewest && isPlain(word))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, mostOften)
    .map(([word]) => hashOf(word));
  return { known: pack(Uint32Array.from(known).sort()), often: pack(Float64Array.from(new Set(often))) };
}

/** Words that are one token. */
function wholeWords({ vocabularySize, idToToken }: Tokenizer): string[] {
  const tokens = Array.from({ length: vocabularySize }, (_, id) => idToToken(id) ?? '');
  const starts = tokens.some((token) => /^[Ġ▁]./u.test(token));
  return tokens.flatMap((token) => {
    const word = starts ? (/^[Ġ▁](.*)$/u.exec(token)?.[1] ?? '') : token;
    return word.length >= shortest && /^\p{L}+$/u.test(word) ? [word.toLowerCase()] : [];
  });
}

/** Of letters as slips are made of. */
const isPlain = (word: string): boolean => /^[a-z]+$/.test(word);

/** The rewriting of words that are not known. @throws FieldcraftError FC_FILE_FORMAT for a list that is damaged */
export function recognition(list: WordList): Rewriting {
  const read = readerOf(list);
  return { name: 'known-words', find: wordPattern, put: (word) => read(word) ?? word };
}

/** What tells apart how texts are read: by which words, and how. */
export const recognitionHash = unpackedOnce((list: WordList) => sha256(JSON.stringify([1, list])));

const readerOf = unpackedOnce(createWordReader);

function createWordReader(list: WordList): WordReader {
  const known = new Set(new Uint32Array(unpack(list.known, 4)));
  const often = new Map(Array.from(new Float64Array(unpack(list.often, 8)), (hash, rank) => [hash, rank]));
  if (known.size === 0 || ![...often.keys()].every((hash) => Number.isSafeInteger(hash) && known.has(shortHash(hash))))
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'the words that a model knows are damaged',
      expected: 'hashes, those of frequent words among all',
      got: `${often.size} of ${known.size}`,
    });
  const knows = (word: string) => known.has(shortHash(hashOf(word)));
  const isKnown = (word: string) => knows(word) || [...new Set(readingsOf(word).map(({ lemma }) => lemma))].some(knows);

  const read: WordReader = (word) => {
    const lower = word.toLowerCase();
    if (isKnown(lower)) return undefined;
    const plain = unmasked(word).filter(isPlain);
    const shown = plain.find((one) => often.has(hashOf(one))) ?? plain.find(isKnown);
    if (shown !== undefined) return inCaseOf(word, shown);
    const isLong = lower.length >= (word === lower ? shortestSlip : shortestName) && lower.length <= longestSlip;
    const meant = isLong && isPlain(lower) ? likeliestSlip(lower, often) : undefined;
    return meant === undefined ? undefined : inCaseOf(word, meant);
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

/** Words whose reading is remembered. */
const mostRemembered = 20_000;

/** Characters with the shape of a letter: those of another script count in words that have Latin letters too. */
const twins: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from('асеіјорѕхувнкмт', (twin, i) => [twin, 'aceijopsxybhkmt'[i]!]),
);
const figures: Readonly<Record<string, string>> = { 0: 'o', 3: 'e', 5: 's', 6: 'b', 8: 'b', 9: 'g', '@': 'a' };

/** The word in lower case with letters for what looks like them, `1` being an l or an i; none where nothing does. Of capitals figures make names. */
function unmasked(word: string): string[] {
  const letters = word.toLowerCase().replace(/[^a-z]/g, (sign) => twins[sign] ?? sign);
  if (/[\p{N}@]/u.test(letters)) {
    if (word.length < shortestSlip || /\p{Lu}/u.test(word.slice(1))) return [];
    const put = (one: string) =>
      letters.replace(/[\p{N}@]/gu, (sign) => (sign === '1' ? one : (figures[sign] ?? sign)));
    return letters.includes('1') ? [put('l'), put('i')] : [put('')];
  }
  return /[a-z]/i.test(word) && letters !== word.toLowerCase() ? [letters] : [];
}

/** Letters that run into one another. */
const runs = [
  ['rn', 'm'],
  ['cl', 'd'],
  ['li', 'h'],
  ['vv', 'w'],
  ['ri', 'n'],
  ['ii', 'u'],
] as const;

const alphabet = [...'abcdefghijklmnopqrstuvwxyz'];

interface Slip {
  /** From where on, and how many letters give way. */
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

/**
 * How a word may be undone by one slip: a letter too many, another or missing, two that changed places, or two that ran together. The first letter is
 * right, but for what runs together: hardly anybody gets it wrong, and with another one it is mostly another word.
 */
function* slipsOf(word: string): Generator<Slip> {
  for (let at = 0; at <= word.length; at++) {
    for (const [two, one] of runs) {
      if (word.startsWith(two, at)) yield { at, cut: two.length, put: one };
      if (word.startsWith(one, at)) yield { at, cut: one.length, put: two };
    }
    if (at === 0) continue;
    for (const letter of alphabet) yield { at, cut: 0, put: letter };
    if (at === word.length) continue;
    yield { at, cut: 1, put: '' };
    for (const letter of alphabet) yield { at, cut: 1, put: letter };
    if (at + 1 < word.length) yield { at, cut: 2, put: word[at + 1]! + word[at]! };
  }
}

/** The most frequent word that a slip makes; hashes of all candidates come from those of the word's beginnings and ends. */
function likeliestSlip(word: string, often: ReadonlyMap<number, number>): string | undefined {
  const { length } = word;
  const begins = Array.from({ length: length + 1 }, (_, i) => partOf(word.slice(0, i)));
  const ends = Array.from({ length: length + 1 }, (_, i) => partOf(word.slice(i)));
  let [best, rank]: [Slip | undefined, number] = [undefined, Infinity];
  for (const slip of slipsOf(word)) {
    const hash = hashOfPart(joined(joined(begins[slip.at]!, partOf(slip.put)), ends[slip.at + slip.cut]!));
    const own = often.get(hash) ?? Infinity;
    if (own < rank) [best, rank] = [slip, own];
  }
  return best && word.slice(0, best.at) + best.put + word.slice(best.at + best.cut);
}

/** A polynomial hash by two primes below 2^26, whose products are whole in a float64, with the power that what stands before it is raised by. */
interface Part {
  readonly first: number;
  readonly second: number;
  readonly firstPower: number;
  readonly secondPower: number;
}
const [firstPrime, secondPrime] = [2 ** 26 - 5, 2 ** 26 - 27];
const [firstBase, secondBase] = [1_000_003, 7_368_787];

const nothing: Part = { first: 0, second: 0, firstPower: 1, secondPower: 1 };

const joined = (a: Part, b: Part): Part => ({
  first: (a.first * b.firstPower + b.first) % firstPrime,
  second: (a.second * b.secondPower + b.second) % secondPrime,
  firstPower: (a.firstPower * b.firstPower) % firstPrime,
  secondPower: (a.secondPower * b.secondPower) % secondPrime,
});

const letterPart = (unit: number): Part => {
  return { first: unit + 1, second: unit + 1, firstPower: firstBase, secondPower: secondBase };
};

function partOf(text: string): Part {
  let part = nothing;
  for (let i = 0; i < text.length; i++) part = joined(part, letterPart(text.charCodeAt(i)));
  return part;
}

/** Of 52 bits: a thousand candidates for each unknown word must not meet one of twenty thousand by chance. */
const hashOfPart = ({ first, second }: Part): number => first * 2 ** 26 + second;
const hashOf = (word: string): number => hashOfPart(partOf(word));

/** Of 32 bits: by chance one unknown word in forty thousand is taken for a known one, and stays as it is. */
const shortHash = (hash: number): number => ((hash % 2 ** 32) ^ Math.floor(hash / 2 ** 32)) >>> 0;
