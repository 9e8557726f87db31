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
  readonly confidence?: number;
  /** Of a number: how far it is from the truth. */
  readonly error?: number;
}

/** The surest, or those farthest off, first. Sorts in place. */
export const worstFirst = <M extends Mistake>(mistakes: M[]): M[] =>
  mistakes.sort((a, b) => (b.confidence ?? b.error ?? 0) - (a.confidence ?? a.error ?? 0));
