/** Out-of-scope detection: telling texts that no label fits from those that one fits, by how sure the likeliest label is. */
import { macroAuroc } from './classification.js';
import { quantile } from './resampling.js';
import { ratio } from './scores.js';

export interface ScopeReport {
  /** Area under the ROC curve of the scores: 1 where every text in scope has a higher one than every text out of scope. */
  auroc: number;
  /** Share of the texts out of scope that were taken for one in scope. */
  falseAcceptRate: number;
  /** Share of the texts in scope that were refused. */
  falseRejectRate: number;
}

/** `scores` are those of being in scope, `outside` says which texts are not; a text is accepted from `threshold` on. All `[texts]`. */
export function scopeReport(scores: readonly number[], outside: readonly boolean[], threshold: number): ScopeReport {
  const share = (of: boolean, wrong: (score: number) => boolean): number => {
    const own = scores.filter((_, i) => outside[i] === of);
    return ratio(own.filter(wrong).length, own.length);
  };
  return {
    auroc: macroAuroc(
      scores.flatMap((score) => [-score, score]),
      outside.map((out) => (out ? 0 : 1)),
      2,
    ),
    falseAcceptRate: share(true, (score) => score >= threshold),
    falseRejectRate: share(false, (score) => score < threshold),
  };
}

/** The share of dev texts in scope that are refused where dev has none out of scope to learn from. */
const refusedUnseen = 0.05;

/**
 * The threshold with the highest mean of two shares: of texts in scope that are accepted with the `right` label, and of texts out of scope
 * that are refused (the two figures of Larson et al. 2019). It lies between two scores that occur.
 */
export function chooseScopeThreshold(
  scores: readonly number[],
  outside: readonly boolean[],
  right: readonly boolean[],
): number {
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);
  const outsiders = outside.filter((out) => out).length;
  const insiders = scores.length - outsiders;
  if (outsiders === 0) {
    return scores.length === 0
      ? 0
      : quantile(
          order.map((i) => scores[i]!),
          refusedUnseen,
        );
  }
  let accepted = right.filter((ok, i) => ok && !outside[i]).length;
  let refused = 0;
  let best = { value: ratio(accepted, insiders), threshold: 0 };
  for (const [k, i] of order.entries()) {
    if (outside[i]) refused += 1;
    else if (right[i]) accepted -= 1;
    const score = scores[i]!;
    const following = order[k + 1];
    // Above all scores everything is refused.
    const next = following === undefined ? score + 1 : scores[following]!;
    if (next === score) continue;
    const value = ratio(accepted, insiders) + refused / outsiders;
    if (value > best.value) best = { value, threshold: (score + next) / 2 };
  }
  return best.threshold;
}
