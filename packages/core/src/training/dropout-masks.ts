/**
 * Dropout without state: one pool of random masks a rate, made from the seed; each use reads a stretch of it at a place hashed from
 * (seed, update, site). A resumed run reads the same stretches, and nothing is drawn during training.
 */
import { hash32, hashName, random } from '../foundation/index.js';

export interface DropoutMasks {
  /** A view of `count` elements, each 0 with probability `rate` and else 1 / (1 - rate). */
  mask(site: string, rate: number, count: number, update: number): Float32Array;
}

/** Pools hold at least this many elements, so that small sites meet different stretches each time. */
const smallestPool = 1 << 20;

export function createDropoutMasks(seed: number): DropoutMasks {
  const pools = new Map<number, Float32Array>();

  /** The first elements of a pool do not depend on its size: a longer pool begins with a shorter one. */
  function pool(rate: number, size: number): Float32Array {
    const known = pools.get(rate);
    if (known && known.length >= size) return known;
    const rng = random(seed, 'dropout', Math.round(rate * 1e9));
    const kept = 1 / (1 - rate);
    const made = Float32Array.from({ length: size }, () => (rng.uniform() < rate ? 0 : kept));
    pools.set(rate, made);
    return made;
  }

  return {
    mask(site, rate, count, update) {
      // The size of the stretch to choose from depends on the count alone, never on what was asked before.
      const size = Math.max(smallestPool, 2 ** Math.ceil(Math.log2(count * 1.25)));
      const start = hash32(seed, update, hashName(site)) % (size - count + 1);
      return pool(rate, size).subarray(start, start + count);
    },
  };
}
