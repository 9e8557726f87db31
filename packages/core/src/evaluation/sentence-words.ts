/** How rare words are in the texts that questions are asked of: what tells how much a sentence is like a question. */
import { z } from 'zod';
import { allSentences, compareSentences, type PickedSentence } from './baselines/sentence-pick.js';
import { keepGrams, keptGramsShape, openKeptGrams } from './kept-grams.js';
import { hashGrams, type Tfidf } from './tfidf.js';

export const sentenceWordsSchema = z.strictObject({ of: z.literal('sentences'), ...keptGramsShape });

export type SentenceWords = Readonly<z.output<typeof sentenceWordsSchema>>;

/** N-grams that are kept, the most frequent ones. */
const mostGrams = 20_000;

export const learnSentenceWords = (passages: readonly string[]): SentenceWords => ({
  of: 'sentences',
  ...keepGrams(hashGrams(allSentences(passages), { minDocuments: 1, most: mostGrams })),
});

/** Every sentence of a passage with its likeness to a question. @throws FieldcraftError FC_FILE_FORMAT for damaged words */
export function compareWords(words: SentenceWords, asked: { passage: string; question: string }): PickedSentence[] {
  const tfidf = opened.get(words) ?? openKeptGrams(words);
  opened.set(words, tfidf);
  return compareSentences(tfidf, asked);
}

/** Each is unpacked once. */
const opened = new WeakMap<SentenceWords, Tfidf>();
