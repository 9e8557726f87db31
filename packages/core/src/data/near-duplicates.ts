/** Near duplicates by MinHash over word 5-grams and locality-sensitive hashing (Broder 1997; Leskovec et al., Mining of Massive Datasets, ch. 3), each pair then checked exactly. */
import {
  bandKey,
  bands,
  concatenate,
  haveNeighbours,
  makeShingler,
  makeSigner,
  makeTwinFinder,
  remember,
  shingleWords,
  similarity,
  type Shingled,
} from './shingles.js';

// Bound once: looking up a global is slow inside the sandboxes that tests run in, and these loops are the hot ones.
const { imul } = Math;

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
 * Texts of fewer than 10 words have too few 5-grams to compare: for them only duplicates count. 20,000 sentences take less than a second.
 * @param clusters what `findDuplicates` says of them, where it was asked already
 */
export function findNearDuplicates(texts: readonly ComparedText[], clusters = findDuplicates(texts)): Clusters {
  const union = makeUnion(clusters);
  const partsOf = makePartReader();
  const twinOf = makeTwinFinder();
  const shinglesOf = makeShingler();
  const members: number[] = [];
  const shingled: Shingled[] = [];
  for (const [i, text] of texts.entries()) {
    if (clusters[i] !== i) continue;
    const parts = partsOf(text);
    const words = concatenate(parts);
    if (words.length < 2 * shingleWords) continue;
    const twin = twinOf(words, i);
    if (twin !== i) {
      union.join(twin, i);
      continue;
    }
    members.push(i);
    shingled.push(shinglesOf(parts, words));
  }
  const compared = haveNeighbours(shingled, nearDuplicateSimilarity);
  const signatureOf = makeSigner();
  const signatures = compared.map((m) => signatureOf(shingled[m]?.pieces ?? []));
  for (let band = 0; band < bands; band++) {
    const buckets = new Map<number, number[]>();
    for (const [c, signature] of signatures.entries()) {
      const key = bandKey(signature, band);
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [compared[c] ?? 0]);
      else bucket.push(compared[c] ?? 0);
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

/** A function that gives the words of each part of a text, as hashes; of a part that several texts share it is one and the same list. */
function makePartReader(): (text: ComparedText) => Int32Array[] {
  const known = new Map<string, Int32Array>();
  return (text) =>
    typeof text === 'string' ? [hashWords(text)] : text.map((part) => remember(known, part, hashWords));
}

/** `hashName` of each of `wordsOf` a text, hashed while the words are found; plain ASCII, as most texts are, needs no normalising first. */
function hashWords(given: string): Int32Array {
  let [text, normalised] = [given, false];
  let hashes = new Int32Array((text.length + 1) >> 1);
  let [count, hash, inside] = [0, fnvOffset, false];
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code > 127 && !normalised) {
      [text, normalised] = [normaliseText(given), true];
      hashes = new Int32Array((text.length + 1) >> 1);
      [i, count, hash, inside] = [-1, 0, fnvOffset, false];
      continue;
    }
    if (code >= 65 && code <= 90) code += 32;
    if (code > 127 ? isOfWord(text, i, code) : (code >= 97 && code <= 122) || (code >= 48 && code <= 57)) {
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

/** Whether the code unit at a place is, or is half of, a letter or digit. */
function isOfWord(text: string, at: number, unit: number): boolean {
  if (unit >= 0xd800 && unit < 0xe000) {
    const point = text.codePointAt(unit < 0xdc00 ? at : at - 1) ?? 0;
    return point > 0xffff && letterOrDigit.test(String.fromCodePoint(point));
  }
  let known = unitKinds[unit];
  if (known === 0) unitKinds[unit] = known = letterOrDigit.test(String.fromCharCode(unit)) ? 1 : 2;
  return known === 1;
}

const letterOrDigit = /^[\p{L}\p{N}]/u;
/** Of each code unit: 1 for a letter or digit, 2 for another, 0 where it was not asked yet. */
const unitKinds = new Uint8Array(1 << 16);

const [fnvOffset, fnvPrime] = [0x811c9dc5 | 0, 0x01000193];
