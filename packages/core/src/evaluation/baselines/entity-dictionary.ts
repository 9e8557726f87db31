/** The baseline that only remembers: entities of training, found again by the longest match. */
import type { Span } from '../../metrics/index.js';
import type { Baseline, EntityText, WordedText } from './baseline.js';

/** How often a phrase of training bore each label; '' counts the times it bore none. */
type Tally = Map<string, number>;

/** A node of the phrase tree; the path to it spells the lowercased words of a phrase. */
interface PhraseNode {
  next: Map<string, PhraseNode>;
  /** Of a phrase that was an entity in training: tallies for each way it was written, and over all of them. */
  entry?: { forms: Map<string, Tally>; all: Tally };
}

interface Word {
  start: number;
  end: number;
  text: string;
  folded: string;
}

/**
 * A phrase that was an entity in training bears the label it most often bore there, if it bore one more often than none: as
 * written, if training has it written so, else in any case. The longest phrase wins, from left to right (the baseline of the
 * CoNLL-2003 shared task, Tjong Kim Sang and De Meulder 2003, extended by the count of unlabelled occurrences).
 * Words are the data's own, else runs of letters and digits and single other signs.
 */
export function entityDictionary(): Baseline<EntityText, WordedText, Span[][]> {
  return {
    name: 'dictionary',
    fit(train) {
      const texts = train.map((example) => ({ words: wordsOf(example), example }));
      const root: PhraseNode = { next: new Map() };
      const spans = texts.map(({ words, example }) => entityWords(words, example));
      spans.forEach((found, i) => {
        for (const { first, last } of found) plant(root, texts[i]!.words.slice(first, last));
      });
      texts.forEach(({ words }, i) => tally(root, words, spans[i]!));
      return (inputs) => inputs.map((input) => findEntities(root, wordsOf(input)));
    },
  };
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

function plant(root: PhraseNode, phrase: readonly Word[]): void {
  let node = root;
  for (const { folded } of phrase) {
    let next = node.next.get(folded);
    if (next === undefined) node.next.set(folded, (next = { next: new Map() }));
    node = next;
  }
  node.entry ??= { forms: new Map(), all: new Map() };
}

/** Counts every occurrence of every planted phrase: as the entity it is, or as none. Those within a longer entity say nothing. */
function tally(root: PhraseNode, words: readonly Word[], entities: readonly WordSpan[]): void {
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

function findEntities(root: PhraseNode, words: readonly Word[]): Span[] {
  const found: Span[] = [];
  for (let first = 0; first < words.length;) {
    let longest: WordSpan | undefined;
    for (const { last, entry } of phrasesAt(root, words, first)) {
      const label = majority(entry.forms.get(written(words, first, last)) ?? entry.all);
      if (label !== '') longest = { first, last, label };
    }
    if (longest) found.push({ start: words[first]!.start, end: words[longest.last - 1]!.end, label: longest.label });
    first = longest?.last ?? first + 1;
  }
  return found;
}

/** The planted phrases that begin at word `first`, shortest first. */
function* phrasesAt(root: PhraseNode, words: readonly Word[], first: number) {
  let node: PhraseNode | undefined = root;
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
