/** How a task's loss may be bent: class weights, label smoothing, focal loss. */
import { z } from 'zod';
import { suggestNames } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';

export const lossSchema = z.strictObject({
  /**
   * `balanced`: by the inverse of the label's frequency in training; or a factor a label, 1 for labels not named. Factors apply to a class's
   * examples, in multi-label tasks to a label's positive ones, in token tasks to the tokens of an entity type, or of `O`.
   */
  classWeights: z.union([z.enum(['none', 'balanced']), z.record(z.string(), z.number().positive())]).default('none'),
  /** The share of each target that is spread over all classes (Szegedy et al. 2016). */
  labelSmoothing: z.number().min(0).max(0.9).default(0),
  /** Exponent of the focal loss (Lin et al. 2017); 0 is cross entropy. */
  focalGamma: z.number().min(0).max(10).default(0),
  /**
   * Multi-label tasks: what a label whose truth is not known counts for in the loss and in the choice of thresholds, as one that does not
   * apply, against 1 for a known one ("weak assume negative", Cole et al. 2021, arXiv:2106.09708). 0 leaves it out. For data that names
   * most labels of a text but says of few that they do not apply; scores never count it.
   */
  unknownAsAbsent: z.number().min(0).max(1).default(0),
});

/** As a person gives them. */
export type LossOptions = z.input<typeof lossSchema>;

/**
 * One factor a class, or undefined where all are 1.
 * @param balanced makes the factors from training examples.
 * @throws FieldcraftError FC_CONFIG for a weight of a label that is not among `labels`.
 */
export function classWeights(
  options: LossOptions,
  labels: readonly string[],
  balanced: () => number[],
): number[] | undefined {
  const { classWeights: weights = 'none' } = options;
  if (weights === 'none') return undefined;
  if (weights === 'balanced') return balanced();
  const unknown = Object.keys(weights).find((label) => !labels.includes(label));
  if (unknown !== undefined) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a class weight is given for a label that the task does not have',
      where: 'loss.classWeights',
      got: JSON.stringify(unknown),
      fix: suggestNames(unknown, labels),
    });
  }
  return labels.map((label) => (Object.hasOwn(weights, label) ? (weights[label] ?? 1) : 1));
}

/** n / (classes that occur * count), as scikit-learn's `class_weight='balanced'`; 1 for a class that does not occur. */
export function balancedWeights(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 1 : total / (present * count)));
}

/** The training examples that balanced weights are counted on. @throws FieldcraftError FC_CONFIG where there are none */
export function requireTraining<E>(examples: readonly E[] | undefined): readonly E[] {
  if (examples !== undefined && examples.length > 0) return examples;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'balanced class weights need training examples to be counted on',
    where: 'loss.classWeights',
    fix: 'give the training examples, or use none or explicit weights',
  });
}
