/** How sure a prediction is, and whether a person should look at it. */
import type { Prediction } from '@fieldcraft/core';
import type { Certainty } from './messages.js';

/** The confidence of a prediction by its calibrated probabilities; nothing for kinds that have none. */
export function certaintyOf(prediction: Prediction, { reviewBelow }: { reviewBelow: number }): Certainty {
  const confidence = confidenceOf(prediction);
  return confidence === undefined ? {} : { confidence, needsReview: confidence < reviewBelow };
}

function confidenceOf(prediction: Prediction): number | undefined {
  if ('labels' in prediction) return Math.min(...prediction.probabilities.map((p) => Math.max(p, 1 - p)));
  if ('probabilities' in prediction) return Math.max(...prediction.probabilities);
  if ('candidates' in prediction)
    return prediction.answer === undefined ? prediction.noAnswer : prediction.candidates[0]?.probability;
  if ('codes' in prediction) return leastOf(prediction.codes.map(({ probability }) => probability));
  if ('relations' in prediction) return leastOf(prediction.relations.map(({ confidence }) => confidence));
  if ('entities' in prediction) return leastOf(prediction.entities.map(({ confidence }) => confidence));
  return undefined;
}

/** That nothing was found has no probability of its own. */
const leastOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : Math.min(...values);
