/** A sentence with one entity marked, as the task of sentiment towards entities reads it. The screen reads this file too. */

/** UTF-16 indices in `sentence`, `end` exclusive. */
export function markEntity(sentence: string, { start, end }: { readonly start: number; readonly end: number }): string {
  return `${sentence.slice(0, start)}« ${sentence.slice(start, end)} »${sentence.slice(end)}`;
}
