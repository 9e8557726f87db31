/** Regression: errors and correlations of predicted numbers. */
import { requireLength } from './checks.js';
import { rankAverages } from './ranks.js';
import { ratio } from './scores.js';
import { collectStatistics, type ExampleStatistics } from './statistics.js';

export interface RegressionReport {
  examples: number;
  /** Mean squared error. */
  mse: number;
  /** Mean absolute error. */
  mae: number;
  /** Coefficient of determination, 1 - residual / total squares; for a constant truth 1 if all right, else 0 (as scikit-learn). */
  r2: number;
  /** Pearson's linear correlation; 0 where one side is constant. */
  pearson: number;
  /** Spearman's rank correlation, ties sharing mean ranks; 0 where one side is constant. */
  spearman: number;
}

/** All scores of predicted numbers `[examples]`. @throws FieldcraftError FC_DATA for different lengths. */
export function regressionReport(gold: ArrayLike<number>, predicted: ArrayLike<number>): RegressionReport {
  requireLength('regression: predicted', gold.length, predicted.length);
  const centre = mean(gold);
  let squared = 0;
  let absolute = 0;
  let total = 0;
  for (let i = 0; i < gold.length; i++) {
    squared += (predicted[i]! - gold[i]!) ** 2;
    absolute += Math.abs(predicted[i]! - gold[i]!);
    total += (gold[i]! - centre) ** 2;
  }
  return {
    examples: gold.length,
    mse: ratio(squared, gold.length),
    mae: ratio(absolute, gold.length),
    r2: total === 0 ? (squared === 0 ? 1 : 0) : 1 - squared / total,
    pearson: correlation(gold, predicted),
    spearman: correlation(rankAverages(gold), rankAverages(predicted)),
  };
}

/** The scores that follow from sums over examples: all but those of ranks. */
export type RegressionMetric = 'mse' | 'mae' | 'pearson';

/** One row an example: 1, error squared, error, and the terms of the correlation. For intervals and comparisons. */
export function regressionStatistics(gold: ArrayLike<number>, predicted: ArrayLike<number>): ExampleStatistics {
  requireLength('regression: predicted', gold.length, predicted.length);
  // Centred, so that little is lost where the numbers are large and their spread is small.
  const [centreX, centreY] = [mean(gold), mean(predicted)];
  return collectStatistics(gold.length, 8, (i, add) => {
    const [error, x, y] = [predicted[i]! - gold[i]!, gold[i]! - centreX, predicted[i]! - centreY];
    [1, error ** 2, Math.abs(error), x, y, x * x, y * y, x * y].forEach((value, column) => add(column, value));
  });
}

/** The scores as a function of the summed `regressionStatistics`. */
export function regressionMetrics(sums: Float64Array): Record<RegressionMetric, number> {
  const [n = 0, squared = 0, absolute = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0] = sums;
  const spread = (xx - (x * x) / n) * (yy - (y * y) / n);
  return {
    mse: ratio(squared, n),
    mae: ratio(absolute, n),
    pearson: spread > 0 ? (xy - (x * y) / n) / Math.sqrt(spread) : 0,
  };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return ratio(sum, values.length);
}

function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const meanX = mean(x);
  const meanY = mean(y);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    xx += (x[i]! - meanX) ** 2;
    yy += (y[i]! - meanY) ** 2;
    xy += (x[i]! - meanX) * (y[i]! - meanY);
  }
  return ratio(xy, Math.sqrt(xx * yy));
}
