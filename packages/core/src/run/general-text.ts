/** General English to hold a field's texts against: a corpus of the field `general` that is on this machine. */
import { existsSync } from 'node:fs';
import { resolveDataset } from '../checkpoint/index.js';
import { findCorpusCard, listCorpusCards, loadCorpus, loadOwnCorpus, type Corpus } from '../data/index.js';
import { plainWords } from '../evaluation/index.js';
import { FieldcraftError, random } from '../foundation/index.js';

export interface GeneralText {
  readonly name: string;
  readonly title: string;
  /** Each as its words, in random order. */
  readonly documents: readonly (readonly string[])[];
  /** Some paragraphs as they are written. */
  readonly paragraphs: readonly string[];
}

/** News, fiction, letters and talk of today: nearest to what general encoders have read. The others follow in order of their names. */
const preferred = 'masc';
/** Paragraphs that are kept as written. */
const keptParagraphs = 1_000;

/**
 * The corpus called `wanted`, or one's own text at that path; where none is asked for the first that is on this machine, and undefined where none is.
 * @throws FieldcraftError FC_NOT_FOUND for one that was asked for; as `loadCorpus`
 */
export async function openGeneralText(
  wanted: string | undefined,
  { cards, seed }: { readonly cards: string; readonly seed: number },
): Promise<GeneralText | undefined> {
  if (wanted !== undefined && existsSync(wanted)) return describe(await loadOwnCorpus(wanted), seed);
  if (wanted !== undefined) return describe(await loadCorpus(findCorpusCard(wanted, cards)), seed);
  const [found] = corporaOf('general', cards).sort((a, b) => Number(b === preferred) - Number(a === preferred));
  return found === undefined ? undefined : describe(await loadCorpus(findCorpusCard(found, cards)), seed);
}

/** Whether the corpus of a card, or one's own text at a path, is on this machine. */
export function isCorpusHere(name: string, cards: string): boolean {
  if (!listCorpusCards(cards).includes(name)) return existsSync(name);
  const card = findCorpusCard(name, cards);
  return resolveDataset({ field: card.field, name: card.folder }) !== undefined;
}

/** Names of the corpora of a field that are on this machine. */
const corporaOf = (field: string, cards: string): string[] =>
  listCorpusCards(cards).filter((name) => findCorpusCard(name, cards).field === field && isCorpusHere(name, cards));

function describe({ name, title, documents }: Corpus, seed: number): GeneralText {
  const rng = random(seed, 'general text');
  const words = rng.shuffle(documents).map(({ paragraphs }) => paragraphs.flatMap(plainWords));
  if (words.every((document) => document.length === 0))
    throw new FieldcraftError('FC_DATA', { what: 'a text to compare with has no words', where: name });
  const all = documents.flatMap(({ paragraphs }) => paragraphs);
  return { name, title, documents: words, paragraphs: rng.shuffle(all).slice(0, keptParagraphs) };
}
