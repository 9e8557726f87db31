/** N-grams with their weights as JSON keeps them. */
import { FieldcraftError, pack, packed, unpack } from '../foundation/index.js';
import { openGrams, type HashedGrams, type Tfidf } from './tfidf.js';

/** N-grams, or phrases, that a model keeps at most. */
export const mostKept = 20_000;

export const keptGramsShape = {
  /** Of each n-gram: hash (uint32), and inverse document frequency (float32). */
  hashes: packed,
  idf: packed,
};

export type KeptGrams = Readonly<Record<keyof typeof keptGramsShape, string>>;

export const keepGrams = ({ hashes, idf }: HashedGrams): KeptGrams => ({ hashes: pack(hashes), idf: pack(idf) });

/** @throws FieldcraftError FC_FILE_FORMAT where they do not fit each other */
export function openKeptGrams({ hashes: kept, idf: weights }: KeptGrams): Tfidf {
  const hashes = new Uint32Array(unpack(kept, 4));
  const idf = new Float32Array(unpack(weights, 4));
  const distinct = new Set(hashes).size;
  if (distinct !== hashes.length || idf.length !== distinct || !idf.every((weight) => weight > 0 && weight < Infinity))
    throw damagedWords(`as many weights as different n-grams`, `${idf.length} for ${distinct} of ${hashes.length}`);
  return openGrams({ hashes, idf });
}

export const damagedWords = (expected: string, got: string): FieldcraftError =>
  new FieldcraftError('FC_FILE_FORMAT', { what: 'the words that a model keeps are damaged', expected, got });
