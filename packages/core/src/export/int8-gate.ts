/** What tasks lose in INT8 on their dev parts, and whether that is too much. */
import type { QuantisationReport, TaskLoss } from './bundle-parts.js';

/** What a served model makes of the dev examples of one task. */
export interface DevAnswers {
  readonly task: string;
  readonly mainMetric: string;
  /** Of the main metric, 1 the best. */
  readonly score: number;
  /**
   * For each example what was predicted, as texts that are equal for equal predictions: one, or of what is found in texts any number. Undefined
   * where predictions are numbers.
   */
  readonly answers?: readonly (readonly string[])[];
}

/** Below this score on dev a task has learnt next to nothing: equal predictions may be no predictions, and others are noise. */
export const weakScore = 0.1;

/** What chance may make of a share, before a dev part tells that it is below the limit. */
const significance = 0.05;

/**
 * The tasks that lose too much. As of `isWithin`, each as far as its dev part can tell; and if the tasks together have fewer equal predictions than the limit, a
 * mean over tasks, those that are below it. One that differs, which is allowed always, counts in neither.
 */
export function tooMuch(losses: readonly TaskLoss[], limits: QuantisationReport['limits']): TaskLoss[] {
  const failed = losses.filter((loss) => !isWithin(loss, limits));
  if (failed.length > 0) return failed;
  const told = losses.filter(({ moved, equal }) => moved === undefined && equal !== undefined);
  const shareOf = (loss: TaskLoss) => (missingOf(loss) === 1 ? 1 : loss.equal!);
  const mean = told.reduce((sum, loss) => sum + shareOf(loss), 0) / told.length;
  return mean < limits.equal - rounding ? told.filter((loss) => shareOf(loss) < limits.equal) : [];
}

/** How many predictions differ. */
const missingOf = ({ equal = 1, compared = 0 }: TaskLoss): number => Math.round((1 - equal) * compared);

/** It must not decide: what differs by exactly the limit is within it. */
const rounding = 1e-9;

/**
 * Whether a task loses no more than the limits allow. Of equal predictions more may be missing than their share by as much as chance explains, since of few
 * even one is a large share; one may be always, whatever its score. Where predictions say nothing, logits that hardly move are enough, but for a score that
 * does say something.
 */
export function isWithin(loss: TaskLoss, limits: QuantisationReport['limits']): boolean {
  const { fp32, pointsLost, equal = 1, compared = 0, moved } = loss;
  const missing = missingOf(loss);
  if (missing === 1) return true;
  const scores = pointsLost <= limits.points + rounding;
  const alike = equal >= limits.equal - rounding || chanceOf(missing, compared, 1 - limits.equal) >= significance;
  return scores && alike ? true : moved !== undefined && moved <= limits.moved && (scores || fp32 < weakScore);
}

/** The probability that of `count` cases, each of which is missing with probability `share`, at least `missing` are: the tail of the binomial distribution. */
export function chanceOf(missing: number, count: number, share: number): number {
  if (missing === 0) return 1;
  if (!(share > 0)) return 0;
  if (share >= 1) return 1;
  // In logarithms: of many cases the first terms are too small for a number.
  let term = count * Math.log1p(-share);
  let below = Math.exp(term);
  for (let i = 1; i < missing; i++) {
    term += Math.log((count - i + 1) / i) + Math.log(share / (1 - share));
    below += Math.exp(term);
  }
  return Math.max(0, 1 - below);
}

/** What a task loses. */
export function lossOf({ task, mainMetric, score, answers: expected }: DevAnswers, int8: DevAnswers): TaskLoss {
  const pointsLost = 100 * (score - int8.score);
  const alike = expected && int8.answers && equalShare(expected, int8.answers);
  return { task, mainMetric, fp32: score, int8: int8.score, pointsLost, ...alike };
}

/** The share of answers that both give, among those of whichever gives more; 1 where neither gives any. */
function equalShare(
  a: readonly (readonly string[])[],
  b: readonly (readonly string[])[],
): { equal: number; compared: number } {
  let [common, most] = [0, 0];
  a.forEach((answers, i) => {
    const others = new Set(b[i]);
    common += answers.filter((answer) => others.has(answer)).length;
    most += Math.max(answers.length, others.size);
  });
  return { equal: most === 0 ? 1 : common / most, compared: most };
}

/** What a task loses, for people. */
export function describeLoss({ mainMetric, fp32, int8, pointsLost, equal, compared, moved }: TaskLoss): string {
  const score = `${mainMetric} ${(100 * fp32).toFixed(2)} -> ${(100 * int8).toFixed(2)} (${pointsLost.toFixed(2)} points lost)`;
  const same = equal === undefined ? '' : `, ${(100 * equal).toFixed(2)} % of ${compared} predictions equal`;
  return moved === undefined
    ? score + same
    : `${score}${same}; no better than a baseline or next to 0, so that it was judged by its logits, which moved by ${(100 * moved).toFixed(1)} %`;
}
