/** Multiple choice: how often the right choice comes first, and how near the top it is. */
import { requireLength } from './checks.js';
import { ratio } from './scores.js';
import { collectStatistics, type ExampleStatistics } from './statistics.js';

export type ChoiceMetric = 'accuracy' | 'meanReciprocalRank';

/** One row a question: 1, whether the right choice has the highest score, and 1 / its rank; of equal scores the earlier choice is first. */
export function choiceStatistics(gold: ArrayLike<number>, scores: readonly ArrayLike<number>[]): ExampleStatistics {
  requireLength('choices: scores', gold.length, scores.length);
  return collectStatistics(gold.length, 3, (i, add) => {
    const own = Array.from(scores[i]!);
    const right = own[gold[i]!]!;
    const rank = 1 + own.filter((score, c) => score > right || (score === right && c < gold[i]!)).length;
    [1, rank === 1 ? 1 : 0, 1 / rank].forEach((value, column) => add(column, value));
  });
}

/** The scores as a function of the summed `choiceStatistics`. */
export const choiceMetrics = ([n = 0, right = 0, reciprocal = 0]: Float64Array): Record<ChoiceMetric, number> => ({
  accuracy: ratio(right, n),
  meanReciprocalRank: ratio(reciprocal, n),
});
