/** Documents as segments that follow one another, and what their segments say of each code brought together. */
import { FieldcraftError } from '../foundation/index.js';
import type { Evidence, Feature } from './task.js';
import { byExample } from './windows.js';

/** Where the numbers of each code stand in a segment's row of logits: its score, and how much attention falls on the segment. */
export interface Columns {
  readonly score: number;
  readonly mass: number;
}

/** The rows of one document, its segments in order. */
export interface DocumentRows {
  readonly features: readonly Feature[];
  readonly rows: readonly Float32Array[];
}

/** @throws FieldcraftError FC_INTERNAL for an example without a feature */
export function documentRows(
  examples: number,
  features: readonly Feature[],
  logits: readonly Float32Array[],
): DocumentRows[] {
  return byExample(examples, features).map((own, i) => {
    if (own.length === 0) throw new FieldcraftError('FC_INTERNAL', { what: `document ${i} has no segment` });
    return { features: own.map(({ feature }) => feature), rows: own.map(({ index }) => logits[index]!) };
  });
}

/** A code's score over all segments, each weighing what attention falls on it: as if the softmax had run over the whole document. */
export function scoreOver({ rows }: Pick<DocumentRows, 'rows'>, { score, mass }: Columns): number {
  let largest = -Infinity;
  for (const row of rows) largest = Math.max(largest, row[mass]!);
  let [sum, total] = [0, 0];
  for (const row of rows) {
    const share = Math.exp(row[mass]! - largest);
    sum += share * row[score]!;
    total += share;
  }
  return sum / total;
}

/** The segment with the most attention for a code, as a stretch of the text. */
export function evidenceOf({ features, rows }: DocumentRows, { mass }: Columns, text: string): Evidence | undefined {
  let best = 0;
  rows.forEach((row, i) => {
    if (row[mass]! > rows[best]![mass]!) best = i;
  });
  const { starts, ends, stretch } = features[best]!;
  if (stretch.count === 0) return undefined;
  const [start, end] = [starts[stretch.first]!, ends[stretch.first + stretch.count - 1]!];
  return { of: 'text', start, end, text: text.slice(start, end) };
}
