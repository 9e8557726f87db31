/** Entity scores: an entity is right when its start, end and label all are. */
import { requireLength } from './checks.js';
import { averagesOf, scoresOf, type Averages, type Counts, type ScoreRow } from './scores.js';
import { collectStatistics, sumStatistics, type ExampleStatistics } from './statistics.js';
import { tagsToSpans, type Span, type TagReading } from './tags.js';

export interface EntityReport extends Averages {
  /** Number of texts. */
  examples: number;
  /** Number of true and of predicted entities. */
  support: number;
  predicted: number;
  /** One row an entity type that occurs in the truth or the predictions, by name. */
  perType: ScoreRow[];
}

export type EntityMetric = 'precision' | 'recall' | 'microF1' | 'macroF1' | 'weightedF1';

/**
 * Scores of predicted spans against true ones, text by text; spans in characters or in words, as long as both are in the same.
 * A span given twice in one text counts once. Averages as in seqeval: over the types that occur in the truth or the
 * predictions, 0/0 is 0.
 * @throws FieldcraftError FC_DATA for different numbers of texts.
 */
export function entityScores(
  gold: readonly (readonly Span[])[],
  predicted: readonly (readonly Span[])[],
): EntityReport {
  const types = entityTypes(gold, predicted);
  const counts = typeCounts(sumStatistics(entityStatistics(gold, predicted, types)), types.length);
  return {
    examples: gold.length,
    support: counts.reduce((sum, c) => sum + c.support, 0),
    predicted: counts.reduce((sum, c) => sum + c.predicted, 0),
    ...averagesOf(counts),
    perType: counts.map((row, t) => ({
      label: types[t]!,
      ...scoresOf(row),
      support: row.support,
      predicted: row.predicted,
    })),
  };
}

/**
 * Scores of predicted tag sequences: seqeval's default for `lenient`, its strict mode for `IOB2` and `BIOES`.
 * @throws FieldcraftError FC_DATA for sequences of different lengths, or a tag that is none.
 */
export function tagScores(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  reading: TagReading = 'lenient',
): EntityReport {
  requireLength('entities: predicted', gold.length, predicted.length);
  gold.forEach((tags, i) => requireLength(`entities: predicted[${i}]`, tags.length, predicted[i]!.length));
  return entityScores(
    gold.map((tags) => tagsToSpans(tags, reading)),
    predicted.map((tags) => tagsToSpans(tags, reading)),
  );
}

/** The entity types that occur on either side, sorted. */
export function entityTypes(...sides: readonly (readonly (readonly Span[])[])[]): string[] {
  return [...new Set(sides.flatMap((texts) => texts.flatMap((spans) => spans.map((span) => span.label))))].sort();
}

/** One row a text: right, predicted and true entities of each type. For intervals and comparisons. */
export function entityStatistics(
  gold: readonly (readonly Span[])[],
  predicted: readonly (readonly Span[])[],
  types: readonly string[],
): ExampleStatistics {
  requireLength('entities: predicted', gold.length, predicted.length);
  const column = new Map(types.map((type, t) => [type, 3 * t]));
  return collectStatistics(gold.length, 3 * types.length, (i, add) => {
    const truth = distinct(gold[i]!);
    const guesses = distinct(predicted[i]!);
    for (const [key, span] of guesses) {
      const at = column.get(span.label);
      if (at === undefined) continue;
      add(at, truth.has(key) ? 1 : 0);
      add(at + 1, 1);
    }
    for (const span of truth.values()) {
      const at = column.get(span.label);
      if (at !== undefined) add(at + 2, 1);
    }
  });
}

/** The headline figures as a function of the summed `entityStatistics`. */
export function entityMetrics(types: number): (sums: Float64Array) => Record<EntityMetric, number> {
  return (sums) => {
    const occurring = typeCounts(sums, types).filter((c) => c.support + c.predicted > 0);
    const { micro, macro, weighted } = averagesOf(occurring);
    return {
      precision: micro.precision,
      recall: micro.recall,
      microF1: micro.f1,
      macroF1: macro.f1,
      weightedF1: weighted.f1,
    };
  };
}

function distinct(spans: readonly Span[]): Map<string, Span> {
  return new Map(spans.map((span) => [`${span.start} ${span.end} ${span.label}`, span]));
}

function typeCounts(sums: Float64Array, types: number): Counts[] {
  return Array.from({ length: types }, (_, t) => ({
    truePositives: sums[3 * t]!,
    predicted: sums[3 * t + 1]!,
    support: sums[3 * t + 2]!,
  }));
}
