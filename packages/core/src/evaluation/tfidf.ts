/** TF-IDF features of texts, as scikit-learn's TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2) defines them. */
import type { SparseRows } from './sparse-rows.js';

export interface Tfidf {
  /** Number of features. */
  columns: number;
  /** Features of new texts; n-grams not seen in training are left out. */
  transform(texts: readonly string[]): SparseRows;
}

/** The features themselves, to be kept: by column, the hash of an n-gram and its inverse document frequency. */
export interface HashedGrams {
  readonly hashes: Uint32Array;
  readonly idf: Float32Array;
}

/** How n-grams are told apart. */
interface Numbering {
  /** Undefined for a word that no feature has. */
  word(word: string): number | undefined;
  pair(before: number, word: number): number;
}

/** More distinct words than any text collection that fits in memory has, and word pairs still fit in 53 bits. */
const wordLimit = 2 ** 26;

const pairNumber = (before: number, word: number): number => (before + 1) * wordLimit + word;

/** Words are lowercased runs of two or more letters, digits and underscores; n-grams are the words and pairs of neighbouring words. */
export const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];

/**
 * Learns the vocabulary and document frequencies of `texts`: of the n-grams found in at least `minDocuments` texts. A value is
 * (1 + ln count) * (ln((1 + texts) / (1 + texts with it)) + 1), and rows have length 1.
 */
export function fitTfidf(texts: readonly string[], { minDocuments = 2 } = {}): Tfidf {
  const words = new Map<string, number>();
  const add = (word: string): number => {
    const known = words.get(word) ?? words.size;
    words.set(word, known);
    return known;
  };
  const columns = new Map<number, number>();
  const idf: number[] = [];
  for (const [gram, count] of countDocuments(texts, { word: add, pair: pairNumber })) {
    if (count < minDocuments) continue;
    columns.set(gram, columns.size);
    idf.push(inverse(texts.length, count));
  }
  return transformer({ columns, idf, numbering: { word: (word) => words.get(word), pair: pairNumber } });
}

/**
 * The same, of at most `most` n-grams, those in most texts, and by hashes of 32 bits (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask
 * Learning"), so that they can be kept without their letters. Two n-grams of one hash, about one in a hundred thousand, are one.
 */
export function hashGrams(texts: readonly string[], { minDocuments = 2, most = Infinity } = {}): HashedGrams {
  const counts = [...countDocuments(texts, hashing)].filter(([, count]) => count >= minDocuments);
  counts.sort(([a, often], [b, oftener]) => oftener - often || a - b);
  const kept = counts.slice(0, most);
  return {
    hashes: Uint32Array.from(kept, ([hash]) => hash),
    idf: Float32Array.from(kept, ([, count]) => inverse(texts.length, count)),
  };
}

/** Features of texts by n-grams that were kept. */
export function openGrams({ hashes, idf }: HashedGrams): Tfidf {
  const columns = new Map(Array.from(hashes, (hash, column) => [hash, column]));
  return transformer({ columns, idf, numbering: hashing });
}

const inverse = (texts: number, documents: number): number => Math.log((1 + texts) / (1 + documents)) + 1;

function countDocuments(texts: readonly string[], numbering: Numbering): Map<number, number> {
  const documents = new Map<number, number>();
  for (const text of texts)
    for (const gram of countGrams(text, numbering).keys()) documents.set(gram, (documents.get(gram) ?? 0) + 1);
  return documents;
}

function transformer({
  columns,
  idf,
  numbering,
}: {
  columns: ReadonlyMap<number, number>;
  idf: ArrayLike<number>;
  numbering: Numbering;
}): Tfidf {
  return {
    columns: columns.size,
    transform(texts) {
      const rowStart = new Int32Array(texts.length + 1);
      const column: number[] = [];
      const value: number[] = [];
      texts.forEach((text, i) => {
        let squares = 0;
        for (const [gram, count] of countGrams(text, numbering)) {
          const own = columns.get(gram);
          if (own === undefined) continue;
          const weight = (1 + Math.log(count)) * idf[own]!;
          column.push(own);
          value.push(weight);
          squares += weight * weight;
        }
        const norm = Math.sqrt(squares);
        for (let j = rowStart[i]!; j < value.length; j++) value[j]! /= norm;
        rowStart[i + 1] = column.length;
      });
      return { columns: columns.size, rowStart, column: Int32Array.from(column), value: Float64Array.from(value) };
    },
  };
}

/** Counts of a text's n-grams. Words without a number break pairs. */
function countGrams(text: string, { word: numberOf, pair }: Numbering): Map<number, number> {
  const counts = new Map<number, number>();
  const count = (gram: number) => counts.set(gram, (counts.get(gram) ?? 0) + 1);
  let before: number | undefined;
  for (const word of wordsOf(text)) {
    const number = numberOf(word);
    if (number !== undefined) {
      count(number);
      if (before !== undefined) count(pair(before, number));
    }
    before = number;
  }
  return counts;
}

/** 32 bits: FNV-1a over UTF-16 units, and MurmurHash3's last steps, which spread what differs over all bits. */
export function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return spread(hash);
}

/** The hash of what has the hash `before`, and of a word after it. */
export const mixHashes = (before: number, word: number): number => spread(Math.imul(before, 0x9e3779b1) ^ word);

const hashing: Numbering = { word: hashWord, pair: mixHashes };

function spread(bits: number): number {
  let hash = bits ^ (bits >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
