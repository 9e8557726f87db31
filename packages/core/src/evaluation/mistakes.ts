/** Wrong predictions, for people to read. */

/** A stretch of a text: UTF-16 indices, `end` exclusive. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface LabelledStretch extends Stretch {
  readonly label: string;
}

/** A wrong prediction: what was read, what is true of it and what was said. Texts are whole; whoever shows them cuts them. */
export interface Mistake {
  readonly id: string;
  readonly text: string;
  /** The other text of a pair; the question that the text is asked. */
  readonly second?: string;
  /** The passage that a question with choices is about. */
  readonly context?: string;
  /** What could be chosen, with how likely each was held. */
  readonly choices?: readonly { readonly text: string; readonly probability: number }[];
  /** The sentences of the document that were read with the text. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** Entities that were given. */
  readonly mentions?: readonly LabelledStretch[];
  /** Names of what is true and of what was said; empty where spans say it. */
  readonly gold: readonly string[];
  readonly predicted: readonly string[];
  /** Spans that are true of the text, and those that were found in it. */
  readonly goldEntities?: readonly LabelledStretch[];
  readonly predictedEntities?: readonly LabelledStretch[];
  /** Labels that the mistake is about, where neither names nor spans are labels. */
  readonly labels?: readonly string[];
  /** The passage that spoke most for the prediction, where not all of a text is such. */
  readonly evidence?: Stretch & { readonly of: 'text' | 'second' };
  /** How sure the prediction was: the surest mistakes are the worst. */
  readonly confidence?: number;
  /** Of a number: how far it is from the truth. */
  readonly error?: number;
}

/** The surest, or those farthest off, first. Sorts in place. */
export const worstFirst = <M extends Mistake>(mistakes: M[]): M[] =>
  mistakes.sort((a, b) => (b.confidence ?? b.error ?? 0) - (a.confidence ?? a.error ?? 0));

/** What of a mistake may be labels. */
type NamesOfMistake = Pick<Mistake, 'gold' | 'predicted'> & {
  readonly [K in 'goldEntities' | 'predictedEntities' | 'labels']?: Mistake[K] | undefined;
};

/** The labels that a mistake is about: by these a list of mistakes is searched. `labels` are those of the task. */
export function labelsOfMistake(
  { gold, predicted, goldEntities = [], predictedEntities = [], labels: own = [] }: NamesOfMistake,
  labels: readonly string[],
): string[] {
  const spans = [...goldEntities, ...predictedEntities].map(({ label }) => label);
  const named = new Set([...gold, ...predicted, ...spans, ...own]);
  return labels.filter((label) => named.has(label));
}

/**
 * Which mistakes people are shown, of a list that is sorted worst first: the `worst` first ones, and of every label that is not among them its
 * worst, up to `most`. In the order of the list.
 */
export function chooseMistakes<M extends Mistake>(
  mistakes: readonly M[],
  labels: readonly string[],
  { worst, most }: { worst: number; most: number },
): M[] {
  const seen = new Set<string>();
  const chosen: M[] = [];
  for (const [place, mistake] of mistakes.entries()) {
    if (chosen.length >= most) break;
    const own = labelsOfMistake(mistake, labels);
    if (place >= worst && own.every((label) => seen.has(label))) continue;
    chosen.push(mistake);
    for (const label of own) seen.add(label);
  }
  return chosen;
}
