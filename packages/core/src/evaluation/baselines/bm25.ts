/** Documents ranked for a query by the words that both have: BM25 (Robertson & Zaragoza 2009, section 3.2) with k1 = 1.2 and b = 0.75. */
import { wordsOf } from '../tfidf.js';

const [saturation, lengthShare] = [1.2, 0.75];

/** What BM25 must know of a collection: how long its documents are, and in how many a word stands. */
export interface Collection {
  /** Number of documents. */
  readonly documents: number;
  /** Words a document, at least 1. */
  readonly meanLength: number;
  frequencyOf(word: string): number;
}

/** @returns the number of documents that each word stands in, and the mean length */
export function countDocumentWords(documents: readonly string[]): {
  readonly meanLength: number;
  readonly frequencies: ReadonlyMap<string, number>;
} {
  const frequencies = new Map<string, number>();
  let length = 0;
  for (const document of documents) {
    const words = wordsOf(document);
    length += words.length;
    for (const word of new Set(words)) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  }
  return { meanLength: Math.max(1, length / Math.max(1, documents.length)), frequencies };
}

/** The BM25 scores of all `documents` for a query, by the frequencies that they have themselves. */
export function fitBm25(documents: readonly string[]): (query: string) => Float64Array {
  const { meanLength, frequencies } = countDocumentWords(documents);
  const frequencyOf = (word: string) => frequencies.get(word) ?? 0;
  const ranked = rankByWords(documents, { documents: documents.length, meanLength, frequencyOf });
  return (query) => ranked(query).scores;
}

/**
 * Scores `documents` for queries by what is known of a collection: theirs, or another one of their kind. A word's weight is
 * ln(1 + (N - n + 1/2) / (n + 1/2)), never negative; a word that a query repeats counts as often.
 * @returns the scores, and the least that no document can reach, whatever stands in it
 */
export function rankByWords(
  documents: readonly string[],
  known: Collection,
): (query: string) => { readonly scores: Float64Array; readonly bound: number } {
  const postings = new Map<string, { document: number; share: number }[]>();
  documents.forEach((text, document) => {
    const words = wordsOf(text);
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    const norm = saturation * (1 - lengthShare + (lengthShare * words.length) / known.meanLength);
    for (const [word, count] of counts) {
      const posting = { document, share: (count * (saturation + 1)) / (count + norm) };
      const others = postings.get(word);
      if (others) others.push(posting);
      else postings.set(word, [posting]);
    }
  });
  return (query) => {
    const scores = new Float64Array(documents.length);
    let bound = 0;
    for (const word of wordsOf(query)) {
      const found = known.frequencyOf(word);
      const weight = Math.log(1 + (known.documents - found + 0.5) / (found + 0.5));
      bound += weight * (saturation + 1);
      for (const { document, share } of postings.get(word) ?? []) scores[document]! += weight * share;
    }
    return { scores, bound };
  };
}
