/** The texts that models are tested on: what a corpus must not hold. */
import { FieldcraftError } from '../foundation/index.js';
import { findDataCard, listDataCards } from './data-card.js';
import { decontaminate } from './decontaminate.js';
import type { AnyDataset, Dataset, Example, TaskKind } from './examples.js';
import { loadDataset, type LoadOptions } from './load-dataset.js';

/**
 * Every text of a dataset's dev and test parts, each on its own: both of a pair, a passage and the choices beside a question, a document's sentences in sequence.
 * Of data so small that it is cross-validated that is all of it.
 */
export function evaluationTexts({ splits, folds }: Pick<AnyDataset, 'splits' | 'folds'>): string[] {
  const texts = new Set<string>();
  for (const part of [splits.dev, splits.test, folds === undefined ? [] : splits.train]) {
    for (const example of part) for (const text of textsOfExample(example)) texts.add(text);
  }
  return [...texts];
}

/** Every text of an example, each on its own; of a document in sequence also the whole of it, with its first. */
export function textsOfExample(example: Example): string[] {
  const { text } = example;
  if ('choices' in example) return [text, example.context ?? '', ...example.choices];
  // A run of words may begin in one sentence and end in the next.
  if ('before' in example) return example.before.length === 0 ? [text, [text, ...example.after].join(' ')] : [text];
  return 'second' in example && example.second !== undefined ? [text, example.second] : [text];
}

/**
 * A dataset without the training examples that overlap a text which models are tested on: see `decontaminate`. `removed` counts them.
 */
export function withoutEvaluated<K extends TaskKind>(
  dataset: Dataset<K>,
  texts: Iterable<string>,
): { readonly dataset: Dataset<K>; readonly removed: number } {
  const { name, splits, licence, origin } = dataset;
  const documents = splits.train.map((example, i) => ({ id: `${i}`, paragraphs: textsOfExample(example) }));
  const whole = { name, title: name, field: '', licence, origin, card: undefined, documents };
  const left = new Map(decontaminate(whole, texts).corpus.documents.map(({ id, paragraphs }) => [id, paragraphs]));
  const train = splits.train.filter((_, i) => left.get(`${i}`)?.length === documents[i]?.paragraphs.length);
  const removed = splits.train.length - train.length;
  return { dataset: removed === 0 ? dataset : { ...dataset, splits: { ...splits, train } }, removed };
}

export interface KnownEvaluations {
  readonly texts: string[];
  /** The cards whose texts are among them. */
  readonly cards: string[];
  /** Cards of the fields whose data is not on this machine, each with why: what it tests on could not be left out. */
  readonly missing: { readonly card: string; readonly why: string }[];
}

/**
 * What all data cards of the fields test on, where their data is on this machine. Nothing is downloaded.
 * @param fields `undefined` for all
 * @param folder the folder of the cards
 */
export async function knownEvaluations(
  fields: readonly string[] | undefined,
  folder: string,
  options: Pick<LoadOptions, 'mirror' | 'ownFolder' | 'cacheFolder'> = {},
): Promise<KnownEvaluations> {
  const texts = new Set<string>();
  const [cards, missing]: [string[], { card: string; why: string }[]] = [[], []];
  for (const name of listDataCards(folder)) {
    const card = findDataCard(name, folder);
    if (fields !== undefined && !fields.includes(card.field)) continue;
    // A corpus or a list of titles tests on nothing, and what is tested on another dataset on nothing of its own.
    if (card.split.rule === 'none' || card.testOn !== undefined) continue;
    try {
      for (const text of evaluationTexts(await loadDataset(card, options))) texts.add(text);
      cards.push(name);
    } catch (error) {
      if (!(error instanceof FieldcraftError) || error.code !== 'FC_NOT_FOUND') throw error;
      missing.push({ card: name, why: error.parts.what });
    }
  }
  return { texts: [...texts], cards, missing };
}
