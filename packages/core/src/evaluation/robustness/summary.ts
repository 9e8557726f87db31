/** What attacks came to: success by recipe and by set of constraints, with how sure the figure is and what it took. */
import { wilsonInterval } from '../../metrics/index.js';
import type { ConstraintName } from './constraints.js';
import type { RecipeName } from './recipes.js';

/** What was kept of one attack, or of a text that was answered wrongly as it is. */
export interface AttackRecord {
  readonly id: string;
  readonly recipe: RecipeName;
  readonly set: ConstraintName;
  /** Answers that the text has: 1, or its true entities. */
  readonly units: number;
  /** How many of them are right before the attack, and after it. */
  readonly before: number;
  readonly after: number;
  readonly queries: number;
  /** Of a success: words changed, and how alike the text stayed. */
  readonly changed?: number | undefined;
  readonly words: number;
  readonly similarity?: number | undefined;
}

export interface AttackFigures {
  /** Texts with a right answer, which were attacked; and those of them that were turned. */
  readonly attacked: number;
  readonly flipped: number;
  /** `flipped` / `attacked`, with its 95 % interval; absent where nothing was attacked. */
  readonly successRate?: number | undefined;
  readonly interval?: readonly [low: number, high: number] | undefined;
  /** The share of all answers that are right under attack. */
  readonly underAttack: number;
  /** Means: questions over all attacks; of the successful ones words changed, their share of the text, and likeness. */
  readonly queries: number;
  readonly wordsChanged?: number | undefined;
  readonly shareChanged?: number | undefined;
  readonly similarity?: number | undefined;
}

/** The figures of one recipe and set, from one record a text. */
export function attackFigures(records: readonly AttackRecord[]): AttackFigures {
  const attacked = records.filter(({ before }) => before > 0);
  const flipped = attacked.filter(({ before, after }) => after < before);
  const units = records.reduce((sum, one) => sum + one.units, 0);
  const mean = (values: readonly number[]) =>
    values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    attacked: attacked.length,
    flipped: flipped.length,
    ...(attacked.length === 0
      ? {}
      : {
          successRate: flipped.length / attacked.length,
          interval: wilsonInterval(flipped.length, attacked.length),
        }),
    underAttack: units === 0 ? 0 : records.reduce((sum, { after }) => sum + after, 0) / units,
    queries: mean(attacked.map(({ queries }) => queries)) ?? 0,
    wordsChanged: mean(flipped.map(({ changed = 0 }) => changed)),
    shareChanged: mean(flipped.map(({ changed = 0, words }) => changed / Math.max(1, words))),
    similarity: mean(flipped.flatMap(({ similarity }) => similarity ?? [])),
  };
}

/** One record a text over several recipes: the worst that any did to it, with all questions. */
export function worstOf(records: readonly AttackRecord[]): AttackRecord[] {
  const byText = new Map<string, AttackRecord>();
  for (const record of records) {
    const known = byText.get(record.id);
    if (known === undefined) byText.set(record.id, record);
    else
      byText.set(record.id, {
        ...(record.after < known.after ? record : known),
        queries: known.queries + record.queries,
      });
  }
  return [...byText.values()];
}
