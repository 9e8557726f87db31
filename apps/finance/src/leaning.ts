/** Classes that lean one way or the other, as numbers from -1 to 1 that can be averaged and drawn. The screen reads this file too. */
import type { Judged } from '@fieldcraft/serving';

const signs: Readonly<Record<string, number>> = { positive: 1, negative: -1, hawkish: 1, dovish: -1 };

export interface Leaning extends Judged {
  /** The probability of the class that leans up less that of the class that leans down. */
  readonly value: number;
  /** Said by a person. */
  readonly corrected?: true;
}

/** 1, -1, or 0 of a class that leans neither way. */
export const signOf = (label: string): number => signs[label.toLowerCase()] ?? 0;

/** `probabilities` in the order of `labels`, all that the task has. */
export function leaningOf(judged: Judged, probabilities: readonly number[], labels: readonly string[]): Leaning {
  return { ...judged, value: labels.reduce((sum, label, i) => sum + signOf(label) * (probabilities[i] ?? 0), 0) };
}

export const correctedLeaning = (label: string): Leaning => ({
  ...{ label, confidence: 1, value: signOf(label) },
  needsReview: false,
  corrected: true,
});

/** Of nothing 0. */
export const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
