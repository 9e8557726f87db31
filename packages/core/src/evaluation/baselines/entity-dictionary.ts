/** The baseline that only remembers: entities of training, found again by the longest match. */
import type { Span } from '../../metrics/index.js';
import type { Baseline, EntityText, WordedText } from './baseline.js';

/** A phrase by its lowercased words, the label that it bears in any case, '' for none, and the ways it was written that bear another. */
export interface DictionaryEntry {
  readonly phrase: readonly string[];
  readonly usual: string;
  readonly forms: ReadonlyMap<string, string>;
}

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

export interface Word {
  start: number;
  end: number;
  text: string;
  folded: string;
}

/** Remembers, and finds again: see `learnDictionary` and `longestPhrases`. */
export const entityDictionary = (): Baseline<EntityText, WordedText, Span[][]> => ({
  name: 'dictionary',
  fit(train) {
    const root: PhraseNode<DictionaryEntry> = { next: new Map() };
    for (const entry of learnDictionary(train)) nodeOf(root, entry.phrase).entry = entry;
    return (inputs) =>
      inputs.map((input) => {
        const words = wordsOf(input);
        return longestPhrases(words, (first) => phrasesAt(root, words, first));
      });
  },
});

/**
 * A phrase that was an entity in training bears the label it most often bore there, if it bore one more often than none: as
 * written, if training has it written so, else in any case (the baseline of the CoNLL-2003 shared task, Tjong Kim Sang and De Meulder 2003,
 * extended by the count of unlabelled occurrences). Words are the data's own, else runs of letters and digits and single other signs.
 */
export function learnDictionary(train: readonly EntityText[]): DictionaryEntry[] {
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
  return planted.map(({ phrase, forms, all }) => {
    const usual = majority(all);
    const others = [...forms].map(([form, counts]) => [form, majority(counts)] as const);
    return { phrase, usual, forms: new Map(others.filter(([, label]) => label !== usual)) };
  });
}

/** Entities of a text: the longest phrase that bears a label, from left to right. `at` gives those that begin at a word, shortest first. */
export function longestPhrases(
  words: readonly Word[],
  at: (first: number) => Iterable<{ readonly last: number; readonly label: string }>,
): Span[] {
  const found: Span[] = [];
  for (let first = 0; first < words.length;) {
    let longest: WordSpan | undefined;
    for (const { last, label } of at(first)) if (label !== '') longest = { first, last, label };
    if (longest) found.push({ start: words[first]!.start, end: words[longest.last - 1]!.end, label: longest.label });
    first = longest?.last ?? first + 1;
  }
  return found;
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

export function wordsOf({ text, words }: WordedText): Word[] {
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
    for (const { last, entry } of entriesAt(root, words, first)) {
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

function* phrasesAt(root: PhraseNode<DictionaryEntry>, words: readonly Word[], first: number) {
  for (const { last, entry } of entriesAt(root, words, first))
    yield { last, label: entry.forms.get(written(words, first, last)) ?? entry.usual };
}

/** The planted phrases that begin at word `first`, shortest first. */
function* entriesAt<T>(root: PhraseNode<T>, words: readonly Word[], first: number) {
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
