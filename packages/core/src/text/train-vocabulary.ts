/** A WordPiece vocabulary of one's own, for when no pretrained base can be reached. */
import { FieldcraftError } from '../foundation/index.js';
import { countWords } from './count-words.js';
import { createTokenizer, type Tokenizer } from './tokenizer.js';
import { bertLayout } from './vocabulary-layouts.js';

export interface VocabularyOptions {
  /** Most pieces, special tokens included; fewer when the texts do not have as many. */
  vocabularySize: number;
  /** Lower-case and strip accents. Default true. */
  lowercase?: boolean;
}

const specialTokens = {
  pad_token: '[PAD]',
  unk_token: '[UNK]',
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  mask_token: '[MASK]',
};
const prefix = '##';

/**
 * Learns a BERT tokenizer from texts: the pairs of pieces that stand together most often are merged until the vocabulary is full, as
 * in Hugging Face's WordPiece trainer (byte-pair encoding of Sennrich et al. 2016, "Neural machine translation of rare words with
 * subword units"). Unlike the native trainer, which breaks ties by the order of a randomly seeded hash table and takes no vocabulary
 * size from Node, it gives the same vocabulary for the same texts every time.
 * @throws FieldcraftError FC_DATA when the texts hold no words; FC_CONFIG when the size leaves no room for letters.
 */
export function trainWordPiece(
  texts: Iterable<string>,
  { vocabularySize, lowercase = true }: VocabularyOptions,
): Tokenizer {
  const room = vocabularySize - Object.keys(specialTokens).length;
  if (!Number.isInteger(vocabularySize) || room < 100) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a vocabulary too small to hold its letters',
      expected: 'a vocabularySize of 105 or more',
      got: String(vocabularySize),
    });
  }
  const layoutOf = (pieces: readonly string[]) => {
    const vocabulary = Object.fromEntries([...Object.values(specialTokens), ...pieces].map((piece, id) => [piece, id]));
    return bertLayout(vocabulary, specialTokens, { do_lower_case: lowercase }, 'the trained vocabulary');
  };
  const words = countWords(texts, layoutOf([]));
  if (words.length === 0)
    throw new FieldcraftError('FC_DATA', { what: 'the texts hold no words to learn a vocabulary from' });
  const content = { layout: layoutOf(learnPieces(words, room)), specialTokens, modelMaxLength: undefined };
  return createTokenizer(content, 'the trained vocabulary');
}

/** A word as piece ids, and how often it occurs. */
interface Word {
  pieces: number[];
  count: number;
}

/** Letters first, then merges in the order they were learned. */
function learnPieces(words: readonly [string, number][], room: number): string[] {
  const letters = frequentLetters(words, Math.floor(room / 4));
  const pieces: string[] = [];
  const ids = new Map<string, number>();
  const idOf = (piece: string): number => {
    let id = ids.get(piece);
    if (id === undefined) ids.set(piece, (id = pieces.push(piece) - 1));
    return id;
  };
  for (const letter of letters) idOf(letter);
  for (const letter of letters) idOf(prefix + letter);
  const known = new Set(letters);
  const split: Word[] = [];
  for (const [text, count] of words) {
    const characters = Array.from(text);
    // Of a word with an unknown letter WordPiece keeps nothing.
    if (!characters.every((character) => known.has(character))) continue;
    split.push({ pieces: characters.map((character, i) => idOf(i === 0 ? character : prefix + character)), count });
  }
  const pairs = countPairs(split);
  const queue = createQueue();
  for (const [pair, { count }] of pairs) queue.push(pair, count);
  while (pieces.length < room) {
    const pair = nextPair(queue, pairs);
    if (pair === undefined) break;
    const [left, right] = [Math.floor(pair / pairBase), pair % pairBase];
    const merged = idOf((pieces[left] ?? '') + (pieces[right] ?? '').slice(prefix.length));
    mergePair({ left, right, merged, pairs, queue }, split);
  }
  return pieces;
}

/** The most frequent characters, at most `limit`, in code-unit order. */
function frequentLetters(words: readonly [string, number][], limit: number): string[] {
  const counts = new Map<string, number>();
  for (const [word, count] of words) {
    for (const letter of word) counts.set(letter, (counts.get(letter) ?? 0) + count);
  }
  const byCount = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return byCount
    .slice(0, limit)
    .map(([letter]) => letter)
    .sort();
}

/** A pair of piece ids is one number: left * pairBase + right. */
const pairBase = 2 ** 24;

interface Pair {
  count: number;
  /** The words it stands in, or once stood in. */
  words: Set<number>;
}

type Pairs = Map<number, Pair>;

function countPairs(words: readonly Word[]): Pairs {
  const pairs: Pairs = new Map();
  for (const [index, { pieces, count }] of words.entries()) {
    for (let i = 1; i < pieces.length; i++) addPair(pairs, pieces[i - 1] as number, pieces[i] as number, count, index);
  }
  return pairs;
}

function addPair(pairs: Pairs, left: number, right: number, count: number, word: number): number {
  const key = left * pairBase + right;
  const pair = pairs.get(key) ?? { count: 0, words: new Set() };
  pair.count += count;
  if (count > 0) pair.words.add(word);
  pairs.set(key, pair);
  return key;
}

/** The most frequent pair; a queue entry whose count is out of date is put back with the true one. Pairs seen once are noise. */
function nextPair(queue: Queue, pairs: Pairs): number | undefined {
  for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
    const count = pairs.get(top.pair)?.count ?? 0;
    if (count === top.count) return count >= 2 ? top.pair : undefined;
    if (count > 0) queue.push(top.pair, count);
  }
  return undefined;
}

/** Puts `merged` in the place of every `left, right`, and keeps the counts of the pairs around it true. */
function mergePair(
  step: { left: number; right: number; merged: number; pairs: Pairs; queue: Queue },
  words: readonly Word[],
): void {
  const { left, right, merged, pairs, queue } = step;
  const key = left * pairBase + right;
  const raised = new Set<number>();
  for (const index of pairs.get(key)?.words ?? []) {
    const word = words[index];
    if (word === undefined) continue;
    const { pieces, count } = word;
    for (let i = 0; i + 1 < pieces.length; i++) {
      if (pieces[i] !== left || pieces[i + 1] !== right) continue;
      pieces.splice(i, 2, merged);
      const before = pieces[i - 1];
      const after = pieces[i + 1];
      if (before !== undefined) {
        addPair(pairs, before, left, -count, index);
        raised.add(addPair(pairs, before, merged, count, index));
      }
      if (after !== undefined) {
        addPair(pairs, right, after, -count, index);
        raised.add(addPair(pairs, merged, after, count, index));
      }
    }
  }
  pairs.delete(key);
  for (const pair of raised) queue.push(pair, pairs.get(pair)?.count ?? 0);
}

interface Entry {
  pair: number;
  count: number;
}

interface Queue {
  push(pair: number, count: number): void;
  pop(): Entry | undefined;
}

/** A binary heap: the largest count first, of equal counts the smallest pair. */
function createQueue(): Queue {
  const entries: Entry[] = [];
  const at = (i: number) => entries[i] as Entry;
  const isBefore = (i: number, j: number) =>
    at(i).count > at(j).count || (at(i).count === at(j).count && at(i).pair < at(j).pair);
  const swap = (i: number, j: number) => {
    [entries[i], entries[j]] = [at(j), at(i)];
  };
  const push = (pair: number, count: number) => {
    let i = entries.push({ pair, count }) - 1;
    for (let parent = (i - 1) >> 1; i > 0 && isBefore(i, parent); parent = (i - 1) >> 1) {
      swap(i, parent);
      i = parent;
    }
  };
  const pop = () => {
    const top = entries[0];
    const last = entries.pop();
    if (top === undefined || last === undefined || entries.length === 0) return top;
    entries[0] = last;
    for (let i = 0; ;) {
      const children = [2 * i + 1, 2 * i + 2].filter((child) => child < entries.length);
      const first = children.reduce((best, child) => (isBefore(child, best) ? child : best), i);
      if (first === i) return top;
      swap(i, first);
      i = first;
    }
  };
  return { push, pop };
}
