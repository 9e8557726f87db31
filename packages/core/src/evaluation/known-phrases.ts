/**
 * The dictionary of entities that is kept with a model: phrases by hashes, so that nobody reads training texts out of it. What it does not keep: phrases
 * that bear no label, and those too long to be met again.
 */
import { z } from 'zod';
import { pack, packed, unpack, unpackedOnce } from '../foundation/index.js';
import type { Span } from '../metrics/index.js';
import type { EntityText } from './baselines/baseline.js';
import { learnDictionary, longestPhrases, wordsOf, type Word } from './baselines/entity-dictionary.js';
import { damagedWords, mostKept } from './kept-grams.js';
import { hashWord, mixHashes } from './tfidf.js';

export const knownPhrasesSchema = z.strictObject({
  /** What phrases bear; '' first, for those that bear nothing as they are written. */
  labels: z.array(z.string()).min(1).max(65_536),
  /** Of each phrase: hash (float64, whole), and the number of its label (uint16). */
  hashes: packed,
  bears: packed,
});

export type KnownPhrases = Readonly<z.output<typeof knownPhrasesSchema>>;

/** Words of a phrase that is kept. */
const longest = 10;

/** Texts are split as those of users are, whatever words the data has. */
export function learnPhrases(train: readonly EntityText[]): KnownPhrases {
  const labels = [''];
  const known = new Map<number, number>();
  for (const { phrase, usual, forms } of learnDictionary(train.map(({ text, entities }) => ({ text, entities })))) {
    if (phrase.length > longest || known.size >= mostKept) continue;
    const keep = (hash: number, label: string) => {
      if (!labels.includes(label)) labels.push(label);
      known.set(hash, labels.indexOf(label));
    };
    if (usual !== '') keep(hashPhrase(phrase, 'any'), usual);
    for (const [form, label] of forms) keep(hashPhrase(form.split(' '), 'written'), label);
  }
  return {
    labels,
    hashes: pack(Float64Array.from(known.keys())),
    bears: pack(Uint16Array.from(known.values())),
  };
}

/** @throws FieldcraftError FC_FILE_FORMAT for phrases that are damaged */
export function findPhrases(phrases: KnownPhrases, { text }: { readonly text: string }): Span[] {
  const known = opened(phrases);
  const words = wordsOf({ text });
  return longestPhrases(words, (first) => phrasesAt(known, words, first));
}

function* phrasesAt(known: ReadonlyMap<number, string>, words: readonly Word[], first: number) {
  for (let last = first + 1; last <= Math.min(words.length, first + longest); last++) {
    const some = words.slice(first, last);
    const label =
      known.get(
        hashPhrase(
          some.map((word) => word.text),
          'written',
        ),
      ) ??
      known.get(
        hashPhrase(
          some.map(({ folded }) => folded),
          'any',
        ),
      );
    if (label !== undefined) yield { last, label };
  }
}

/** 53 bits: of tens of thousands of phrases no two, and no word of a text, share theirs by chance. */
function hashPhrase(words: readonly string[], how: 'any' | 'written'): number {
  let [high, low] = how === 'any' ? [1, 2] : [3, 4];
  for (const word of words) {
    const hash = hashWord(word);
    high = mixHashes(high, hash);
    low = mixHashes(low, hash);
  }
  return high * 2 ** 21 + (low >>> 11);
}

const opened = unpackedOnce((phrases: KnownPhrases): ReadonlyMap<number, string> => {
  const hashes = new Float64Array(unpack(phrases.hashes, 8));
  const bears = new Uint16Array(unpack(phrases.bears, 2));
  if (bears.length !== hashes.length || !bears.every((label) => label < phrases.labels.length))
    throw damagedWords(`a label of ${phrases.labels.length} for each phrase`, `${bears.length} for ${hashes.length}`);
  return new Map(Array.from(hashes, (hash, i) => [hash, phrases.labels[bears[i]!]!]));
});
