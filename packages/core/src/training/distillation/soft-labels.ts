/** Learning a task from its labels and from what a teacher holds for likely (Hinton, Vinyals & Dean 2015). */
import { FieldcraftError } from '../../foundation/index.js';
import { add, constant, input, mul, type Value } from '../../graph/index.js';
import { distillation } from '../../nn/index.js';
import type { Objective } from '../objective.js';
import { teacherInput } from './teacher.js';

export interface SoftLabels {
  /** T: the teacher's and the student's logits are divided by it. */
  readonly temperature: number;
  /** Share of the teacher's answers in the loss; that of the labels is the rest. */
  readonly alpha: number;
}

/**
 * The same head with the loss (1 - alpha) hard + alpha T^2 KL(teacher / T || student / T), whatever kind of answer it gives: classes, yes-or-no
 * questions, tags, where spans start and end, or numbers, of which it is half the squared difference. The teacher's logits are the input
 * `teacherInput`, laid out as the head's own.
 * @throws FieldcraftError FC_INTERNAL for an objective that has no divergence of answers
 */
export function withSoftLabels<O extends Objective>(objective: O, { temperature, alpha }: SoftLabels): O {
  const { divergence } = objective;
  if (divergence === undefined)
    throw new FieldcraftError('FC_INTERNAL', {
      what: `answers of ${objective.name} cannot be compared with a teacher's`,
    });
  return {
    ...objective,
    loss(builder, logits) {
      const factor = (x: Value, by: number) => (by === 1 ? x : mul(x, constant(x.graph, by)));
      const teacher = input(builder.graph, teacherInput, logits.shape);
      const soft = distillation(logits, teacher, { temperature, divergence: (p, q) => divergence(builder, p, q) });
      if (alpha === 1) return soft;
      return add(factor(objective.loss(builder, logits), 1 - alpha), factor(soft, alpha));
    },
  };
}
