/** Corpus cards: what text without labels there is for a field to be learnt from, by the same rules as data cards. They lie in `corpora` of the data cards' folder. */
import { join } from 'node:path';
import { z } from 'zod';
import { cardPath, commonFields, filesTwice, listCards, listsFilesOnce, readCardPage, type Card } from './card-page.js';
import { corpusLayouts } from './read-corpus.js';

const corpusSchema = z
  .strictObject({
    ...commonFields,
    layout: z.enum(corpusLayouts),
    /** What loading it gives, measured; the specs compare. Bytes are those of the paragraphs in UTF-8. */
    counts: z.strictObject({
      documents: z.int().positive(),
      paragraphs: z.int().positive(),
      words: z.int().positive(),
      bytes: z.int().positive(),
      /** Paragraphs that say again what an earlier one said, letter case aside. */
      repeats: z.int().nonnegative(),
    }),
  })
  .refine(listsFilesOnce, filesTwice);

/** The card of a corpus, its manifest read. */
export type CorpusCard = Card<z.output<typeof corpusSchema>>;

const corporaOf = (folder: string): string => join(folder, 'corpora');

/** Reads and checks a card. @throws FieldcraftError FC_DATA_CARD naming the card, the line and the field; FC_NOT_FOUND */
export function readCorpusCard(path: string): CorpusCard {
  return readCardPage(path, corpusSchema);
}

/** The card of the corpus called `name`; `folder` is that of the data cards. @throws FieldcraftError FC_NOT_FOUND with the nearest names */
export function findCorpusCard(name: string, folder: string): CorpusCard {
  return readCorpusCard(cardPath(name, corporaOf(folder), 'corpus card'));
}

/** Names of the corpora that have a card, sorted; `folder` is that of the data cards. */
export const listCorpusCards = (folder: string): string[] => listCards(corporaOf(folder));
