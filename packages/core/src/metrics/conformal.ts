/**
 * Sets of labels that hold the true one as often as asked (split conformal prediction; Angelopoulos & Bates 2021, "A gentle introduction to conformal
 * prediction", sections 1 and 2.1). The promise is of new texts like those that the thresholds were chosen on.
 */

/** Probabilities of one text, and the place of the true label among them. */
export interface ConformalCase {
  readonly probabilities: readonly number[];
  readonly truth: number;
}

/**
 * The score that so many of `scores` do not exceed, the ceil((n + 1) coverage)-th smallest; Infinity where there are too few scores to say.
 */
export function conformalQuantile(scores: readonly number[], coverage: number): number {
  const rank = Math.ceil((scores.length + 1) * coverage - 1e-9);
  return [...scores].sort((a, b) => a - b)[rank - 1] ?? Infinity;
}

/** LAC: the least probability that a label of the set has. 0 is the whole of the labels. */
export const lacThreshold = (cases: readonly ConformalCase[], coverage: number): number =>
  Math.max(
    0,
    1 -
      conformalQuantile(
        cases.map(({ probabilities, truth }) => 1 - probabilities[truth]!),
        coverage,
      ),
  );

/** APS: the sum of probabilities at which the set of the likeliest labels ends. More than 1 is the whole of the labels. */
export const apsThreshold = (cases: readonly ConformalCase[], coverage: number): number =>
  Math.min(
    2,
    conformalQuantile(
      cases.map(({ probabilities, truth }) => massUpTo(probabilities, truth)),
      coverage,
    ),
  );

/** Labels by their numbers, the likeliest first. */
export const lacSet = (probabilities: readonly number[], threshold: number): number[] =>
  ranked(probabilities).filter((label) => probabilities[label]! >= threshold);

export function apsSet(probabilities: readonly number[], threshold: number): number[] {
  const set: number[] = [];
  let mass = 0;
  for (const label of ranked(probabilities)) {
    set.push(label);
    mass += probabilities[label]!;
    if (mass >= threshold) break;
  }
  return set;
}

const ranked = (probabilities: readonly number[]): number[] =>
  [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);

/** The sum over the labels before a label in that order, and its own. */
function massUpTo(probabilities: readonly number[], label: number): number {
  const order = ranked(probabilities);
  return order.slice(0, order.indexOf(label) + 1).reduce((sum, one) => sum + probabilities[one]!, 0);
}
