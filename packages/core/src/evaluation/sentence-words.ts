/** How rare words are in the texts that questions are asked of: what tells how much a sentence is like a question. */
import { z } from 'zod';
import { unpackedOnce } from '../foundation/index.js';
import { allSentences, compareSentences, type PickedSentence } from './baselines/sentence-pick.js';
import { keepGrams, keptGramsShape, mostKept, openKeptGrams } from './kept-grams.js';
import { hashGrams } from './tfidf.js';

export const sentenceWordsSchema = z.strictObject({ of: z.literal('sentences'), ...keptGramsShape });

export type SentenceWords = Readonly<z.output<typeof sentenceWordsSchema>>;

export const learnSentenceWords = (passages: readonly string[]): SentenceWords => ({
  of: 'sentences',
  ...keepGrams(hashGrams(allSentences(passages), { minDocuments: 1, most: mostKept })),
});

/** Every sentence of a passage with its likeness to a question. @throws FieldcraftError FC_FILE_FORMAT for damaged words */
export const compareWords = (words: SentenceWords, asked: { passage: string; question: string }): PickedSentence[] =>
  compareSentences(opened(words), asked);

const opened = unpackedOnce(({ hashes, idf }: SentenceWords) => openKeptGrams({ hashes, idf }));
