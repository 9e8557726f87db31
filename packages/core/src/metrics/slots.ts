/** Slot filling with intents: texts whose intents are right, whose slots are, and those that are wholly right. */
import { requireLength } from './checks.js';
import { entityMetrics, entityStatistics, entityTypes } from './entities.js';
import { ratio } from './scores.js';
import { collectStatistics, type ExampleStatistics, type MetricsOfSums } from './statistics.js';
import type { Span } from './tags.js';

export type SlotMetric = 'exactMatch' | 'intentAccuracy' | 'slotF1' | 'slotPrecision' | 'slotRecall' | 'slotMacroF1';

/** What a text is about, and the spans in it. */
export interface Frame {
  readonly intents: readonly string[];
  readonly entities: readonly Span[];
}

/**
 * One row a text, and the scores that follow from the sums. `exactMatch` is the share of texts whose intents and slots are all right
 * ("sentence-level semantic frame accuracy", Goo et al. 2018), `intentAccuracy` that of texts with exactly the true intents; the scores
 * of slots are strict ones, as of entities, pooled over slots or, for `slotMacroF1`, their mean.
 * @throws FieldcraftError FC_DATA for different numbers of texts.
 */
export function slotStatistics(
  gold: readonly Frame[],
  predicted: readonly Frame[],
): { statistics: ExampleStatistics; metrics: MetricsOfSums<SlotMetric> } {
  requireLength('slots: predicted', gold.length, predicted.length);
  const [truth, found] = [gold, predicted].map((side) => side.map(({ entities }) => entities)) as [Span[][], Span[][]];
  const types = entityTypes(truth, found);
  const slots = entityStatistics(truth, found, types);
  const statistics = collectStatistics(gold.length, 3 + slots.width, (i, add) => {
    const [exact, intents] = [sameFrame, sameIntents].map((same) => same(gold[i]!, predicted[i]!));
    [1, exact ? 1 : 0, intents ? 1 : 0].forEach((value, column) => add(column, value));
    for (let j = slots.rowStart[i]!; j < slots.rowStart[i + 1]!; j++) add(3 + slots.column[j]!, slots.value[j]!);
  });
  const ofSlots = entityMetrics(types.length);
  return {
    statistics,
    metrics(sums) {
      const [n = 0, exact = 0, intents = 0] = sums;
      const { microF1, precision, recall, macroF1 } = ofSlots(sums.subarray(3));
      return {
        exactMatch: ratio(exact, n),
        intentAccuracy: ratio(intents, n),
        slotF1: microF1,
        slotPrecision: precision,
        slotRecall: recall,
        slotMacroF1: macroF1,
      };
    },
  };
}

const sameIntents = (a: Frame, b: Frame): boolean => sameSet(a.intents, b.intents);

/** Whether the intents and the slots of both are the same. */
export const sameFrame = (a: Frame, b: Frame): boolean =>
  sameIntents(a, b) && sameSet(a.entities.map(keyOf), b.entities.map(keyOf));

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const [one, other] = [new Set(a), new Set(b)];
  return one.size === other.size && [...one].every((item) => other.has(item));
}

const keyOf = ({ start, end, label }: Span): string => `${start} ${end} ${label}`;
