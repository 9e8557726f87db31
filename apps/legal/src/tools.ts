/** What a review asks of the server: predictions, and which tasks the loaded model has. */
import type { ModelInput, Prediction } from '@fieldcraft/core';

/** A prediction with what serving adds to it. */
export type Served = Prediction & {
  readonly confidence?: number | undefined;
  readonly needsReview?: boolean | undefined;
};

export interface ReviewTools {
  readonly tasks: readonly { readonly name: string; readonly labels: readonly string[] }[];
  predict(task: string, inputs: readonly (string | ModelInput)[]): Promise<readonly Served[]>;
}

/** Few enough that one long contract leaves room for other requests between its batches. */
const batch = 64;

/** Predictions for any number of inputs, or undefined where the model has no such task. */
export async function predictAll(
  tools: ReviewTools,
  task: string,
  inputs: readonly (string | ModelInput)[],
): Promise<Served[] | undefined> {
  if (!tools.tasks.some(({ name }) => name === task)) return undefined;
  const served: Served[] = [];
  for (let at = 0; at < inputs.length; at += batch) {
    served.push(...(await tools.predict(task, inputs.slice(at, at + batch))));
  }
  return served;
}

/** The labels that a multi-label prediction gives, with the probability of each. */
export function labelsOf(
  tools: ReviewTools,
  task: string,
  prediction: Served | undefined,
): { label: string; confidence: number; needsReview?: boolean }[] {
  if (prediction === undefined || !('labels' in prediction)) return [];
  const all = tools.tasks.find(({ name }) => name === task)?.labels ?? [];
  return prediction.labels.map((label) => ({
    label,
    confidence: prediction.probabilities[all.indexOf(label)] ?? 0,
    ...(prediction.needsReview !== undefined && { needsReview: prediction.needsReview }),
  }));
}
