/**
 * What an attack may do to a text, in two named sets. Morris et al. 2020 ("Reevaluating adversarial examples in natural language") show that how
 * often attacks succeed is a matter of what they may do: most of what loose constraints let through, people do not take for the same text. So both
 * figures stand side by side.
 */
import { crosses, overlaps, type Edit, type Stretch } from './edits.js';
import { isLetters, isStopWord } from './words.js';

export interface Constraints {
  /** The least cosine of the vectors of the text before and after, by an encoder that has learnt nothing of the task. */
  readonly similarity: number;
  /** The largest share of words that are changed; one may always be. */
  readonly wordsChanged: number;
  /** The fewest letters of a word that is changed letter by letter. */
  readonly shortest: number;
  /** Of such a word, whether its last letter stays, as its first one always does: what is between matters less to readers (Pruthi et al. 2019). */
  readonly keepsEnd: boolean;
}

export const constraintNames = ['loose', 'strict'] as const;
export type ConstraintName = (typeof constraintNames)[number];

export const constraintSets: Readonly<Record<ConstraintName, Constraints>> = {
  loose: { similarity: 0.8, wordsChanged: 0.3, shortest: 4, keepsEnd: false },
  strict: { similarity: 0.95, wordsChanged: 0.1, shortest: 6, keepsEnd: true },
};

/**
 * `letters`: words are written otherwise, and stop words and figures are not; `words`: words are exchanged, those of entities are not;
 * `rewording`: what a text says stays by how it is made, so that neither likeness nor a count of words limits it.
 */
export type RecipeKind = 'letters' | 'words' | 'rewording';

/** An edit with what it is. */
export interface Proposal extends Edit {
  readonly kind: RecipeKind;
}

/** Whether an edit by itself may be made of a text with these true entities. None may leave it open where an entity ends. */
export function permits(
  { kind, ...edit }: Proposal,
  { text, entities }: { text: string; entities: readonly Stretch[] },
  { shortest, keepsEnd }: Constraints,
): boolean {
  if (entities.some((entity) => crosses(edit, entity))) return false;
  if (kind === 'words') return !entities.some((entity) => overlaps(edit, entity));
  if (kind === 'rewording') return true;
  const word = text.slice(edit.start, edit.end);
  if (!isLetters(word) || isStopWord(word)) return false;
  const [before, after] = [[...word], [...edit.put]];
  return before.length >= shortest && before[0] === after[0] && (!keepsEnd || before.at(-1) === after.at(-1));
}

/** How many of so many words may be changed. */
export const mostChanged = (words: number, kind: RecipeKind, { wordsChanged }: Constraints): number =>
  kind === 'rewording' ? Infinity : Math.max(1, Math.floor(wordsChanged * words));

/** The least likeness of what comes out. */
export const leastSimilar = (kind: RecipeKind, { similarity }: Constraints): number =>
  kind === 'rewording' ? -Infinity : similarity;
