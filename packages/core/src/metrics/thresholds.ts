/** Decision thresholds for multi-label scores, tuned on dev. */
import { requireLength } from './checks.js';
import { ratio } from './scores.js';

export interface ThresholdOptions {
  /** Probabilities `[examples, labels]`, row-major, of the dev set. */
  scores: ArrayLike<number>;
  /** 1 where the label applies. */
  gold: ArrayLike<number>;
  /** 1 where the truth is unknown. */
  masked?: ArrayLike<number> | undefined;
  /** What a cell of unknown truth counts for, as one where the label does not apply, against 1 for a known one. 0 by default. */
  maskedWeight?: number;
  labels: number;
  /**
   * With so many positives in dev a label's own threshold and the global one count alike; with fewer the global one counts more, since a
   * label's own would fit noise. 20 by default; 0 gives each its own, Infinity all the global one.
   */
  shrinkage?: number;
}

export interface Thresholds {
  /** The threshold with the best micro F1 over all labels. */
  global: number;
  /** One a label, between its own best and the global one. A label is predicted where score >= threshold. */
  perLabel: number[];
}

/**
 * The thresholds with the best dev F1; those of labels are drawn to the global one, as log-odds, by `shrinkage`. Between two neighbouring scores every threshold decides alike: 0.5 is taken where it lies
 * between them, else their middle; of equally good ones the nearest to 0.5. Without any positive, 0.5.
 */
export function tuneThresholds(options: ThresholdOptions): Thresholds {
  const { scores, gold, masked, maskedWeight = 0, labels, shrinkage = 20 } = options;
  requireLength('thresholds: scores', gold.length, scores.length);
  const byLabel = Array.from({ length: labels }, (): Decision[] => []);
  for (let cell = 0; cell < gold.length; cell++) {
    const weight = masked?.[cell] ? maskedWeight : 1;
    const applies = !masked?.[cell] && Boolean(gold[cell]);
    if (weight > 0) byLabel[cell % labels]!.push({ score: scores[cell]!, applies, weight });
  }
  const global = bestThreshold(byLabel.flat());
  const perLabel = byLabel.map((own) => {
    const positives = own.filter(({ applies }) => applies).length;
    if (positives === 0) return global;
    const share = positives / (positives + shrinkage);
    return sigmoid(share * logOdds(bestThreshold(own)) + (1 - share) * logOdds(global));
  });
  return { global, perLabel };
}

/**
 * One threshold for the scores of some decisions, with the best F1 on them: `applies` says which are positives, of which there are `positives`
 * in all, also among decisions that are not given.
 */
export function tuneThreshold(scores: readonly number[], applies: readonly boolean[], positives: number): number {
  requireLength('threshold: scores', applies.length, scores.length);
  return bestThreshold(
    scores.map((score, i) => ({ score, applies: applies[i]!, weight: 1 })),
    positives,
  );
}

/** 1 where score >= the label's threshold; `scores` is `[examples, labels]`, as is the result. */
export function applyThresholds(scores: ArrayLike<number>, thresholds: readonly number[]): Uint8Array {
  return Uint8Array.from(scores, (score, cell) => (score >= thresholds[cell % thresholds.length]! ? 1 : 0));
}

/** Finite for 0 and 1 too. */
function logOdds(probability: number): number {
  const inside = Math.min(Math.max(probability, 1e-9), 1 - 1e-9);
  return Math.log(inside / (1 - inside));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** One yes-or-no decision of the dev part. */
interface Decision {
  score: number;
  applies: boolean;
  weight: number;
}

/** The threshold with the best weighted F1. */
function bestThreshold(
  decisions: readonly Decision[],
  positives = decisions.reduce((sum, { applies, weight }) => sum + (applies ? weight : 0), 0),
): number {
  const ordered = [...decisions].sort((a, b) => b.score - a.score);
  let best = { f1: 0, threshold: 0.5 };
  let [hits, predicted] = [0, 0];
  for (const [k, { score: lowest, applies, weight }] of ordered.entries()) {
    predicted += weight;
    if (applies) hits += weight;
    const next = ordered[k + 1]?.score;
    // Scores that are equal fall on the same side of every threshold.
    if (next === lowest) continue;
    const f1 = ratio(2 * hits, predicted + positives);
    const threshold = (next ?? 0) < 0.5 && lowest >= 0.5 ? 0.5 : (lowest + (next ?? 0)) / 2;
    const nearer = Math.abs(threshold - 0.5) < Math.abs(best.threshold - 0.5);
    if (f1 > best.f1 || (f1 === best.f1 && f1 > 0 && nearer)) best = { f1, threshold };
  }
  return best.threshold;
}
