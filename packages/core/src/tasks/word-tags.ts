/** Entities as tags of words and back: O, B-x for the first word of an entity of type x, I-x for its other words (IOB2). */
import type { EntitySpan } from '../data/index.js';
import { tagsToSpans } from '../metrics/index.js';

/** The words of a text that have tokens, in order: what bears one tag each. */
export interface TaggedWords {
  /** UTF-16 indices of each word. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** The word of each token; -1 for tokens outside all words. */
  readonly wordOf: Int32Array;
}

/** The tokens of a whole text, without special tokens. */
export interface TextTokens {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The tokenizer's own words. */
  readonly wordIds: Int32Array;
}

/** The classes of a token task: O, then B- and I- of each type. */
export const tagsOf = (types: readonly string[]): string[] => [
  'O',
  ...types.flatMap((type) => [`B-${type}`, `I-${type}`]),
];

/** Words as [start, end) in UTF-16 indices. */
export type WordSpans = readonly (readonly [start: number, end: number])[];

/**
 * The words that tokens are part of: the data's own where it has them, else the tokenizer's. Words that share a token are one, and words
 * without any (characters that the tokenizer drops) are none; an entity still covers those between its words.
 */
export function wordsOf(tokens: TextTokens, given?: WordSpans): TaggedWords {
  const touched = given ? touchedWords(tokens, given) : { first: tokens.wordIds, last: tokens.wordIds };
  const starts: number[] = [];
  const ends: number[] = [];
  const wordOf = new Int32Array(tokens.starts.length).fill(-1);
  /** The last of the touched words that the newest word is made of. */
  let newest = -1;
  for (let t = 0; t < wordOf.length; t++) {
    const [first, start, end] = [touched.first[t]!, tokens.starts[t]!, tokens.ends[t]!];
    if (first === -1 || end <= start) continue;
    if (first > newest) {
      starts.push(given ? given[first]![0] : start);
      ends.push(end);
    }
    newest = Math.max(newest, touched.last[t]!);
    ends[ends.length - 1] = given ? given[newest]![1] : Math.max(ends.at(-1)!, end);
    wordOf[t] = starts.length - 1;
  }
  return { starts, ends, wordOf };
}

/** The first and the last of `given` that each token shares a character with; -1 for none. */
function touchedWords({ starts, ends }: TextTokens, given: WordSpans): { first: Int32Array; last: Int32Array } {
  const first = new Int32Array(starts.length).fill(-1);
  const last = new Int32Array(starts.length).fill(-1);
  let word = 0;
  for (let t = 0; t < starts.length; t++) {
    while (word < given.length && given[word]![1] <= starts[t]!) word++;
    if (word === given.length || given[word]![0] >= ends[t]!) continue;
    first[t] = word;
    let reached = word;
    while (reached + 1 < given.length && given[reached + 1]![0] < ends[t]!) reached++;
    last[t] = reached;
  }
  return { first, last };
}

/** The tag of each word, as a number into `tagsOf(types)`. A word that touches an entity belongs to it: to the one it shares most characters with. */
export function tagWords(
  { starts, ends }: Pick<TaggedWords, 'starts' | 'ends'>,
  entities: readonly EntitySpan[],
  typeOf: (entity: EntitySpan) => number,
): Int32Array {
  const owner = new Int32Array(starts.length).fill(-1);
  const shared = new Int32Array(starts.length);
  for (const [e, entity] of entities.entries()) {
    for (let w = firstEndingAfter(ends, entity.start); w < starts.length && starts[w]! < entity.end; w++) {
      const overlap = Math.min(ends[w]!, entity.end) - Math.max(starts[w]!, entity.start);
      if (overlap <= shared[w]!) continue;
      shared[w] = overlap;
      owner[w] = e;
    }
  }
  return owner.map((e, w) => {
    if (e === -1) return 0;
    const begins = w === 0 || owner[w - 1] !== e;
    return 2 * typeOf(entities[e]!) + (begins ? 1 : 2);
  });
}

function firstEndingAfter(ends: readonly number[], start: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! > start) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The tag of a word as its later tokens bear it. */
export const continued = (tag: number): number => (tag > 0 && tag % 2 === 1 ? tag + 1 : tag);

export interface TaggedEntity extends EntitySpan {
  /** Its words [firstWord, endWord). */
  readonly firstWord: number;
  readonly endWord: number;
}

/** The entities that tags stand for, read leniently, as seqeval does: an I- after another type or after O begins an entity. */
export function entitiesOf(
  { starts, ends }: Pick<TaggedWords, 'starts' | 'ends'>,
  tags: ArrayLike<number>,
  names: readonly string[],
): TaggedEntity[] {
  const written = Array.from(tags, (tag) => names[tag]!);
  return tagsToSpans(written).map(({ start, end, label }) => ({
    start: starts[start]!,
    end: ends[end - 1]!,
    label,
    firstWord: start,
    endWord: end,
  }));
}
