/** Precision, recall and F1 from counts, and the three ways to average them. */

/** Of one class, label or entity type: how many were right, how many were predicted, how many are true. */
export interface Counts {
  truePositives: number;
  predicted: number;
  support: number;
}

export interface Scores {
  precision: number;
  recall: number;
  f1: number;
}

/** One row of a per-class table. */
export interface ScoreRow extends Scores {
  label: string;
  /** Number of true members. */
  support: number;
  /** Number of predicted members. */
  predicted: number;
}

export interface Averages {
  /** Counts pooled over all classes. */
  micro: Scores;
  /** Unweighted mean of the classes' scores. */
  macro: Scores;
  /** Mean of the classes' scores weighted by support. */
  weighted: Scores;
}

/** `numerator / denominator`, and 0 for 0/0: scikit-learn's `zero_division=0`. */
export function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}

/** P = tp / predicted, R = tp / support, F1 = 2 tp / (predicted + support); each 0 where undefined. */
export function scoresOf({ truePositives, predicted, support }: Counts): Scores {
  return {
    precision: ratio(truePositives, predicted),
    recall: ratio(truePositives, support),
    f1: ratio(2 * truePositives, predicted + support),
  };
}

/** Averages over exactly the given classes: leave out those that shall not count. All 0 for no class at all. */
export function averagesOf(classes: readonly Counts[]): Averages {
  const pooled: Counts = { truePositives: 0, predicted: 0, support: 0 };
  const macro: Scores = { precision: 0, recall: 0, f1: 0 };
  const weighted: Scores = { precision: 0, recall: 0, f1: 0 };
  for (const counts of classes) {
    pooled.truePositives += counts.truePositives;
    pooled.predicted += counts.predicted;
    pooled.support += counts.support;
    addScaled(macro, scoresOf(counts), 1);
    addScaled(weighted, scoresOf(counts), counts.support);
  }
  return { micro: scoresOf(pooled), macro: divide(macro, classes.length), weighted: divide(weighted, pooled.support) };
}

function addScaled(into: Scores, scores: Scores, scale: number): void {
  into.precision += scale * scores.precision;
  into.recall += scale * scores.recall;
  into.f1 += scale * scores.f1;
}

function divide({ precision, recall, f1 }: Scores, by: number): Scores {
  return { precision: ratio(precision, by), recall: ratio(recall, by), f1: ratio(f1, by) };
}
