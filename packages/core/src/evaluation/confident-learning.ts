/** Confident learning: how many labels are probably wrong, and which (Northcutt, Jiang and Chuang 2021). */
import { argmaxRows } from '../metrics/index.js';

export interface ConfidentLearning {
  /** `[classes, classes]`, row-major: the estimated share of all examples that are labelled i and truly j (section 3.1 there). Sums to 1. */
  readonly joint: Float64Array;
  /** The share of examples whose label is not the true one: what lies off the diagonal. */
  readonly noise: number;
  /** Examples that were counted off the diagonal, the most suspicious first. */
  readonly suspects: readonly Suspect[];
}

export interface Suspect {
  readonly example: number;
  readonly given: number;
  /** The class that it was counted for. */
  readonly likelier: number;
  /** Probability of the given class minus that of the most probable other one: the lower, the more suspicious. */
  readonly margin: number;
}

/**
 * `probabilities` is `[examples, classes]` of a model that did not learn from the example itself; `gold` the given labels. An example counts as a
 * confident one of the class that is the most probable of those whose probability reaches the mean that it has among examples labelled so.
 * A class without a confident example is taken to be labelled rightly. The estimate is right where the model is good enough (section 4 there); a weak
 * model takes its own mistakes for those of the labels, and estimates too much.
 */
export function confidentLearning(
  probabilities: ArrayLike<number>,
  gold: ArrayLike<number>,
  classes: number,
): ConfidentLearning {
  const rows = Array.from({ length: gold.length }, (_, i) =>
    Array.from({ length: classes }, (_, c) => probabilities[i * classes + c] ?? 0),
  );
  const support = new Float64Array(classes);
  const thresholds = new Float64Array(classes);
  rows.forEach((row, i) => {
    const label = gold[i] as number;
    support[label]! += 1;
    thresholds[label]! += row[label] ?? 0;
  });
  support.forEach((count, c) => (thresholds[c] = count === 0 ? Infinity : (thresholds[c] ?? 0) / count));

  const counts = new Float64Array(classes * classes);
  const suspects: Suspect[] = [];
  rows.forEach((row, i) => {
    const given = gold[i] as number;
    const confident = row.map((p, c) => (p >= (thresholds[c] ?? Infinity) ? p : -1));
    const [likelier = given] = argmaxRows(confident, classes);
    if ((confident[likelier] ?? -1) < 0) return;
    counts[given * classes + likelier]! += 1;
    if (likelier === given) return;
    const others = row.filter((_, c) => c !== given);
    suspects.push({ example: i, given, likelier, margin: (row[given] ?? 0) - Math.max(...others) });
  });
  const joint = calibrate(counts, support, gold.length);
  const diagonal = support.reduce((sum, _, c) => sum + (joint[c * classes + c] ?? 0), 0);
  return {
    joint,
    noise: gold.length === 0 ? 0 : Math.max(0, 1 - diagonal),
    suspects: suspects.sort((a, b) => a.margin - b.margin || a.example - b.example),
  };
}

/** Rows of counts as shares of all examples: a row adds up to the share of examples labelled so. */
function calibrate(counts: Float64Array, support: Float64Array, examples: number): Float64Array {
  const classes = support.length;
  const joint = new Float64Array(counts.length);
  support.forEach((labelled, given) => {
    const row = counts.subarray(given * classes, (given + 1) * classes);
    const confident = row.reduce((sum, count) => sum + count, 0);
    if (examples === 0) return;
    if (confident === 0) joint[given * classes + given] = labelled / examples;
    else row.forEach((count, c) => (joint[given * classes + c] = (count / confident) * (labelled / examples)));
  });
  return joint;
}
