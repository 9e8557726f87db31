/** Word 5-grams of texts as hashes, lists of them compared, and signatures by which alike ones are found (Broder 1997; Leskovec et al., Mining of Massive Datasets, ch. 3). */
import { hash32 } from '../foundation/index.js';

// Bound once: looking up a global is slow inside the sandboxes that tests run in, and these loops are the hot ones.
const { imul, min } = Math;

/** Words in a shingle. */
export const shingleWords = 5;
/** Bands times rows is the length of a signature: pairs with similarity 0.7 are found with probability 0.9998, those with 0.5 with 0.87. */
export const bands = 32;
const bandRows = 4;

/** What was made of a key, or is made now. */
export function remember<Key, Made>(known: Map<Key, Made>, part: Key, make: (part: Key) => Made): Made {
  let made = known.get(part);
  if (made === undefined) known.set(part, (made = make(part)));
  return made;
}

/** A text as near duplicates are judged. */
export interface Shingled {
  /** The sorted distinct hashes of its word 5-grams. */
  readonly shingles: Int32Array;
  /** Lists that are all of `shingles` together, those of a shared part one and the same for all texts that have it. */
  readonly pieces: readonly Int32Array[];
}

export function concatenate(lists: readonly Int32Array[]): Int32Array {
  const [first = none] = lists;
  if (lists.length < 2) return first;
  const all = new Int32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/** A function that gives the number of the first text with the same words: the sentences of a document, each read with all others, are many such. */
export function makeTwinFinder(): (words: Int32Array, text: number) => number {
  const known = new Map<number, { words: Int32Array; text: number }>();
  return (words, text) => {
    let hash = 0;
    for (let i = 0; i < words.length; i++) hash = mix(hash, words[i] ?? 0);
    const first = known.get(hash);
    if (first === undefined) known.set(hash, { words, text });
    return first !== undefined && areEqual(first.words, words) ? first.text : text;
  };
}

function areEqual(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A function that finds the shingles of a text from the words of its parts and of all of it. */
export function makeShingler(): (parts: readonly Int32Array[], words: Int32Array) => Shingled {
  const known = new Map<Int32Array, Int32Array>();
  const withinPart = (part: Int32Array) => remember(known, part, (words) => distinct(shinglesFrom(words, 0)));
  return (parts, words) => {
    const pieces = parts.map(withinPart);
    if (pieces.length > 1) pieces.push(distinct(shinglesAcross(parts, words)));
    return { shingles: pieces.reduce(unite), pieces };
  };
}

/** The hashes of the shingles that begin at a word or after it, up to and without `end`. */
function shinglesFrom(words: Int32Array, from: number, end = words.length): Int32Array {
  const last = min(end, words.length - shingleWords + 1);
  if (last <= from) return none;
  const hashes = new Int32Array(last - from);
  for (let i = from; i < last; i++) {
    let hash = 0;
    for (let k = 0; k < shingleWords; k++) hash = mix(hash, words[i + k] ?? 0);
    hashes[i - from] = hash;
  }
  return hashes;
}

/** The hashes of the shingles that begin in one part and end in another. */
function shinglesAcross(parts: readonly Int32Array[], words: Int32Array): Int32Array {
  let end = 0;
  return concatenate(
    parts.map(({ length }) => {
      end += length;
      return shinglesFrom(words, end - min(length, shingleWords - 1), end);
    }),
  );
}

/** The different ones of a list, sorted, in its place. */
function distinct(hashes: Int32Array): Int32Array {
  if (hashes.length === 0) return none;
  hashes.sort();
  let count = 1;
  for (let i = 1; i < hashes.length; i++) if (hashes[i] !== hashes[i - 1]) hashes[count++] = hashes[i] ?? 0;
  return count === hashes.length ? hashes : hashes.slice(0, count);
}

const none = new Int32Array(0);

/**
 * The texts that can be so similar to another (0 to 1): as large a share of their shingles stands in other texts too. Of most texts it does not, and what
 * is asked of a signature, which costs far more, need not be asked of them. Shingles whose hashes share a slot count as one: that only lets more texts in.
 */
export function haveNeighbours(texts: readonly Shingled[], least: number): number[] {
  const all = texts.reduce((sum, { shingles }) => sum + shingles.length, 0);
  let slots = 1 << 10;
  while (slots < 2 * all && slots < 1 << 28) slots *= 2;
  /** In how many texts: 2 for more too. */
  const seen = new Uint8Array(slots);
  for (const { shingles } of texts) {
    for (let i = 0; i < shingles.length; i++) {
      const slot = (shingles[i] ?? 0) & (slots - 1);
      if ((seen[slot] ?? 0) < 2) seen[slot] = (seen[slot] ?? 0) + 1;
    }
  }
  return [...texts.keys()].filter((t) => {
    const { shingles } = texts[t] ?? { shingles: none };
    let common = 0;
    for (let i = 0; i < shingles.length; i++) if (seen[(shingles[i] ?? 0) & (slots - 1)] === 2) common++;
    return common >= least * shingles.length;
  });
}

/** The seeds of the hash functions whose minima make a signature. */
const seeds = Int32Array.from({ length: bands * bandRows }, (_, k) => hash32(0x5eed, k));

/**
 * A function that signs lists of shingles taken together: the least of each hash function over them, which is that of two lists where it is the least
 * of both. A list that several texts share is read once.
 */
export function makeSigner(): (pieces: readonly Int32Array[]) => Int32Array {
  const known = new Map<Int32Array, Int32Array>();
  return (pieces) => {
    const whole = new Int32Array(seeds.length).fill(greatest);
    for (const piece of pieces) {
      const signature = remember(known, piece, sign);
      for (let k = 0; k < whole.length; k++) whole[k] = min(whole[k] ?? 0, signature[k] ?? 0);
    }
    return whole;
  };
}

const greatest = 0x7fffffff;

/** Equal for signatures whose rows of a band are equal. */
export function bandKey(signature: Int32Array, band: number): number {
  let key = 0;
  for (let row = band * bandRows; row < (band + 1) * bandRows; row++) key = mix(key, signature[row] ?? 0);
  return key;
}

function sign(shingles: Int32Array): Int32Array {
  const signature = new Int32Array(seeds.length);
  for (let k = 0; k < seeds.length; k++) {
    const seed = seeds[k] ?? 0;
    let least = greatest;
    for (let i = 0; i < shingles.length; i++) {
      const hashed = mix(seed, shingles[i] ?? 0);
      if (hashed < least) least = hashed;
    }
    signature[k] = least;
  }
  return signature;
}

/** One step of a 32-bit hash (the finaliser of MurmurHash3). Signed throughout: such integers are the fast ones. */
function mix(hash: number, value: number): number {
  let h = imul(hash ^ value, 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** What stands in either of two sorted lists without repeats, likewise. */
function unite(a: Int32Array, b: Int32Array): Int32Array {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const all = new Int32Array(a.length + b.length);
  let [i, j, count] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const [x = 0, y = 0] = [a[i], b[j]];
    all[count++] = x < y ? x : y;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  const rest = i < a.length ? a.subarray(i) : b.subarray(j);
  all.set(rest, count);
  return all.slice(0, count + rest.length);
}

export function similarity(a: Int32Array | undefined, b: Int32Array | undefined): number {
  if (a === undefined || b === undefined) return 0;
  let [i, j, common] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const [x = 0, y = 0] = [a[i], b[j]];
    if (x === y) common++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return common / (a.length + b.length - common);
}
