/** Near duplicates by MinHash over word 5-grams and locality-sensitive hashing (Broder 1997; Leskovec et al., Mining of Massive Datasets, ch. 3), each pair then checked exactly. */
import { hash32 } from '../foundation/index.js';

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
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** The words of a text as duplicates are judged: its letters and digits alone count. */
export function wordsOf(text: string): string[] {
  return normaliseText(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Cluster numbers, one a text: equal numbers for near duplicates (joined transitively). The number is the index of the cluster's first text. */
export type Clusters = Int32Array;

/** Clusters of texts that are equal after `normaliseText`. */
export function findDuplicates(texts: readonly string[]): Clusters {
  const first = new Map<string, number>();
  return Int32Array.from(texts, (text, i) => {
    const key = normaliseText(text);
    const at = first.get(key) ?? i;
    first.set(key, at);
    return at;
  });
}

/**
 * Clusters of texts that are duplicates or near duplicates (similarity of their word 5-grams at least 0.7; letters and digits alone count).
 * Texts of fewer than 10 words have too few 5-grams to compare: for them only duplicates count. 20,000 sentences take about two seconds.
 */
export function findNearDuplicates(texts: readonly string[]): Clusters {
  const clusters = findDuplicates(texts);
  const union = makeUnion(clusters);
  const shinglesOf = makeShingler();
  const members: number[] = [];
  const shingles: Uint32Array[] = [];
  for (const [i, text] of texts.entries()) {
    const set = clusters[i] === i ? shinglesOf(text) : undefined;
    if (set === undefined) continue;
    members.push(i);
    shingles.push(set);
  }
  const signatures = shingles.map(signatureOf);
  for (let band = 0; band < bands; band++) {
    const buckets = new Map<number, number[]>();
    for (const [m, signature] of signatures.entries()) {
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
          if (similarity(shingles[m], shingles[n]) >= nearDuplicateSimilarity) union.join(i, j);
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

/** A function that gives the sorted distinct hashes of a text's word 5-grams; undefined where it has fewer than 10 words. */
function makeShingler(): (text: string) => Uint32Array | undefined {
  const numbers = new Map<string, number>();
  const numberOf = (word: string) => {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    numbers.set(word, numbers.size);
    return numbers.size - 1;
  };
  return (text) => {
    const words = wordsOf(text).map(numberOf);
    if (words.length < 2 * shingleWords) return undefined;
    const shingles = new Set<number>();
    for (let i = 0; i + shingleWords <= words.length; i++) {
      let shingle = 0;
      for (let k = 0; k < shingleWords; k++) shingle = mix(shingle, words[i + k] ?? 0);
      shingles.add(shingle);
    }
    return Uint32Array.from(shingles).sort();
  };
}

/** The seeds of the hash functions whose minima make a signature. */
const seeds = Uint32Array.from({ length: bands * bandRows }, (_, k) => hash32(0x5eed, k));

function signatureOf(shingles: Uint32Array): Uint32Array {
  const signature = new Uint32Array(seeds.length).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let k = 0; k < signature.length; k++) {
      const hashed = mix(seeds[k] ?? 0, shingle);
      if (hashed < (signature[k] ?? 0)) signature[k] = hashed;
    }
  }
  return signature;
}

/** One step of a 32-bit hash (the finaliser of MurmurHash3). */
function mix(hash: number, value: number): number {
  let h = imul(hash ^ value, 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function similarity(a: Uint32Array | undefined, b: Uint32Array | undefined): number {
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
