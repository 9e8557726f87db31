/** Batches: complete, seeded, and nearly without padding. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { random } from '../foundation/index.js';
import { planBatches, planEvalBatches } from './batches.js';

const indices = (batches: readonly Int32Array[]) => batches.flatMap((batch) => [...batch]).sort((a, b) => a - b);
/** Lengths as of sentences: many short, a few long. */
const lengths = (n: number, seed = 1) => {
  const stream = random(seed);
  return Int32Array.from({ length: n }, () => Math.min(256, 3 + Math.floor(Math.exp(3.3 + 0.7 * stream.normal()))));
};

/** The share of positions that would be padding if every batch were padded to its longest example: 0 is none. */
function paddingShare(batches: readonly ArrayLike<number>[], lengths: ArrayLike<number>): number {
  let [real, padded] = [0, 0];
  for (const batch of batches) {
    let longest = 0;
    for (let i = 0; i < batch.length; i++) {
      const length = lengths[batch[i] ?? 0] ?? 0;
      real += length;
      longest = Math.max(longest, length);
    }
    padded += longest * batch.length;
  }
  return padded === 0 ? 0 : 1 - real / padded;
}

test('every example is in exactly one batch, whatever the sizes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(500)),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(),
      (all, batchSize, poolBatches, epoch) => {
        const batches = planBatches(all, { batchSize, poolBatches, seed: 3, epoch });
        expect(indices(batches)).toEqual([...all.keys()]);
        expect(batches.filter((batch) => batch.length !== batchSize).length).toBeLessThanOrEqual(1);
        expect(indices(planEvalBatches(all, { maxTokens: batchSize * 20 }))).toEqual([...all.keys()]);
      },
    ),
  );
});

test('the same for the same seed and epoch, another order in each epoch', () => {
  const options = { batchSize: 16, seed: 1, epoch: 0 };
  const all = lengths(1000);
  expect(planBatches(all, options)).toEqual(planBatches(all, options));
  const sets = [0, 1, 2].map((epoch) => planBatches(all, { ...options, epoch }).map((batch) => [...batch].join()));
  expect(sets[0]?.filter((batch) => sets[1]?.includes(batch))).toEqual([]);
});

test('padding: a quarter or more in random batches, less than a twelfth here', () => {
  const all = lengths(8000);
  const order = random(2).shuffle([...all.keys()]);
  const plain = Array.from({ length: 500 }, (_, i) => order.slice(i * 16, (i + 1) * 16));
  expect(paddingShare(plain, all)).toBeGreaterThan(0.25);
  expect(paddingShare(planBatches(all, { batchSize: 16, seed: 1, epoch: 0 }), all)).toBeLessThan(0.08);
});

test('long and short batches come in random order', () => {
  const all = lengths(4000);
  const longest = planBatches(all, { batchSize: 16, seed: 5, epoch: 0 }).map((batch) =>
    Math.max(...[...batch].map((i) => all[i] ?? 0)),
  );
  const rises = longest.slice(1).filter((length, i) => length > (longest[i] ?? 0)).length;
  expect(rises).toBeGreaterThan(0.35 * longest.length);
  expect(rises).toBeLessThan(0.65 * longest.length);
});

test('evaluation batches keep to the budget, longest first', () => {
  const all = lengths(500);
  const batches = planEvalBatches(all, { maxTokens: 2048 });
  const widths = batches.map((batch) => Math.max(...[...batch].map((i) => all[i] ?? 0)));
  batches.forEach((batch, b) => expect(batch.length * (widths[b] ?? 0)).toBeLessThanOrEqual(2048));
  expect(widths).toEqual([...widths].sort((a, b) => b - a));
  expect(planEvalBatches([5000, 10, 10], { maxTokens: 100 }).map((batch) => [...batch])).toEqual([[0], [1, 2]]);
});

test('a few texts of very different lengths do not share a batch where padding would cost more than another batch', () => {
  const few = [256, 12, 250, 20, 30];
  expect(planEvalBatches(few, { maxTokens: 2048 }).map((batch) => [...batch])).toEqual([[0, 2, 4, 3, 1]]);
  expect(planEvalBatches(few, { maxTokens: 2048, maxPadding: 16 }).map((batch) => [...batch])).toEqual([
    [0, 2],
    [4, 3],
    [1],
  ]);
});

describe('sizes that make no sense', () => {
  test.each([0, -1, 1.5, NaN])('%p', (size) => {
    expect(() => planBatches([1], { batchSize: size, seed: 0, epoch: 0 })).toThrow(
      expect.objectContaining({ code: 'FC_CONFIG' }),
    );
    expect(() => planEvalBatches([1], { maxTokens: size })).toThrow(expect.objectContaining({ code: 'FC_CONFIG' }));
  });
});
