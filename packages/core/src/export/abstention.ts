/** How sure a bundle is of an answer: its confidence, the labels that it cannot rule out, and whether a person should look. */
import { apsSet, lacSet } from '../metrics/index.js';
import type { Prediction } from '../tasks/index.js';
import type { Bundle } from './bundle.js';

export interface Assessment {
  /** Calibrated: of the answer that is given, of several the least sure. Undefined where the kind of task has none. */
  readonly confidence?: number;
  /** The labels, or the numbers of choices, that hold the true one as often as `coverage` says. Undefined where nothing was calibrated. */
  readonly predictionSet?: readonly string[];
  /** Whether the answer is not the only one in the set. Undefined without a set. */
  readonly needsReview?: boolean;
}

export interface AbstentionOptions {
  /** How often sets hold the truth; the nearest level that the bundle has and is not lower. Default 0.9. */
  readonly coverage?: number | undefined;
  /** `lac` has the smallest sets, `aps` is fairer to texts that are hard. Default lac. */
  readonly method?: 'lac' | 'aps' | undefined;
}

/** Judges predictions of a bundle's tasks. */
export function createAbstention({ model, calibration }: Pick<Bundle, 'model' | 'calibration'>) {
  const labelsOf = new Map(model.tasks.map(({ name, labels }) => [name, labels]));
  return (
    task: string,
    prediction: Prediction,
    { coverage = 0.9, method = 'lac' }: AbstentionOptions = {},
  ): Assessment => {
    const confidence = confidenceOf(prediction);
    const known = confidence === undefined ? {} : { confidence };
    const levels = calibration?.tasks[task]?.[method] ?? [];
    const level = levels.find((one) => one.coverage >= coverage - 1e-9);
    const answer = answerOf(prediction, labelsOf.get(task) ?? []);
    if (level === undefined || answer === undefined) return known;
    const { probabilities, names } = answer;
    const set = (method === 'lac' ? lacSet : apsSet)(probabilities, level.threshold).map((label) => names[label]!);
    return { ...known, predictionSet: set, needsReview: set.length !== 1 || set[0] !== answer.given };
  };
}

/** One answer of several that exclude each other, and how likely each is. */
function answerOf(prediction: Prediction, labels: readonly string[]) {
  if ('choice' in prediction) {
    const names = prediction.probabilities.map((_, choice) => String(choice));
    return { probabilities: prediction.probabilities, names, given: String(prediction.choice) };
  }
  if ('label' in prediction) return { probabilities: prediction.probabilities, names: labels, given: prediction.label };
  return undefined;
}

function confidenceOf(prediction: Prediction): number | undefined {
  if ('label' in prediction || 'choice' in prediction) return Math.max(...prediction.probabilities);
  if ('noAnswer' in prediction) return prediction.answer ? prediction.candidates[0]?.probability : prediction.noAnswer;
  // Of yes-or-no questions the least certain.
  if ('labels' in prediction) return Math.min(...prediction.probabilities.map((p) => Math.max(p, 1 - p)));
  if ('entities' in prediction && prediction.entities && prediction.entities.length > 0)
    return Math.min(...prediction.entities.map(({ confidence }) => confidence));
  if ('relations' in prediction && prediction.relations.length > 0)
    return Math.min(...prediction.relations.map(({ confidence }) => confidence));
  if ('codes' in prediction && prediction.codes.length > 0)
    return Math.min(...prediction.codes.map(({ probability }) => probability));
  return undefined;
}
