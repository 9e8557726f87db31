/**
 * Training examples changed so that their truth stays: synonyms and deletions of words (Wei & Zou 2019, "EDA: easy data augmentation techniques for
 * boosting performance on text classification tasks"), and entities exchanged for others of their label (Dai & Adel 2020, "An analysis of simple data
 * augmentation for named entity recognition"), and words with other letters, against misspelt and manipulated text (Belinkov & Bisk 2018, "Synthetic and
 * natural noise both break neural machine translation"). An entity is replaced whole, or words of it are spelt otherwise, so that spans and labels stay
 * valid.
 */
import type { EntityExample, EntitySpan, Example, TaskKind } from '../data/index.js';
import type { Random } from '../foundation/index.js';
import type { WordNet } from '../text/index.js';
import {
  applyEdits,
  deepWordBug,
  homoglyphs,
  isLetters,
  isStopWord,
  misspellings,
  moveWords,
  overlaps,
  scanned,
  synonymEdits,
  synonymsOf,
  textBugger,
  wordsOf,
  type Edit,
  type EntityNames,
} from './robustness/index.js';

export const augmentations = ['synonyms', 'swaps', 'deletions', 'letters'] as const;
export type Augmentation = (typeof augmentations)[number];

/** The kinds whose truth is not about single words, or moves with them. */
const augmentedKinds: readonly TaskKind[] = [
  ...(['classification', 'sequential-classification', 'pair-classification', 'multi-label'] as const),
  ...(['token-classification', 'slot-filling'] as const),
];

export const canAugment = (kind: TaskKind): boolean => augmentedKinds.includes(kind);

export interface AugmentOptions {
  /** Those of which one is drawn for each example; others follow where it finds nothing to change. */
  readonly ways: readonly Augmentation[];
  /** The share of words, or with swaps of entities, that is changed; at least one is. */
  readonly rate: number;
  readonly wordnet: WordNet;
  /** The names that swaps put, by label. */
  readonly names: EntityNames;
  readonly draw: Random;
}

/** Synonyms that are drawn from, those of the commonest meaning first. */
const likely = 3;

/** The example with some of it changed, of a pair its second text; undefined where there is nothing that could be. */
export function augmentExample<E extends Example>(example: E, { ways, ...options }: AugmentOptions): E | undefined {
  const side = 'second' in example && typeof example.second === 'string' ? 'second' : 'text';
  const text = side === 'second' && 'second' in example ? (example.second ?? '') : example.text;
  const entities = 'entities' in example ? example.entities : [];
  for (const way of options.draw.shuffle(ways)) {
    const edits = editsOf[way](text, entities, options);
    if (edits.length === 0) continue;
    const edited = applyEdits(text, edits);
    if (edited.text.trim() === '') continue;
    const moved: Partial<EntityExample> =
      'entities' in example
        ? {
            entities: example.entities.map(edited.move),
            ...(example.words && { words: moveWords(example.words, edited) }),
          }
        : {};
    return { ...example, ...moved, [side]: edited.text };
  }
  return undefined;
}

type Edits = (text: string, entities: readonly EntitySpan[], options: Omit<AugmentOptions, 'ways'>) => Edit[];

const editsOf: Readonly<Record<Augmentation, Edits>> = {
  synonyms(text, entities, { rate, wordnet, draw }) {
    const words = wordsOf(text);
    const edits: Edit[] = [];
    for (const at of draw.shuffle([...words.keys()])) {
      if (edits.length >= share(words.length, rate)) break;
      const found = synonymsOf(words[at]!.text, words[at - 1]?.text ?? '', wordnet).slice(0, likely);
      if (found.length === 0) continue;
      const [edit] = synonymEdits(words, at, [found[draw.integer(found.length)]!]);
      if (edit && ![...edits, ...entities].some((taken) => overlaps(taken, edit))) edits.push(edit);
    }
    return edits;
  },

  swaps(text, entities, { rate, names, draw }) {
    const alone = entities.filter((one) => !entities.some((other) => other !== one && overlaps(other, one)));
    return draw
      .shuffle(alone)
      .flatMap(({ start, end, label }) => {
        const others = (names.get(label) ?? []).filter((name) => name !== text.slice(start, end));
        return others.length === 0 ? [] : [{ start, end, put: others[draw.integer(others.length)]! }];
      })
      .slice(0, share(entities.length, rate));
  },

  /** Stop words stay, as a negation is one. */
  deletions(text, entities, { rate, draw }) {
    const words = wordsOf(text);
    const free = words.filter((word) => !isStopWord(word.text) && !entities.some((entity) => overlaps(entity, word)));
    return draw
      .shuffle(free)
      .slice(0, Math.min(share(words.length, rate), words.length - 1))
      .map(({ start, end }) => {
        // With the blank before it, unless that is an entity's.
        const blank = text[start - 1] === ' ' && !entities.some((one) => one.start < start && start - 1 < one.end);
        return { start: blank ? start - 1 : start, end, put: '' };
      });
  },

  /** Of words as attacks change them: neither figures nor stop words, and none falls into two, since published words are told apart by blanks. */
  letters(text, _, { rate, draw }) {
    const words = wordsOf(text).filter((word) => isLetters(word.text) && !isStopWord(word.text));
    return draw
      .shuffle(words)
      .flatMap(({ start, end, text: word }) => {
        const made = draw.shuffle(letterMoves).map((move) => move(word, draw).filter((put) => !put.includes(' ')));
        const first = made.find((some) => some.length > 0);
        return first === undefined ? [] : [{ start, end, put: first[draw.integer(first.length)]! }];
      })
      .slice(0, share(words.length, rate));
  },
};

const share = (count: number, rate: number): number => Math.max(1, Math.round(rate * count));

/** All ways in which attacks change letters: who learns from some of them meets none for the first time. */
const letterMoves = [deepWordBug, textBugger, misspellings, scanned, homoglyphs];
