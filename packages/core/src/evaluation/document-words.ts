/** In how many documents of training a word stands: what tells how much a document is like a query, wherever it is ranked. */
import { z } from 'zod';
import { pack, packed, unpack, unpackedOnce } from '../foundation/index.js';
import { countDocumentWords, rankByWords } from './baselines/bm25.js';
import { damagedWords, mostKept } from './kept-grams.js';
import { hashWord } from './tfidf.js';

export const documentWordsSchema = z.strictObject({
  of: z.literal('documents'),
  documents: z.number().int().min(1),
  /** Words a document. */
  meanLength: z.number().min(1).max(1e9),
  /** Of each word: hash (uint32), and the number of documents that it stands in (uint32). */
  hashes: packed,
  counts: packed,
});

export type DocumentWords = Readonly<z.output<typeof documentWordsSchema>>;

/** Counts the words of the different documents, and keeps those of the most by their hashes; words of one hash are one. */
export function learnDocumentWords(documents: readonly string[]): DocumentWords {
  const different = [...new Set(documents)];
  const { meanLength, frequencies } = countDocumentWords(different);
  const hashed = new Map<number, number>();
  for (const [word, count] of frequencies) {
    const hash = hashWord(word);
    hashed.set(hash, Math.min(different.length, (hashed.get(hash) ?? 0) + count));
  }
  const kept = [...hashed].sort(([a, often], [b, oftener]) => oftener - often || a - b).slice(0, mostKept);
  return {
    ...{ of: 'documents', documents: different.length, meanLength },
    hashes: pack(Uint32Array.from(kept, ([hash]) => hash)),
    counts: pack(Uint32Array.from(kept, ([, count]) => count)),
  };
}

/**
 * How much each document is like a query: its BM25 score as a share of what no document can reach, so from 0 to below 1. What a score is does not
 * depend on which documents are ranked together.
 * @throws FieldcraftError FC_FILE_FORMAT for damaged words
 */
export function likenessToQueries(words: DocumentWords, documents: readonly string[]): (query: string) => Float64Array {
  const ranked = rankByWords(documents, opened(words));
  return (query) => {
    const { scores, bound } = ranked(query);
    return bound === 0 ? scores : scores.map((score) => score / bound);
  };
}

const opened = unpackedOnce(({ documents, meanLength, ...kept }: DocumentWords) => {
  const hashes = new Uint32Array(unpack(kept.hashes, 4));
  const counts = new Uint32Array(unpack(kept.counts, 4));
  const distinct = new Set(hashes).size;
  if (distinct !== hashes.length || counts.length !== distinct || !counts.every((n) => n >= 1 && n <= documents))
    throw damagedWords('as many counts as different words', `${counts.length} for ${distinct} of ${hashes.length}`);
  const frequencies = new Map(Array.from(hashes, (hash, at) => [hash, counts[at]!]));
  return { documents, meanLength, frequencyOf: (word: string) => frequencies.get(hashWord(word)) ?? 0 };
});
