/** A sentence with one entity marked, as the task of sentiment towards entities reads it. The screen reads this file too. */

/** Characters on either side that a judgement of an entity can hang on: what is no sentence, such as a table, may be far longer. */
const reach = 1_000;

/** The words around a place: all of a sentence. */
export const wordsAround = (
  sentence: string,
  { start, end }: { readonly start: number; readonly end: number },
): string => sentence.slice(Math.max(0, start - reach), end + reach);

/** UTF-16 indices in `sentence`, `end` exclusive. */
export function markEntity(sentence: string, { start, end }: { readonly start: number; readonly end: number }): string {
  const [before, after] = [sentence.slice(Math.max(0, start - reach), start), sentence.slice(end, end + reach)];
  return `${before}« ${sentence.slice(start, end)} »${after}`;
}
