/**
 * Out-of-scope detection: a classification one label of which stands for texts that none of the others fits. A text is given it where the
 * likeliest of the others is less likely than a threshold that was chosen on the dev part, however likely the label itself is.
 */
import type { ExampleBase } from '../data/index.js';
import { suggestNames } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { bootstrapSums, chooseScopeThreshold, collectStatistics, ratio, scopeReport } from '../metrics/index.js';
import type { ClassificationPrediction, Task } from './task.js';

type LabelTask<E extends ExampleBase> = Task<E, ClassificationPrediction>;

/** Where nothing was tuned. */
const untuned = 0.5;

/**
 * The task with `label` decided by a threshold instead of by its own probability.
 * @throws FieldcraftError FC_CONFIG where the task has no such label
 */
export function withOutOfScope<E extends ExampleBase & { label: string }>(
  task: LabelTask<E>,
  label: string,
): LabelTask<E> {
  const { name, labels } = task;
  const outside = labels.indexOf(label);
  if (outside === -1) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `the task ${name} has no label "${label}" to stand for what is out of scope`,
      where: 'outOfScope',
      fix: suggestNames(label, labels),
    });
  }

  /** How likely the likeliest other label is. */
  const scoreOf = ({ probabilities }: ClassificationPrediction): number =>
    Math.max(...probabilities.filter((_, l) => l !== outside));

  function decide(prediction: ClassificationPrediction, threshold: number): ClassificationPrediction {
    const score = scoreOf(prediction);
    const best = prediction.probabilities.findIndex((probability, l) => l !== outside && probability === score);
    return { ...prediction, label: score < threshold ? label : labels[best]! };
  }

  const isOutside = (examples: readonly E[]): boolean[] => examples.map((example) => example.label === label);

  function thresholdFor(examples: readonly E[], predictions: readonly ClassificationPrediction[]): number {
    const right = predictions.map((prediction, i) => decide(prediction, 0).label === examples[i]!.label);
    return chooseScopeThreshold(predictions.map(scoreOf), isOutside(examples), right);
  }

  return {
    ...task,
    settings: { ...task.settings, outOfScope: label },

    tune(examples, features, logits, words) {
      const tuning = task.tune(examples, features, logits, words);
      return { ...tuning, scopeThreshold: thresholdFor(examples, task.decode(examples, features, logits, tuning)) };
    },

    decode: (examples, features, logits, tuning) =>
      task
        .decode(examples, features, logits, tuning)
        .map((prediction) => decide(prediction, tuning.scopeThreshold ?? untuned)),

    /** `outOfScopeAuroc` is of the scores before the threshold. The rates are left out where the truth holds no text that they are of. */
    score(examples, predictions) {
      const scores = task.score(examples, predictions);
      const out = isOutside(examples);
      // What was decided says on which side of the threshold a score lies.
      const decided = predictions.map((prediction) => (prediction.label === label ? 0 : 1));
      const rates = scopeReport(decided, out, 1);
      const inside = examples.filter((_, i) => !out[i]);
      const right = predictions.filter((prediction, i) => !out[i] && prediction.label === examples[i]!.label);
      const both = inside.length > 0 && inside.length < examples.length;
      return {
        ...scores,
        metrics: {
          ...scores.metrics,
          ...(inside.length > 0 && {
            inScopeAccuracy: right.length / inside.length,
            falseRejectRate: rates.falseRejectRate,
          }),
          ...(inside.length < examples.length && { falseAcceptRate: rates.falseAcceptRate }),
          ...(both && { outOfScopeAuroc: scopeReport(predictions.map(scoreOf), out, 0).auroc }),
        },
      };
    },

    intervals(examples, predictions, options) {
      const out = isOutside(examples);
      const statistics = collectStatistics(examples.length, 4, (i, add) => {
        const refused = predictions[i]!.label === label;
        add(out[i] ? 0 : 2, 1);
        if (out[i] !== refused) add(out[i] ? 1 : 3, 1);
      });
      const rates = ([outsiders = 0, accepted = 0, insiders = 0, rejected = 0]: Float64Array) => ({
        falseAcceptRate: ratio(accepted, outsiders),
        falseRejectRate: ratio(rejected, insiders),
      });
      return { ...task.intervals(examples, predictions, options), ...bootstrapSums(statistics, rates, options) };
    },

    baselines: () =>
      task.baselines().map(({ name: baseline, predict }) => ({
        name: baseline,
        predict(train, dev, test) {
          const predictions = predict(train, dev, [...dev, ...test]);
          const threshold = thresholdFor(dev, predictions.slice(0, dev.length));
          return predictions.slice(dev.length).map((prediction) => decide(prediction, threshold));
        },
      })),
  };
}
