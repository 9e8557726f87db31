/** Single-label classification: every score is a function of the confusion matrix. */
import { requireIndex, requireLength } from './checks.js';
import { rankAverages } from './ranks.js';
import { averagesOf, ratio, scoresOf, type Averages, type Counts, type ScoreRow } from './scores.js';
import { collectStatistics, sumStatistics, type ExampleStatistics } from './statistics.js';

export interface ClassificationReport extends Averages {
  examples: number;
  accuracy: number;
  /** Mean recall of the classes that occur in the truth. */
  balancedAccuracy: number;
  /** Matthews' correlation for many classes. */
  mcc: number;
  /** Cohen's kappa. */
  kappa: number;
  /** One row a label, in the order of `labels`; absent labels have zeros. */
  perClass: ScoreRow[];
  /** `[true class][predicted class]` counts. */
  confusion: number[][];
}

/** The headline figures, as intervals and comparisons need them. */
export type ClassificationMetric = 'accuracy' | 'macroF1' | 'microF1' | 'weightedF1' | 'mcc' | 'balancedAccuracy';

/**
 * All scores of single-label predictions. `gold` and `predicted` are class indices `[examples]` into `labels`.
 *
 * Equal to scikit-learn with `zero_division=0`: macro and weighted means are taken over the classes that occur in the
 * truth or the predictions; 0/0 is 0, for kappa and MCC too (MCC of a constant prediction is 0).
 * @throws FieldcraftError FC_DATA for different lengths or an index outside `labels`.
 */
export function classificationReport(
  gold: ArrayLike<number>,
  predicted: ArrayLike<number>,
  labels: readonly string[],
): ClassificationReport {
  const flat = sumStatistics(classificationStatistics(gold, predicted, labels.length));
  const counts = classCounts(flat, labels.length);
  return {
    examples: gold.length,
    accuracy: ratio(totalCorrect(counts), gold.length),
    balancedAccuracy: balancedAccuracy(counts),
    mcc: matthews(counts),
    kappa: cohenKappa(counts),
    ...averagesOf(counts.filter(occurs)),
    perClass: counts.map((row, c) => ({
      label: labels[c]!,
      ...scoresOf(row),
      support: row.support,
      predicted: row.predicted,
    })),
    confusion: labels.map((_, c) => Array.from(flat.subarray(c * labels.length, (c + 1) * labels.length))),
  };
}

/** One row an example: its cell of the confusion matrix `[classes * classes]`. For intervals and comparisons. */
export function classificationStatistics(
  gold: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): ExampleStatistics {
  requireLength('classification: predicted', gold.length, predicted.length);
  return collectStatistics(gold.length, classes * classes, (i, add) => {
    requireIndex(`classification: gold[${i}]`, gold[i]!, classes);
    requireIndex(`classification: predicted[${i}]`, predicted[i]!, classes);
    add(gold[i]! * classes + predicted[i]!, 1);
  });
}

/** The headline figures as a function of the summed `classificationStatistics`. */
export function classificationMetrics(classes: number): (sums: Float64Array) => Record<ClassificationMetric, number> {
  return (sums) => {
    const counts = classCounts(sums, classes);
    const averages = averagesOf(counts.filter(occurs));
    return {
      accuracy: ratio(totalCorrect(counts), totalSupport(counts)),
      macroF1: averages.macro.f1,
      microF1: averages.micro.f1,
      weightedF1: averages.weighted.f1,
      mcc: matthews(counts),
      balancedAccuracy: balancedAccuracy(counts),
    };
  };
}

/**
 * Area under the ROC curve of each class against the rest, unweighted mean (Hand and Till 2001 discuss the choice).
 * `probabilities` is `[examples, classes]`, row-major. A class without members or without non-members has no ROC curve and
 * is left out; 0 if that leaves none (scikit-learn raises there).
 */
export function macroAuroc(probabilities: ArrayLike<number>, gold: ArrayLike<number>, classes: number): number {
  requireLength('auroc: probabilities', gold.length * classes, probabilities.length);
  const areas: number[] = [];
  for (let c = 0; c < classes; c++) {
    const scores = Float64Array.from(gold, (_, i) => probabilities[i * classes + c]!);
    const ranks = rankAverages(scores);
    let positives = 0;
    let rankSum = 0;
    for (let i = 0; i < gold.length; i++) {
      if (gold[i] !== c) continue;
      positives += 1;
      rankSum += ranks[i]!;
    }
    const negatives = gold.length - positives;
    // Mann-Whitney: the share of (member, non-member) pairs in the right order, ties counting half.
    if (positives > 0 && negatives > 0) {
      areas.push((rankSum - (positives * (positives + 1)) / 2) / (positives * negatives));
    }
  }
  return ratio(
    areas.reduce((sum, area) => sum + area, 0),
    areas.length,
  );
}

function classCounts(confusion: Float64Array, classes: number): Counts[] {
  const counts = Array.from({ length: classes }, () => ({ truePositives: 0, predicted: 0, support: 0 }));
  for (let g = 0; g < classes; g++) {
    for (let p = 0; p < classes; p++) {
      const n = confusion[g * classes + p]!;
      if (n === 0) continue;
      counts[g]!.support += n;
      counts[p]!.predicted += n;
      if (g === p) counts[g]!.truePositives += n;
    }
  }
  return counts;
}

const occurs = (counts: Counts): boolean => counts.support + counts.predicted > 0;
const totalCorrect = (counts: readonly Counts[]): number => counts.reduce((sum, c) => sum + c.truePositives, 0);
const totalSupport = (counts: readonly Counts[]): number => counts.reduce((sum, c) => sum + c.support, 0);

function balancedAccuracy(counts: readonly Counts[]): number {
  const present = counts.filter((c) => c.support > 0);
  return ratio(
    present.reduce((sum, c) => sum + c.truePositives / c.support, 0),
    present.length,
  );
}

/** R_K of Gorodkin 2004, "Comparing two K-category assignments by a K-category correlation coefficient". */
function matthews(counts: readonly Counts[]): number {
  const n = totalSupport(counts);
  const dot = (a: 'support' | 'predicted', b: 'support' | 'predicted') =>
    counts.reduce((sum, c) => sum + c[a] * c[b], 0);
  const covariance = totalCorrect(counts) * n - dot('support', 'predicted');
  const variances = (n * n - dot('predicted', 'predicted')) * (n * n - dot('support', 'support'));
  return ratio(covariance, Math.sqrt(variances));
}

/** Cohen 1960: agreement beyond what the two label distributions would give by chance. */
function cohenKappa(counts: readonly Counts[]): number {
  const n = totalSupport(counts);
  const chance = ratio(
    counts.reduce((sum, c) => sum + c.support * c.predicted, 0),
    n,
  );
  return ratio(totalCorrect(counts) - chance, n - chance);
}
