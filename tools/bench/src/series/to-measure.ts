/** Which cells a call of a series has to do, and whose weights are still of use to it: teachers come before their students. */
import type { Cell } from './definition.js';

interface Given {
  /** Whether the cell of a key has a result. */
  readonly isDone: (key: string) => boolean;
  readonly hasWeights: (cell: Cell) => boolean;
  readonly again: boolean;
}

/**
 * The chosen cells without a result, or `again` all of them, and the teachers that their students cannot do without: those that have no weights, never
 * trained or dropped since. In the order of the series, where teachers stand above their students.
 */
export function cellsToMeasure(
  cells: readonly Cell[],
  chosen: readonly Cell[],
  { isDone, hasWeights, again }: Given,
): Cell[] {
  const wanted = new Set(chosen.filter(({ key }) => again || !isDone(key)).map(({ key }) => key));
  for (const { key, teacher } of [...cells].reverse()) {
    const needed = cells.find((cell) => cell.key === teacher?.key);
    if (needed && wanted.has(key) && !hasWeights(needed)) wanted.add(needed.key);
  }
  return cells.filter(({ key }) => wanted.has(key));
}

/** Whether a cell that has no result learns from this one. */
export const isAwaited = (cells: readonly Cell[], { key }: Pick<Cell, 'key'>, isDone: Given['isDone']): boolean =>
  cells.some((student) => student.teacher?.key === key && !isDone(student.key));
