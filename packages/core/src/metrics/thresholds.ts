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
  labels: number;
  /** `per-label` (the default) or one threshold for all. */
  mode?: 'per-label' | 'global';
  /** A label with fewer positives in dev keeps the global threshold: its own would fit noise. 10 by default. */
  minPositives?: number;
}

export interface Thresholds {
  /** The threshold with the best micro F1 over all labels. */
  global: number;
  /** One a label: its own, or the global one. A label is predicted where score >= threshold. */
  perLabel: number[];
  /** Whether each label has a threshold of its own. */
  tuned: boolean[];
}

/**
 * The thresholds with the best dev F1. Between two neighbouring scores every threshold decides alike: 0.5 is taken where it lies
 * between them, else their middle; of equally good ones the nearest to 0.5. Without any positive, 0.5.
 */
export function tuneThresholds(options: ThresholdOptions): Thresholds {
  const { scores, gold, masked, labels, mode = 'per-label', minPositives = 10 } = options;
  requireLength('thresholds: scores', gold.length, scores.length);
  const cells = Array.from({ length: gold.length }, (_, cell) => cell).filter((cell) => !masked?.[cell]);
  const best = (among: readonly number[]) =>
    bestThreshold(
      among.map((cell) => scores[cell]!),
      among.map((cell) => (gold[cell] ? 1 : 0)),
    );
  const global = best(cells);
  const byLabel = Array.from({ length: labels }, (): number[] => []);
  for (const cell of cells) byLabel[cell % labels]!.push(cell);
  const tuned = byLabel.map(
    (own) => mode === 'per-label' && own.filter((cell) => gold[cell]).length >= Math.max(1, minPositives),
  );
  return { global, perLabel: byLabel.map((own, l) => (tuned[l] ? best(own) : global)), tuned };
}

/** 1 where score >= the label's threshold; `scores` is `[examples, labels]`, as is the result. */
export function applyThresholds(scores: ArrayLike<number>, thresholds: readonly number[]): Uint8Array {
  return Uint8Array.from(scores, (score, cell) => (score >= thresholds[cell % thresholds.length]! ? 1 : 0));
}

/** The threshold with the best F1 for one yes-or-no decision; `gold` holds 0 or 1. */
function bestThreshold(scores: readonly number[], gold: readonly number[]): number {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const positives = gold.reduce((sum, truth) => sum + truth, 0);
  let best = { f1: 0, threshold: 0.5 };
  let hits = 0;
  for (let k = 0; k < order.length; k++) {
    hits += gold[order[k]!]!;
    const lowest = scores[order[k]!]!;
    const next = k + 1 < order.length ? scores[order[k + 1]!]! : 0;
    // Scores that are equal fall on the same side of every threshold.
    if (k + 1 < order.length && next === lowest) continue;
    const f1 = ratio(2 * hits, k + 1 + positives);
    const threshold = next < 0.5 && lowest >= 0.5 ? 0.5 : (lowest + next) / 2;
    const nearer = Math.abs(threshold - 0.5) < Math.abs(best.threshold - 0.5);
    if (f1 > best.f1 || (f1 === best.f1 && f1 > 0 && nearer)) best = { f1, threshold };
  }
  return best.threshold;
}
