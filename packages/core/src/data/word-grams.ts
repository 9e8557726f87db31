/** Word n-grams of texts as 64-bit hashes: every n-gram of a text in constant time, and a table that millions of them fit into. */
import { hash32 } from '../foundation/index.js';
import { wordsOf } from './near-duplicates.js';

// Bound once: looking up a global is slow inside the sandboxes that tests run in, and these loops are the hot ones.
const { imul } = Math;

/** The words of a text by their numbers from 1, 0 for a word that is not to be learnt and was not known; and the hashes of its n-grams. */
export interface NumberedWords {
  readonly length: number;
  /** True where a word of the n-gram that begins at `start` is not known: then no text of the vocabulary holds it. */
  isForeign(start: number, n: number): boolean;
  /** Two 32-bit halves of the hash of the n-gram that begins at `start`, into `into`. */
  hash(start: number, n: number, into: Uint32Array): void;
}

/** Numbers words by their first use. `read(text, { learn: false })` gives words that were never learnt no number. */
export function createWordNumbers(): { read(text: string, options: { learn: boolean }): NumberedWords } {
  const numbers = new Map<string, number>();
  const low: number[] = [0];
  const high: number[] = [0];
  const add = (word: string): number => {
    const number = low.length;
    numbers.set(word, number);
    low.push(hash32(number, 1));
    high.push(hash32(number, 2));
    return number;
  };
  return {
    read(text, { learn }) {
      const words = wordsOf(text);
      const count = words.length;
      // Polynomials over the words before each place, as in the rolling hash of Karp and Rabin (1987), modulo 2^32 for two odd bases.
      const [first, second] = [new Uint32Array(count + 1), new Uint32Array(count + 1)];
      const unknownBefore = new Uint32Array(count + 1);
      for (let i = 0; i < count; i++) {
        const word = words[i] ?? '';
        const number = numbers.get(word) ?? (learn ? add(word) : 0);
        first[i + 1] = imul(first[i] ?? 0, firstBase) + (low[number] ?? 0);
        second[i + 1] = imul(second[i] ?? 0, secondBase) + (high[number] ?? 0);
        unknownBefore[i + 1] = (unknownBefore[i] ?? 0) + (number === 0 ? 1 : 0);
      }
      return {
        length: count,
        isForeign: (start, n) => unknownBefore[start + n] !== unknownBefore[start],
        hash(start, n, into) {
          into[0] = (first[start + n] ?? 0) - imul(first[start] ?? 0, power(firstPowers, n));
          into[1] = (second[start + n] ?? 0) - imul(second[start] ?? 0, power(secondPowers, n));
        },
      };
    },
  };
}

const firstBase = 0x9e3779b1;
const secondBase = 0x85ebca77;
const firstPowers = [1];
const secondPowers = [1];

function power(powers: number[], n: number): number {
  const base = powers === firstPowers ? firstBase : secondBase;
  while (powers.length <= n) powers.push(imul(powers.at(-1) ?? 1, base));
  return powers[n] ?? 1;
}

/** A growing map from 64-bit hashes to integers of at least 0 (open addressing). */
export interface HashTable {
  readonly size: number;
  /** -1 where it is not there. */
  get(low: number, high: number): number;
  /** Sets what is not there; what was there before is returned and stays, otherwise -1. */
  add(low: number, high: number, value: number): number;
  set(low: number, high: number, value: number): void;
}

export function createHashTable(): HashTable {
  let capacity = 1 << 12;
  let [lows, highs, values] = [new Uint32Array(capacity), new Uint32Array(capacity), new Int32Array(capacity).fill(-1)];
  let size = 0;
  const placeOf = (low: number, high: number): number => {
    let at = (low ^ imul(high, 0x2c1b3c6d)) & (capacity - 1);
    while (values[at] !== -1 && (lows[at] !== low || highs[at] !== high)) at = (at + 1) & (capacity - 1);
    return at;
  };
  const put = (at: number, low: number, high: number, value: number) => {
    lows[at] = low;
    highs[at] = high;
    values[at] = value;
  };
  const grow = () => {
    const old = { lows, highs, values };
    capacity *= 2;
    [lows, highs, values] = [new Uint32Array(capacity), new Uint32Array(capacity), new Int32Array(capacity).fill(-1)];
    old.values.forEach((value, i) => {
      if (value === -1) return;
      const [low, high] = [old.lows[i] ?? 0, old.highs[i] ?? 0];
      put(placeOf(low, high), low, high, value);
    });
  };
  return {
    get size() {
      return size;
    },
    get: (low, high) => values[placeOf(low, high)] ?? -1,
    add(low, high, value) {
      const at = placeOf(low, high);
      const before = values[at] ?? -1;
      if (before !== -1) return before;
      put(at, low, high, value);
      if (++size * 2 > capacity) grow();
      return -1;
    },
    set(low, high, value) {
      const at = placeOf(low, high);
      const isNew = values[at] === -1;
      put(at, low, high, value);
      if (isNew && ++size * 2 > capacity) grow();
    },
  };
}
