/** TF-IDF features of texts, as scikit-learn's TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2) defines them. */
import type { SparseRows } from './sparse-rows.js';

export interface Tfidf {
  /** Number of features. */
  columns: number;
  /** Features of new texts; n-grams not seen in training are left out. */
  transform(texts: readonly string[]): SparseRows;
}

/** More distinct words than any text collection that fits in memory has, and word pairs still fit in 53 bits. */
const wordLimit = 2 ** 26;

/**
 * Learns the vocabulary and document frequencies of `texts`. Words are lowercased runs of two or more letters, digits and
 * underscores; features are the words and pairs of neighbouring words found in at least `minDocuments` texts. A value is
 * (1 + ln count) * (ln((1 + texts) / (1 + texts with it)) + 1), and rows have length 1.
 */
export function fitTfidf(texts: readonly string[], { minDocuments = 2 } = {}): Tfidf {
  const words = new Map<string, number>();
  const documents = new Map<number, number>();
  for (const text of texts) {
    for (const key of countFeatures(text, (word) => addWord(words, word)).keys()) {
      documents.set(key, (documents.get(key) ?? 0) + 1);
    }
  }
  const features = new Map<number, { column: number; weight: number }>();
  for (const [key, count] of documents) {
    if (count < minDocuments) continue;
    features.set(key, { column: features.size, weight: Math.log((1 + texts.length) / (1 + count)) + 1 });
  }
  return {
    columns: features.size,
    transform(newTexts) {
      const rowStart = new Int32Array(newTexts.length + 1);
      const column: number[] = [];
      const value: number[] = [];
      newTexts.forEach((text, i) => {
        let squares = 0;
        for (const [key, count] of countFeatures(text, (word) => words.get(word))) {
          const feature = features.get(key);
          if (feature === undefined) continue;
          const weight = (1 + Math.log(count)) * feature.weight;
          column.push(feature.column);
          value.push(weight);
          squares += weight * weight;
        }
        const norm = Math.sqrt(squares);
        for (let j = rowStart[i]!; j < value.length; j++) value[j]! /= norm;
        rowStart[i + 1] = column.length;
      });
      return { columns: features.size, rowStart, column: Int32Array.from(column), value: Float64Array.from(value) };
    },
  };
}

function addWord(words: Map<string, number>, word: string): number {
  const known = words.get(word);
  if (known !== undefined) return known;
  words.set(word, words.size);
  return words.size - 1;
}

/** Counts of a text's words, keyed by number, and of its word pairs, keyed above all words. Unknown words break pairs. */
function countFeatures(text: string, numberOf: (word: string) => number | undefined): Map<number, number> {
  const counts = new Map<number, number>();
  let before: number | undefined;
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? []) {
    const number = numberOf(word);
    if (number !== undefined) {
      counts.set(number, (counts.get(number) ?? 0) + 1);
      if (before !== undefined) {
        const pair = (before + 1) * wordLimit + number;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    before = number;
  }
  return counts;
}
