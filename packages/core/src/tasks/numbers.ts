/** Scores, intervals and mistakes of tasks whose truth is a number. */
import { worstFirst, type Mistake } from '../evaluation/index.js';
import {
  bootstrapSums,
  regressionMetrics,
  regressionReport,
  regressionStatistics,
  type Interval,
} from '../metrics/index.js';
import type { IntervalOptions, Scores } from './task.js';

export interface Numbered {
  readonly value: number;
}

interface NumberedText extends Numbered {
  readonly id: string;
  readonly text: string;
  readonly second?: string;
}

export const valueOf = ({ value }: Numbered): number => value;

export function scoreNumbers(examples: readonly Numbered[], predictions: readonly Numbered[]): Scores {
  const { mse, mae, r2, pearson, spearman } = regressionReport(examples.map(valueOf), predictions.map(valueOf));
  return { metrics: { pearson, spearman, mse, mae, r2 }, perLabel: [] };
}

export const numberIntervals = (
  examples: readonly Numbered[],
  predictions: readonly Numbered[],
  options: IntervalOptions,
): Record<string, Interval> =>
  bootstrapSums(regressionStatistics(examples.map(valueOf), predictions.map(valueOf)), regressionMetrics, options);

/** Those farthest off first. */
export const numberMistakes = (examples: readonly NumberedText[], predictions: readonly Numbered[]): Mistake[] =>
  worstFirst(
    examples.map(({ id, text, second, value }, i) => {
      const predicted = predictions[i]!.value;
      return {
        id,
        text,
        ...(second === undefined ? {} : { second }),
        gold: [figure(value)],
        predicted: [figure(predicted)],
        error: Math.abs(predicted - value),
      };
    }),
  ).filter(({ error }) => error > 0);

/** At most four digits behind the point. */
const figure = (value: number): string => String(Number(value.toFixed(4)));
