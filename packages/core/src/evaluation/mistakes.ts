/** Wrong predictions, for people to read. */

/** A wrong prediction. */
export interface Mistake {
  readonly id: string;
  readonly text: string;
  readonly gold: readonly string[];
  readonly predicted: readonly string[];
  readonly goldEntities?: readonly { start: number; end: number; label: string }[];
  readonly predictedEntities?: readonly { start: number; end: number; label: string }[];
  /** How sure the prediction was: the surest mistakes are the worst. */
  readonly confidence: number;
}

/** Sorts in place. */
export const surestFirst = (mistakes: Mistake[]): Mistake[] => mistakes.sort((a, b) => b.confidence - a.confidence);
