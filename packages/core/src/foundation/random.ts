/** Seeded randomness: counter-based, so that any draw can be repeated from (seed, names, index) without replaying the ones before it. */

const { imul } = Math;

/** Mixes 32-bit words into one 32-bit hash (MurmurHash3's finaliser over an xor-multiply chain). Deterministic on every platform. */
export function hash32(...words: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const word of words) {
    h = imul(h ^ word, 0x85ebca6b);
    h = imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** FNV-1a over the UTF-16 code units of a name: lets a stream be named instead of numbered. */
export function hashName(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    h = imul(h ^ name.charCodeAt(i), 0x01000193);
  }
  return h >>> 0;
}

/** A stream of seeded draws. Two streams with the same seed and names yield the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1) with 32 bits. */
  uniform(): number;
  /** Uniform integer in [0, n). `n` is at least 1. */
  integer(n: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** A new array with the items in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/** `random(seed, 'dropout', step)`: a stream of its own for each seed and path of names. */
export function random(seed: number, ...path: readonly (string | number)[]): Random {
  const key = hash32(seed, ...path.map((part) => (typeof part === 'string' ? hashName(part) : part)));
  // sfc32 (Chris Doty-Humphrey's Small Fast Chaotic generator), seeded by the hashed path.
  let a = hash32(key, 1) | 0;
  let b = hash32(key, 2) | 0;
  let c = hash32(key, 3) | 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  const uniform = () => next() / 4294967296;
  const integer = (n: number) => Math.floor(uniform() * n);
  let spare: number | undefined;
  const normal = () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const shuffle = <T>(items: readonly T[]): T[] => {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = integer(i + 1);
      [out[i], out[j]] = [out[j] as T, out[i] as T];
    }
    return out;
  };
  return { uniform, integer, normal, shuffle };
}
