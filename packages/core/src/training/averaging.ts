/** Weights that do better than those of the last update: a moving average over all of them, or a soup of the best checkpoints. */
import type { ParameterStore } from './parameter-store.js';

export const averagings = ['none', 'ema', 'soup'] as const;
export type Averaging = (typeof averagings)[number];

/** The most that a moving average keeps of itself at an update. */
const longestMemory = 0.999;

/** Checkpoints that a soup chooses from. */
export const soupCandidates = 5;

/** Slots that have an average. */
const averaged = ({ slots }: ParameterStore) =>
  [...slots.values()].flatMap(({ average, ...slot }) => (average ? [{ average, ...slot }] : []));

/**
 * The share that the weights after a parameter's n-th update have in its moving average: large at first, so that the start is soon forgotten, and
 * from some 9,000 updates on one in a thousand.
 */
export const averageShare = (updates: number): number => 1 - Math.min(longestMemory, (1 + updates) / (10 + updates));

/** A checkpoint by the update after which it was kept, and its score. */
export interface Candidate {
  readonly update: number;
  readonly mean: number;
}

/** The best candidates, the best first; of equal ones the earlier. */
export const bestCandidates = (candidates: readonly Candidate[]): Candidate[] =>
  [...candidates].sort((a, b) => b.mean - a.mean || a.update - b.update).slice(0, soupCandidates);

export interface Soup {
  /** The updates of the checkpoints that are in it, the best first. */
  readonly updates: number[];
  readonly mean: number;
}

/**
 * Averages checkpoints as long as that does not lower the score (greedy soup: Wortsman et al. 2022, "Model soups", recipe 1), and leaves the
 * soup in the store.
 * @param candidates the best first
 * @param load brings the weights of a checkpoint into the store
 * @param score scores what is in the store
 */
export async function cookSoup(
  store: ParameterStore,
  candidates: readonly Candidate[],
  { load, score }: { load: (update: number) => void; score: () => Promise<number> },
): Promise<Soup> {
  const [best, ...others] = candidates as readonly [Candidate, ...Candidate[]];
  const slots = averaged(store);
  load(best.update);
  for (const { average, weight } of slots) average.set(weight);
  let soup: Soup = { updates: [best.update], mean: best.mean };
  for (const { update } of others) {
    load(update);
    // The mean of all that are in it and this one.
    const share = soup.updates.length / (soup.updates.length + 1);
    for (const { average, weight, count } of slots)
      store.kernels.blend(weight.byteOffset, average.byteOffset, count, share);
    const mean = await score();
    if (mean < soup.mean) continue;
    soup = { updates: [...soup.updates, update], mean };
    for (const { average, weight } of slots) average.set(weight);
  }
  for (const { average, weight } of slots) weight.set(average);
  return soup;
}
