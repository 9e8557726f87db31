/** Temperature scaling (Guo et al. 2017): one divisor of the logits that makes their probabilities as likely as can be on dev. */
import { requireLength } from './checks.js';

const coldest = 0.05;
const hottest = 20;

/**
 * The temperature T in [0.05, 20] that minimises the mean negative log-likelihood of `gold` under softmax(logits / T).
 * `logits` is `[examples, classes]`, `gold` `[examples]`. It changes no decision. 1 for no example.
 */
export function fitTemperature(logits: ArrayLike<number>, gold: ArrayLike<number>, classes: number): number {
  requireLength('temperature: logits', gold.length * classes, logits.length);
  return minimiseOverInverse(gold.length, (inverse) => {
    let slope = 0;
    let curvature = 0;
    for (let i = 0; i < gold.length; i++) {
      const start = i * classes;
      let top = -Infinity;
      for (let c = 0; c < classes; c++) top = Math.max(top, logits[start + c]!);
      let mass = 0;
      let first = 0;
      let second = 0;
      for (let c = 0; c < classes; c++) {
        const logit = logits[start + c]! - top;
        const weight = Math.exp(inverse * logit);
        mass += weight;
        first += weight * logit;
        second += weight * logit * logit;
      }
      slope += first / mass - (logits[start + gold[i]!]! - top);
      curvature += second / mass - (first / mass) ** 2;
    }
    return { slope, curvature };
  });
}

/**
 * The same for yes-or-no logits under sigmoid(logits / T), as in multi-label classification: `gold` holds 0 or 1 for each logit, and
 * those with `masked` 1 count nowhere.
 */
export function fitBinaryTemperature(
  logits: ArrayLike<number>,
  gold: ArrayLike<number>,
  masked?: ArrayLike<number>,
): number {
  requireLength('temperature: logits', gold.length, logits.length);
  const cells = Array.from({ length: gold.length }, (_, i) => i).filter((i) => !masked?.[i]);
  return minimiseOverInverse(cells.length, (inverse) => {
    let slope = 0;
    let curvature = 0;
    for (const i of cells) {
      const p = 1 / (1 + Math.exp(-inverse * logits[i]!));
      slope += (p - (gold[i] ? 1 : 0)) * logits[i]!;
      curvature += p * (1 - p) * logits[i]! ** 2;
    }
    return { slope, curvature };
  });
}

/**
 * What is added to yes-or-no logits of rare truths, so that their probabilities sum to how many there are: the likeliest offset. Half a
 * truth is added, so that there is one without any. 0 for no logit.
 */
export function fitOffset(logits: ArrayLike<number>, truths: number): number {
  if (logits.length === 0) return 0;
  let [low, high] = [-1000, 1000];
  for (let step = 0; step < 70; step++) {
    const offset = (low + high) / 2;
    let expected = 0;
    for (let i = 0; i < logits.length; i++) expected += 1 / (1 + Math.exp(-logits[i]! - offset));
    if (expected > truths + 0.5) high = offset;
    else low = offset;
  }
  return (low + high) / 2;
}

/** Newton's method on 1/T, in which the likelihood is convex, kept inside a shrinking bracket by bisection. */
function minimiseOverInverse(
  examples: number,
  derivatives: (inverse: number) => { slope: number; curvature: number },
): number {
  if (examples === 0) return 1;
  let low = 1 / hottest;
  let high = 1 / coldest;
  if (derivatives(low).slope > 0) return hottest;
  if (derivatives(high).slope < 0) return coldest;
  let inverse = 1;
  for (let step = 0; step < 100 && high - low > 1e-12; step++) {
    const { slope, curvature } = derivatives(inverse);
    if (slope === 0) break;
    if (slope > 0) high = inverse;
    else low = inverse;
    const newton = inverse - slope / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - inverse) <= 1e-12 * inverse) break;
    inverse = next;
  }
  return 1 / inverse;
}
