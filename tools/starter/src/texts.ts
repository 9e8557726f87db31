/** The text that the starter is made on: openly licensed corpora without what stands in evaluation data, a part of them held out. */
import { data, foundation, text } from '@fieldcraft/core/internals';
import { z } from 'zod';
import type { Recipe } from './recipe.js';

const documentSchema = z.strictObject({ id: z.string(), paragraphs: z.array(z.string()) });

export const textsSchema = z.strictObject({
  documents: z.array(documentSchema),
  heldOut: z.array(documentSchema),
  corpora: z.array(
    z.strictObject({
      name: z.string(),
      licence: z.string(),
      /** Of the teacher, special tokens left out. */
      tokens: z.int(),
      /** Paragraphs that overlap evaluation data, and were left out. */
      removedParagraphs: z.int(),
    }),
  ),
  /** Texts that nothing may overlap. */
  evaluationTexts: z.int(),
});

/** What a starter is made on. */
export type StarterTexts = z.output<typeof textsSchema>;

/** The corpora whose words count when the vocabulary is chosen. @throws FieldcraftError FC_NOT_FOUND for one that is not on this machine */
export const loadCounted = ({ vocabulary }: Recipe, cards: string): Promise<data.Corpus[]> =>
  Promise.all(vocabulary.alsoCounted.map((name) => data.loadCorpus(data.findCorpusCard(name, cards))));

/**
 * Loads the recipe's corpora from their cards.
 * @throws FieldcraftError FC_LICENCE for one whose licence does not permit commercial use; FC_NOT_FOUND for one that is not on this machine
 */
export async function loadCorpora({ corpora }: Recipe, cards: string): Promise<data.Corpus[]> {
  const loaded: data.Corpus[] = [];
  for (const name of corpora) {
    const card = data.findCorpusCard(name, cards);
    if (card.licence.commercial !== true) {
      throw new foundation.FieldcraftError('FC_LICENCE', {
        what: 'a corpus may not go into an encoder that everybody may use',
        where: name,
        got: card.licence.name,
        fix: 'leave it out of the recipe',
      });
    }
    loaded.push(await data.loadCorpus(card));
  }
  return loaded;
}

/** Draws the recipe's text: each corpus gives the same, and one that is used up leaves its share to the others. */
export async function chooseTexts(
  corpora: readonly data.Corpus[],
  {
    recipe,
    tokenizer,
    evaluationTexts,
  }: { recipe: Recipe; tokenizer: text.Tokenizer; evaluationTexts: readonly string[] },
): Promise<StarterTexts> {
  const { seed, tokens, heldOutTokens } = recipe;
  const sizes = data.sizeInTokens(tokenizer);
  const heldOut: data.CorpusDocument[] = [];
  const train: data.Corpus[] = [];
  const removed = new Map<string, number>();
  for (const corpus of corpora) {
    const clean = data.decontaminate(corpus, evaluationTexts);
    const paragraphs = ({ documents }: data.Corpus) => documents.reduce((sum, one) => sum + one.paragraphs.length, 0);
    removed.set(corpus.name, paragraphs(corpus) - paragraphs(clean.corpus));
    const split = await data.splitCorpus(clean.corpus, { heldOut: heldOutTokens / corpora.length, sizes, seed });
    train.push(split.train);
    heldOut.push(...split.heldOut.documents);
  }
  const drawn = await data.takeTokens(train, { budget: tokens, sizes, seed });
  return {
    documents: drawn.flatMap(({ corpus }) => corpus.documents).map(plain),
    heldOut: heldOut.map(plain),
    evaluationTexts: evaluationTexts.length,
    corpora: drawn.map(({ corpus: { name, licence }, size }) => {
      return { name, licence: licence.name, tokens: size, removedParagraphs: removed.get(name) ?? 0 };
    }),
  };
}

const plain = ({ id, paragraphs }: data.CorpusDocument) => ({ id, paragraphs: [...paragraphs] });
