/**
 * Dropout and noise without state: one pool of random numbers a distribution, made from the seed; each use reads a stretch of it at a place hashed
 * from (seed, update, site). A resumed run reads the same stretches, and none of the many numbers is drawn during training.
 */
import { hash32, hashName, random, type Random } from '../foundation/index.js';

export interface DropoutMasks {
  /** A view of `count` elements, each 0 with probability `rate` and else 1 / (1 - rate). */
  mask(site: string, rate: number, count: number, update: number): Float32Array;
  /** A view of `count` numbers: uniform between -1 and 1, or standard normal. */
  noise(distribution: 'uniform' | 'normal', count: number, update: number): Float32Array;
  /** Draws for what needs but a few of them: the same ones for a name and an update. */
  draws(name: string, update: number): Random;
}

/** Pools hold at least this many elements, so that small sites meet different stretches each time. */
const smallestPool = 1 << 20;

export function createDropoutMasks(seed: number): DropoutMasks {
  const pools = new Map<string, Float32Array>();

  /** `count` numbers that `draw` makes of the pool's own random numbers. */
  function stretch(
    { kind, number }: { kind: string; number: number },
    draw: (rng: Random) => number,
    { site, count, update }: { site: string; count: number; update: number },
  ): Float32Array {
    // The size of the stretch to choose from depends on the count alone, never on what was asked before.
    const size = Math.max(smallestPool, 2 ** Math.ceil(Math.log2(count * 1.25)));
    const start = hash32(seed, update, hashName(site)) % (size - count + 1);
    const known = pools.get(`${kind} ${number}`);
    if (known && known.length >= size) return known.subarray(start, start + count);
    // The first elements of a pool do not depend on its size: a longer pool begins with a shorter one.
    const rng = random(seed, kind, number);
    const made = Float32Array.from({ length: size }, () => draw(rng));
    pools.set(`${kind} ${number}`, made);
    return made.subarray(start, start + count);
  }

  return {
    mask(site, rate, count, update) {
      const kept = 1 / (1 - rate);
      const pool = { kind: 'dropout', number: Math.round(rate * 1e9) };
      return stretch(pool, (rng) => (rng.uniform() < rate ? 0 : kept), { site, count, update });
    },
    noise(distribution, count, update) {
      const draw = distribution === 'uniform' ? (rng: Random) => 2 * rng.uniform() - 1 : (rng: Random) => rng.normal();
      return stretch({ kind: distribution, number: 0 }, draw, { site: 'noise', count, update });
    },
    draws: (name, update) => random(seed, name, update),
  };
}
