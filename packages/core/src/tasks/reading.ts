/** The logits of a part: of its windows, and of what a task asks further once it has seen those. */
import type { ExampleBase } from '../data/index.js';
import type { Feature, Task, Unlabelled } from './task.js';

export interface Reading {
  readonly features: readonly Feature[];
  readonly logits: readonly Float32Array[];
}

/** Reads examples whose windows are `features`; `score` computes the logits of windows. */
export async function readExamples<E extends ExampleBase, P>(
  { askFurther }: Pick<Task<E, P>, 'askFurther'>,
  examples: readonly Unlabelled[],
  features: readonly Feature[],
  score: (features: readonly Feature[]) => Promise<Float32Array[]>,
): Promise<Reading> {
  const logits = await score(features);
  const further = askFurther?.(examples, features, logits) ?? [];
  if (further.length === 0) return { features, logits };
  return { features: [...features, ...further], logits: [...logits, ...(await score(further))] };
}
