/** Regression: errors and correlations of predicted numbers. */
import { requireLength } from './checks.js';
import { rankAverages } from './ranks.js';
import { ratio } from './scores.js';

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
