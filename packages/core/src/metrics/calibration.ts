/** Calibration: whether a stated probability is the share of times it comes true. */
import { requireIndex, requireLength } from './checks.js';
import { argmaxRows } from './probabilities.js';
import { ratio } from './scores.js';

/** One bar of a reliability diagram: the predictions whose confidence lies in (low, high]. */
export interface ReliabilityBin {
  low: number;
  high: number;
  count: number;
  /** Mean confidence and share that came true; both 0 for an empty bin. */
  confidence: number;
  accuracy: number;
}

export interface CalibrationReport {
  /** Expected calibration error (Guo et al. 2017): mean over predictions of |accuracy - confidence| of their bin. */
  ece: number;
  /** Maximum calibration error: the largest such gap of a non-empty bin. */
  mce: number;
  /** Brier score (1950): mean squared distance from the probabilities to the truth, summed over classes. */
  brier: number;
  /** Mean negative log-likelihood of the truth, probabilities clipped to [2^-52, 1 - 2^-52] as in scikit-learn. */
  nll: number;
  bins: ReliabilityBin[];
}

/**
 * Calibration of the most probable class. `probabilities` is `[examples, classes]`, `gold` `[examples]`; `bins` equal-width
 * bins (15 by default). All figures are 0 for no example.
 */
export function calibrationReport(options: {
  probabilities: ArrayLike<number>;
  gold: ArrayLike<number>;
  classes: number;
  bins?: number;
}): CalibrationReport {
  const { probabilities, gold, classes } = options;
  requireLength('calibration: probabilities', gold.length * classes, probabilities.length);
  const top = argmaxRows(probabilities, classes);
  let squares = 0;
  let loss = 0;
  for (let i = 0; i < gold.length; i++) {
    requireIndex(`calibration: gold[${i}]`, gold[i]!, classes);
    for (let c = 0; c < classes; c++) squares += (probabilities[i * classes + c]! - (gold[i] === c ? 1 : 0)) ** 2;
    loss -= Math.log(clip(probabilities[i * classes + gold[i]!]!));
  }
  return summarise(
    Float64Array.from(top, (c, i) => probabilities[i * classes + c]!),
    Float64Array.from(top, (c, i) => (gold[i] === c ? 1 : 0)),
    { brier: ratio(squares, gold.length), nll: ratio(loss, gold.length), bins: options.bins ?? 15 },
  );
}

/**
 * Calibration of yes-or-no probabilities, as in multi-label classification: each cell's probability of yes against `gold` (0 or 1).
 * Cells with `masked` 1 count nowhere. Brier is the mean of (p - y)^2 over cells.
 */
export function binaryCalibrationReport(options: {
  probabilities: ArrayLike<number>;
  gold: ArrayLike<number>;
  masked?: ArrayLike<number> | undefined;
  bins?: number;
}): CalibrationReport {
  const { probabilities, gold, masked } = options;
  requireLength('calibration: probabilities', gold.length, probabilities.length);
  const cells = Array.from({ length: gold.length }, (_, i) => i).filter((i) => !masked?.[i]);
  const confidence = Float64Array.from(cells, (i) => probabilities[i]!);
  const outcome = Float64Array.from(cells, (i) => (gold[i] ? 1 : 0));
  let squares = 0;
  let loss = 0;
  confidence.forEach((p, k) => {
    squares += (p - outcome[k]!) ** 2;
    loss -= Math.log(clip(outcome[k] ? p : 1 - p));
  });
  return summarise(confidence, outcome, {
    brier: ratio(squares, cells.length),
    nll: ratio(loss, cells.length),
    bins: options.bins ?? 15,
  });
}

/**
 * The bars of a reliability diagram: `outcome[i]` is 1 where the prediction with `confidence[i]` came true.
 * Bin k of n holds (k/n, (k+1)/n]; a confidence of exactly 0 goes to the first.
 */
export function reliabilityBins(
  confidence: ArrayLike<number>,
  outcome: ArrayLike<number>,
  bins: number,
): ReliabilityBin[] {
  const out = Array.from({ length: bins }, (_, k) => ({
    low: k / bins,
    high: (k + 1) / bins,
    count: 0,
    confidence: 0,
    accuracy: 0,
  }));
  for (let i = 0; i < confidence.length; i++) {
    let k = Math.min(bins - 1, Math.floor(confidence[i]! * bins));
    // Edges belong to the bin below, and `confidence * bins` may round across one.
    while (k > 0 && confidence[i]! <= out[k]!.low) k--;
    while (k < bins - 1 && confidence[i]! > out[k]!.high) k++;
    out[k]!.count += 1;
    out[k]!.confidence += confidence[i]!;
    out[k]!.accuracy += outcome[i]!;
  }
  return out.map((bin) => ({
    ...bin,
    confidence: ratio(bin.confidence, bin.count),
    accuracy: ratio(bin.accuracy, bin.count),
  }));
}

function summarise(
  confidence: Float64Array,
  outcome: Float64Array,
  { brier, nll, bins: count }: { brier: number; nll: number; bins: number },
): CalibrationReport {
  const bins = reliabilityBins(confidence, outcome, count);
  const gap = (bin: ReliabilityBin) => Math.abs(bin.accuracy - bin.confidence);
  return {
    ece: ratio(
      bins.reduce((sum, bin) => sum + bin.count * gap(bin), 0),
      confidence.length,
    ),
    mce: Math.max(0, ...bins.map(gap)),
    brier,
    nll,
    bins,
  };
}

const clip = (p: number): number => Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, p));
