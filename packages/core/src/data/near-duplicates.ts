/** Near duplicates by MinHash over word 5-grams and locality-sensitive hashing (Broder 1997; Leskovec et al., Mining of Massive Datasets, ch. 3), each pair then checked exactly. */
import { hash32, hashName } from '../foundation/index.js';

// Bound once: looking up a global is slow inside the sandboxes that tests run in, and these loops are the hot ones.
const { imul } = Math;

/** Words in a shingle. */
export const shingleWords = 5;
/** Bands times rows is the length of a signature: pairs with similarity 0.7 are found with probability 0.9998, those with 0.5 with 0.87. */
const bands = 32;
const bandRows = 4;
/** The similarity above which two texts count as near duplicates: common shingles over all shingles (Jaccard). */
export const nearDuplicateSimilarity = 0.7;
/** In one bucket a text is compared with at most this many others: families of boilerplate stay linear. */
const comparisons = 32;

/** A text as duplicates are judged: Unicode NFKC, lower case, single spaces. */
export function normaliseText(text: string): string {
  // Most spaces are single already: only others are replaced.
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\S ]\s*| \s+/g, ' ')
    .trim();
}

/** A text, or the parts of one in their order: a part that many texts share, such as a document that is asked about often, is read once. */
export type ComparedText = string | readonly string[];

/** `normaliseText` of texts with shared parts. */
export function makeNormaliser(): (text: ComparedText) => string {
  const known = new Map<string, string>();
  return (text) =>
    typeof text === 'string'
      ? normaliseText(text)
      : text
          .map((part) => remember(known, part, normaliseText))
          .filter((part) => part !== '')
          .join(' ');
}

function remember<Made>(known: Map<string, Made>, part: string, make: (part: string) => Made): Made {
  let made = known.get(part);
  if (made === undefined) known.set(part, (made = make(part)));
  return made;
}

/** The words of a text as duplicates are judged: its letters and digits alone count. */
export function wordsOf(text: string): string[] {
  return normaliseText(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Cluster numbers, one a text: equal numbers for near duplicates (joined transitively). The number is the index of the cluster's first text. */
export type Clusters = Int32Array;

/** Clusters of texts that are equal after `normaliseText`. */
export function findDuplicates(texts: readonly ComparedText[]): Clusters {
  const first = new Map<string, number>();
  const normalise = makeNormaliser();
  return Int32Array.from(texts, (text, i) => {
    const key = normalise(text);
    const at = first.get(key) ?? i;
    first.set(key, at);
    return at;
  });
}

/**
 * Clusters of texts that are duplicates or near duplicates (similarity of their word 5-grams at least 0.7; letters and digits alone count).
 * Texts of fewer than 10 words have too few 5-grams to compare: for them only duplicates count. 20,000 sentences take about two seconds.
 */
export function findNearDuplicates(texts: readonly ComparedText[]): Clusters {
  const clusters = findDuplicates(texts);
  const union = makeUnion(clusters);
  const shingledOf = makeShingler();
  const members: number[] = [];
  const shingled: Shingled[] = [];
  for (const [i, text] of texts.entries()) {
    const set = clusters[i] === i ? shingledOf(text) : undefined;
    if (set === undefined) continue;
    members.push(i);
    shingled.push(set);
  }
  for (let band = 0; band < bands; band++) {
    const buckets = new Map<number, number[]>();
    for (const [m, { signature }] of shingled.entries()) {
      let key = 0;
      for (let row = band * bandRows; row < (band + 1) * bandRows; row++) key = mix(key, signature[row] ?? 0);
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [m]);
      else bucket.push(m);
    }
    for (const bucket of buckets.values()) {
      for (let b = 1; b < bucket.length; b++) {
        const m = bucket[b] ?? 0;
        for (let a = b > comparisons ? b - comparisons : 0; a < b; a++) {
          const n = bucket[a] ?? 0;
          const [i = 0, j = 0] = [members[m], members[n]];
          if (union.find(i) === union.find(j)) continue;
          if (similarity(shingled[m]?.shingles, shingled[n]?.shingles) >= nearDuplicateSimilarity) union.join(i, j);
        }
      }
    }
  }
  return Int32Array.from(texts, (_, i) => union.find(clusters[i] ?? i));
}

/** Joins several ways of belonging together: indices that share a cluster in any of them share one in the result. */
export function joinClusters(...ways: readonly Clusters[]): Clusters {
  const [first = new Int32Array(0), ...rest] = ways;
  const union = makeUnion(Int32Array.from(first, (_, i) => i));
  for (const way of [first, ...rest]) way.forEach((cluster, i) => union.join(cluster, i));
  return Int32Array.from(first, (_, i) => union.find(i));
}

/** Disjoint sets over `parents`; the smallest index stands for its set. */
function makeUnion(parents: Int32Array): { find(i: number): number; join(i: number, j: number): void } {
  const parent = Int32Array.from(parents);
  const find = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root] ?? root;
    for (let at = i; at !== root;) {
      const next = parent[at] ?? root;
      parent[at] = root;
      at = next;
    }
    return root;
  };
  const join = (i: number, j: number) => {
    const [a, b] = [find(i), find(j)];
    parent[Math.max(a, b)] = Math.min(a, b);
  };
  return { find, join };
}

/** A text as near duplicates are judged. */
interface Shingled {
  /** The sorted distinct hashes of its word 5-grams. */
  readonly shingles: Int32Array;
  /** The least of each hash function over them, which is that of two sets together where it is the least of both. */
  readonly signature: Int32Array;
}

/** A function that reads a text; undefined where it has fewer than 10 words. */
function makeShingler(): (text: ComparedText) => Shingled | undefined {
  const known = new Map<string, ReadPart>();
  return (text) => {
    const parts = typeof text === 'string' ? [readPart(text)] : text.map((part) => remember(known, part, readPart));
    const count = parts.reduce((sum, { words }) => sum + words.length, 0);
    if (count < 2 * shingleWords) return undefined;
    return parts.reduce(joinParts);
  };
}

interface ReadPart extends Shingled {
  /** A hash for each word. */
  readonly words: Int32Array;
}

function readPart(text: string): ReadPart {
  const words = hashWords(text);
  return { words, ...shingle(words, 0, words.length) };
}

/** The shingles of both, and those that begin in the first and end in the second. */
function joinParts(a: ReadPart, b: ReadPart): ReadPart {
  const words = new Int32Array(a.words.length + b.words.length);
  words.set(a.words);
  words.set(b.words, a.words.length);
  const across = shingle(words, Math.max(0, a.words.length - shingleWords + 1), a.words.length);
  const least = (x: Int32Array, y: Int32Array) => x.map((value, k) => Math.min(value, y[k] ?? value));
  return {
    words,
    shingles: [b, across].reduce((all, { shingles }) => unite(all, shingles), a.shingles),
    signature: [b, across].reduce((all, { signature }) => least(all, signature), a.signature),
  };
}

/** The shingles that begin in a range of words. */
function shingle(words: Int32Array, from: number, to: number): Shingled {
  const found = new Set<number>();
  const end = Math.min(to, words.length - shingleWords + 1);
  for (let i = from; i < end; i++) {
    let hash = 0;
    for (let k = 0; k < shingleWords; k++) hash = mix(hash, words[i + k] ?? 0);
    found.add(hash);
  }
  const shingles = Int32Array.from(found).sort();
  return { shingles, signature: signatureOf(shingles) };
}

/** `hashName` of each of `wordsOf` a text; of plain ASCII, as most is, while the words are found. */
function hashWords(text: string): Int32Array {
  const hashes = new Int32Array((text.length + 1) >> 1);
  let [count, hash, inside] = [0, fnvOffset, false];
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code > 127) return Int32Array.from(wordsOf(text), hashName);
    if (code >= 65 && code <= 90) code += 32;
    if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57)) {
      hash = imul(hash ^ code, fnvPrime);
      inside = true;
    } else if (inside) {
      hashes[count++] = hash;
      [hash, inside] = [fnvOffset, false];
    }
  }
  if (inside) hashes[count++] = hash;
  return hashes.slice(0, count);
}

const [fnvOffset, fnvPrime] = [0x811c9dc5 | 0, 0x01000193];

/** The seeds of the hash functions whose minima make a signature. */
const seeds = Int32Array.from({ length: bands * bandRows }, (_, k) => hash32(0x5eed, k));

function signatureOf(shingles: Int32Array): Int32Array {
  const signature = new Int32Array(seeds.length).fill(0x7fffffff);
  for (let k = 0; k < seeds.length; k++) {
    const seed = seeds[k] ?? 0;
    let least = 0x7fffffff;
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
  const all = new Int32Array(a.length + b.length);
  let [i, j, count] = [0, 0, 0];
  while (i < a.length || j < b.length) {
    const [x = Infinity, y = Infinity] = [a[i], b[j]];
    all[count++] = x < y ? x : y;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return all.slice(0, count);
}

function similarity(a: Int32Array | undefined, b: Int32Array | undefined): number {
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
