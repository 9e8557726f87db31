/** The baseline that only remembers: entities of training, found again by the longest match; and what it remembers, to be kept. */
import { z } from 'zod';
import type { Span } from '../../metrics/index.js';
import type { Baseline, EntityText, WordedText } from './baseline.js';

export const entityDictionarySchema = z.strictObject({
  /** Phrases by their lowercased words, with the label that they bear in any case, '' for none, and in ways they were written that bear another. */
  entries: z.array(z.tuple([z.array(z.string()).min(1).max(1_000), z.string(), z.record(z.string(), z.string())])),
});

export type EntityDictionary = Readonly<z.output<typeof entityDictionarySchema>>;

/** How often a phrase of training bore each label; '' counts the times it bore none. */
type Tally = Map<string, number>;

/** A node of a phrase tree; the path to it spells the lowercased words of a phrase. */
interface PhraseNode<T> {
  next: Map<string, PhraseNode<T>>;
  entry?: T;
}

/** Of a phrase that was an entity in training: tallies for each way it was written, and over all of them. */
interface Counts {
  readonly phrase: string[];
  readonly forms: Map<string, Tally>;
  readonly all: Tally;
}

interface Word {
  start: number;
  end: number;
  text: string;
  folded: string;
}

/** Remembers, and finds again: see `learnDictionary` and `findPhrases`. */
export const entityDictionary = (): Baseline<EntityText, WordedText, Span[][]> => ({
  name: 'dictionary',
  fit(train) {
    const dictionary = learnDictionary(train);
    return (inputs) => inputs.map((input) => findPhrases(dictionary, input));
  },
});

/**
 * A phrase that was an entity in training bears the label it most often bore there, if it bore one more often than none: as
 * written, if training has it written so, else in any case (the baseline of the CoNLL-2003 shared task, Tjong Kim Sang and De Meulder 2003,
 * extended by the count of unlabelled occurrences). Words are the data's own, else runs of letters and digits and single other signs.
 */
export function learnDictionary(train: readonly EntityText[]): EntityDictionary {
  const texts = train.map((example) => ({ words: wordsOf(example), example }));
  const root: PhraseNode<Counts> = { next: new Map() };
  const planted: Counts[] = [];
  const spans = texts.map(({ words, example }) => entityWords(words, example));
  spans.forEach((found, i) => {
    for (const { first, last } of found) {
      const phrase = texts[i]!.words.slice(first, last).map(({ folded }) => folded);
      const node = nodeOf(root, phrase);
      if (node.entry === undefined) planted.push((node.entry = { phrase, forms: new Map(), all: new Map() }));
    }
  });
  texts.forEach(({ words }, i) => tally(root, words, spans[i]!));
  return {
    entries: planted.map(({ phrase, forms, all }) => {
      const usual = majority(all);
      const others = [...forms].map(([form, counts]) => [form, majority(counts)] as const);
      return [phrase, usual, Object.fromEntries(others.filter(([, label]) => label !== usual))];
    }),
  };
}

/** A dictionary's phrases in a text: the longest, from left to right. */
export function findPhrases(dictionary: EntityDictionary, text: WordedText): Span[] {
  const root = trees.get(dictionary) ?? treeOf(dictionary);
  trees.set(dictionary, root);
  const words = wordsOf(text);
  const found: Span[] = [];
  for (let first = 0; first < words.length;) {
    let longest: WordSpan | undefined;
    for (const { last, entry } of phrasesAt(root, words, first)) {
      const label = entry.forms.get(written(words, first, last)) ?? entry.usual;
      if (label !== '') longest = { first, last, label };
    }
    if (longest) found.push({ start: words[first]!.start, end: words[longest.last - 1]!.end, label: longest.label });
    first = longest?.last ?? first + 1;
  }
  return found;
}

interface KnownPhrase {
  readonly usual: string;
  readonly forms: ReadonlyMap<string, string>;
}

/** Each is planted once. */
const trees = new WeakMap<EntityDictionary, PhraseNode<KnownPhrase>>();

function treeOf({ entries }: EntityDictionary): PhraseNode<KnownPhrase> {
  const root: PhraseNode<KnownPhrase> = { next: new Map() };
  for (const [phrase, usual, forms] of entries) {
    nodeOf(root, phrase).entry = { usual, forms: new Map(Object.entries(forms)) };
  }
  return root;
}

/** The node of a phrase, planted where it is not there yet. */
function nodeOf<T>(root: PhraseNode<T>, phrase: readonly string[]): PhraseNode<T> {
  let node = root;
  for (const word of phrase) {
    const next = node.next.get(word) ?? { next: new Map() };
    node.next.set(word, next);
    node = next;
  }
  return node;
}

function wordsOf({ text, words }: WordedText): Word[] {
  const ranges =
    words ??
    Array.from(
      text.matchAll(/[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu),
      (m) => [m.index, m.index + m[0].length] as const,
    );
  return ranges.map(([start, end]) => {
    const word = text.slice(start, end);
    return { start, end, text: word, folded: word.toLowerCase() };
  });
}

interface WordSpan {
  /** Word positions [first, last). */
  first: number;
  last: number;
  label: string;
}

/** The words each entity touches. */
function entityWords(words: readonly Word[], { entities }: EntityText): WordSpan[] {
  return entities.flatMap(({ start, end, label }) => {
    const first = words.findIndex((word) => word.end > start);
    const after = words.findIndex((word) => word.start >= end);
    const last = after === -1 ? words.length : after;
    return first === -1 || last <= first ? [] : [{ first, last, label }];
  });
}

/** Counts every occurrence of every planted phrase: as the entity it is, or as none. Those within a longer entity say nothing. */
function tally(root: PhraseNode<Counts>, words: readonly Word[], entities: readonly WordSpan[]): void {
  const labels = new Map(entities.map(({ first, last, label }) => [`${first} ${last}`, label]));
  const owner = new Int32Array(words.length).fill(-1);
  entities.forEach(({ first, last }, e) => owner.fill(e, first, last));
  for (let first = 0; first < words.length; first++) {
    for (const { last, entry } of phrasesAt(root, words, first)) {
      const label = labels.get(`${first} ${last}`);
      const within = owner[first] !== -1 && owner[first] === owner[last - 1];
      if (label === undefined && within) continue;
      const form = written(words, first, last);
      let own = entry.forms.get(form);
      if (own === undefined) entry.forms.set(form, (own = new Map<string, number>()));
      for (const counts of [own, entry.all]) counts.set(label ?? '', (counts.get(label ?? '') ?? 0) + 1);
    }
  }
}

/** The planted phrases that begin at word `first`, shortest first. */
function* phrasesAt<T>(root: PhraseNode<T>, words: readonly Word[], first: number) {
  let node: PhraseNode<T> | undefined = root;
  for (let last = first + 1; last <= words.length; last++) {
    node = node.next.get(words[last - 1]!.folded);
    if (node === undefined) return;
    if (node.entry) yield { last, entry: node.entry };
  }
}

function written(words: readonly Word[], first: number, last: number): string {
  return words
    .slice(first, last)
    .map((word) => word.text)
    .join(' ');
}

/** The most frequent label, the first in the alphabet of equals; '' unless labels together outnumber none. */
function majority(counts: Tally): string {
  const labelled = [...counts].filter(([label]) => label !== '');
  const total = labelled.reduce((sum, [, count]) => sum + count, 0);
  if (total <= (counts.get('') ?? 0)) return '';
  labelled.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return labelled[0]![0];
}
