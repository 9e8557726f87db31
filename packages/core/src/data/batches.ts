/** Which examples share a batch, so that next to nothing is computed on padding while batches stay random. */
import { FieldcraftError, random } from '../foundation/index.js';

export interface BatchOptions {
  batchSize: number;
  seed: number;
  epoch: number;
  /** Batches whose examples are sorted by length together. More: less padding, less randomness. */
  poolBatches?: number;
}

/**
 * One epoch of training batches: shuffled by (seed, epoch), cut into pools of `poolBatches * batchSize` examples, each pool sorted by
 * length (ties stay random) and cut into batches, whose order is shuffled. Every example is in exactly one batch; one batch may be smaller.
 */
export function planBatches(lengths: ArrayLike<number>, options: BatchOptions): Int32Array[] {
  const { batchSize, seed, epoch, poolBatches = 50 } = options;
  checkPositive('batchSize', batchSize);
  checkPositive('poolBatches', poolBatches);
  const stream = random(seed, 'batches', epoch);
  const order = stream.shuffle(Array.from({ length: lengths.length }, (_, i) => i));
  const batches: Int32Array[] = [];
  for (let from = 0; from < order.length; from += poolBatches * batchSize) {
    const pool = order
      .slice(from, from + poolBatches * batchSize)
      .sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
    for (let at = 0; at < pool.length; at += batchSize) batches.push(Int32Array.from(pool.slice(at, at + batchSize)));
  }
  return stream.shuffle(batches);
}

export interface EvalBatchOptions {
  /** The most tokens of a batch, padding included: examples times the longest of them. */
  maxTokens: number;
}

/** Batches for evaluation: longest first (so that memory is asked for once), filled up to the budget. A longer example is a batch alone. */
export function planEvalBatches(lengths: ArrayLike<number>, { maxTokens }: EvalBatchOptions): Int32Array[] {
  checkPositive('maxTokens', maxTokens);
  const order = Array.from({ length: lengths.length }, (_, i) => i).sort(
    (a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b,
  );
  const batches: Int32Array[] = [];
  for (let from = 0; from < order.length;) {
    const size = Math.max(1, Math.floor(maxTokens / Math.max(1, lengths[order[from] ?? 0] ?? 0)));
    batches.push(Int32Array.from(order.slice(from, from + size)));
    from += size;
  }
  return batches;
}

function checkPositive(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new FieldcraftError('FC_CONFIG', { what: `${name} must be a whole number of at least 1`, got: String(value) });
}
