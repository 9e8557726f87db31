/** The recipes of attacks: each is one way to change texts, by which a model is tried and measured. */
import { hashName, random } from '../../foundation/index.js';
import type { EntitySpan } from '../../data/index.js';
import { loadWordNet, type WordNet } from '../../text/index.js';
import { deepWordBug, textBugger, type Move } from './character-moves.js';
import type { Proposal, RecipeKind } from './constraints.js';
import type { Edit } from './edits.js';
import { entitySwapEdits, type EntityNames } from './entity-swaps.js';
import { casingEdits, contractionEdits, rewordingEdits, type Rewording } from './rewordings.js';
import { homoglyphs, misspellings, scanned } from './spelling.js';
import { mostSynonyms, synonymEdits, synonymsOf, type RankWords } from './synonyms.js';
import { isLetters, isStopWord, type Word } from './words.js';

export const recipeNames = [
  'deepwordbug',
  'textbugger',
  'misspellings',
  'ocr',
  'homoglyphs',
  'synonyms',
  'contractions',
  'casing',
  'entity-swaps',
  'field',
] as const;
export type RecipeName = (typeof recipeNames)[number];

/** A text to attack. */
export interface AttackedText {
  readonly id: string;
  readonly text: string;
  readonly words: readonly Word[];
  /** The entities that are true of it, where the task finds some. */
  readonly entities: readonly EntitySpan[];
}

export interface Recipe {
  readonly name: RecipeName;
  /** What limits it: that of most of its edits. */
  readonly kind: RecipeKind;
  /** Every edit that it could make: always the same ones for a text and a seed. */
  edits(attacked: AttackedText): Promise<Proposal[]>;
}

export interface RecipeResources {
  readonly seed: number;
  /** Orders synonyms. */
  readonly rank: RankWords;
  /** Default: the package's. */
  readonly wordnet?: WordNet;
  /** Of entity taggers, the entities of training. */
  readonly names?: EntityNames | undefined;
  /** What the field has that may be written otherwise. */
  readonly rewordings?: readonly Rewording[] | undefined;
}

/** Names that are tried in the place of an entity. */
const swapsPerEntity = 8;

/** The recipes that there is something to make of: `entity-swaps` needs names, and `field` rewordings. */
export function createRecipes({ seed, rank, wordnet, names, rewordings = [] }: RecipeResources): Recipe[] {
  const ranked = rememberSynonyms(wordnet ?? loadWordNet(), rank);
  const recipe = (
    name: RecipeName,
    kind: RecipeKind,
    edits: (attacked: AttackedText) => Edit[] | Promise<Edit[]>,
  ): Recipe => ({
    ...{ name, kind },
    edits: async (attacked) => (await edits(attacked)).map((edit) => ({ ...edit, kind })),
  });
  const letters = (name: RecipeName, move: Move) =>
    recipe(name, 'letters', (attacked) => letterEdits(attacked, move, { name, seed }));
  const rewording = (name: RecipeName, edits: (attacked: AttackedText) => Edit[]) => recipe(name, 'rewording', edits);
  const synonyms = (most: number) =>
    recipe('synonyms', 'words', async ({ words }) => {
      const edits = words.map(async ({ text }, at) => {
        const synonyms = await ranked(text, words[at - 1]?.text ?? '');
        return synonymEdits(words, at, synonyms.slice(0, most));
      });
      return (await Promise.all(edits)).flat();
    });
  const bugs = letters('textbugger', textBugger);
  const nearest = synonyms(1);
  return [
    letters('deepwordbug', deepWordBug),
    // Its substitution of whole words: TextBugger takes the nearest in a space of word vectors, which may as well be an opposite.
    { ...bugs, edits: async (attacked) => [...(await bugs.edits(attacked)), ...(await nearest.edits(attacked))] },
    letters('misspellings', misspellings),
    letters('ocr', scanned),
    letters('homoglyphs', homoglyphs),
    synonyms(mostSynonyms),
    rewording('contractions', ({ text }) => contractionEdits(text)),
    rewording('casing', ({ text }) => casingEdits(text)),
    ...(names === undefined
      ? []
      : [rewording('entity-swaps', (attacked) => entitySwapEdits(attacked, names, { seed, count: swapsPerEntity }))]),
    ...(rewordings.length === 0
      ? []
      : [rewording('field', ({ text }) => rewordings.flatMap((one) => rewordingEdits(text, one)))]),
  ];
}

/** Most words of a text stand in another one too. */
function rememberSynonyms(
  wordnet: WordNet,
  rank: RankWords,
): (word: string, before: string) => Promise<readonly string[]> {
  const known = new Map<string, Promise<readonly string[]>>();
  return (word, before) => {
    const key = `${before} ${word}`.toLowerCase();
    const found = known.get(key) ?? rank(word.toLowerCase(), synonymsOf(word, before, wordnet));
    known.set(key, found);
    return found;
  };
}

/** What a move makes of each word that letters may be changed in. */
function letterEdits(
  { text, words }: AttackedText,
  move: Move,
  { name, seed }: { name: string; seed: number },
): Edit[] {
  // By what the text is, not by its id: that of a file of one's own says where the file lies.
  const key = hashName(text);
  return words.flatMap(({ start, end, text: word }) => {
    if (!isLetters(word) || isStopWord(word)) return [];
    const made = move(word, random(seed, 'move', name, key, start));
    return [...new Set(made)].map((put) => ({ start, end, put }));
  });
}
