/**
 * Scores of relations between entities that were found. Strictly a relation is right where the boundaries and the types of both entities, its
 * direction and its label are (Bekoulis et al. 2018; Eberts & Ulges 2020); by boundaries alone, types do not count (Luan et al. 2019).
 */
import type { EntitySpan } from '../data/index.js';
import {
  averagesOf,
  bootstrapSums,
  collectStatistics,
  scoresOf,
  sumStatistics,
  type Counts,
  type ExampleStatistics,
  type Interval,
} from '../metrics/index.js';
import type { IntervalOptions } from './task.js';

/** The entities of a text, and relations between them by their numbers. */
export interface RelatedEntities {
  readonly entities: readonly EntitySpan[];
  readonly relations: readonly { readonly head: number; readonly tail: number; readonly label: string }[];
}

type Related = RelatedEntities['relations'][number];

/** Pairs, and what it takes to read them, grow with the square of the entities of a text. */
const mostRelated = 48;

/** The entities that relations are looked for between: all, or the surest 48, in their order. */
export function surestEntities<E extends { readonly confidence: number }>(entities: readonly E[]): readonly E[] {
  if (entities.length <= mostRelated) return entities;
  const surest = new Set([...entities].sort((a, b) => b.confidence - a.confidence).slice(0, mostRelated));
  return entities.filter((entity) => surest.has(entity));
}

const boundariesOf = ({ start, end }: EntitySpan): string => `${start} ${end}`;
export const entityKey = (entity: EntitySpan): string => `${boundariesOf(entity)} ${entity.label}`;

/** Equal for relations that are strictly the same. */
export const relationKey = ({ entities }: RelatedEntities, relation: Related): string =>
  keyBetween(entities, relation, entityKey);

/** `head — label → tail`, in the words of the text. */
export function relationInWords(text: string, entities: readonly EntitySpan[], { head, tail, label }: Related): string {
  const words = (i: number) => text.slice(entities[i]!.start, entities[i]!.end);
  return `${words(head)} — ${label} → ${words(tail)}`;
}

const keyBetween = (
  entities: readonly EntitySpan[],
  { head, tail, label }: Related,
  keyOf: (entity: EntitySpan) => string,
): string => [keyOf(entities[head]!), keyOf(entities[tail]!), label].join('\t');

/** One row a text: right, predicted and true entities, relations by boundaries, and relations of each label strictly. */
function statistics(
  gold: readonly RelatedEntities[],
  predicted: readonly RelatedEntities[],
  labels: readonly string[],
): ExampleStatistics {
  return collectStatistics(gold.length, 3 * (2 + labels.length), (i, add) => {
    const [truth, guess] = [gold[i]!, predicted[i]!];
    const count = (block: number, keysOf: (of: RelatedEntities) => string[]) => {
      const [right, found] = [new Set(keysOf(truth)), new Set(keysOf(guess))];
      add(3 * block, [...found].filter((key) => right.has(key)).length);
      add(3 * block + 1, found.size);
      add(3 * block + 2, right.size);
    };
    count(0, ({ entities }) => entities.map(entityKey));
    count(1, ({ entities, relations }) => relations.map((one) => keyBetween(entities, one, boundariesOf)));
    labels.forEach((label, l) =>
      count(2 + l, (of) => of.relations.filter((one) => one.label === label).map((one) => relationKey(of, one))),
    );
  });
}

const blockOf = (sums: Float64Array, block: number): Counts => ({
  truePositives: sums[3 * block]!,
  predicted: sums[3 * block + 1]!,
  support: sums[3 * block + 2]!,
});

const metricsOf = (sums: Float64Array, labels: readonly string[]) => {
  const entities = scoresOf(blockOf(sums, 0));
  const boundaries = scoresOf(blockOf(sums, 1));
  const strict = averagesOf(labels.map((_, l) => blockOf(sums, 2 + l)).filter((c) => c.support + c.predicted > 0));
  return {
    relationF1: strict.micro.f1,
    relationPrecision: strict.micro.precision,
    relationRecall: strict.micro.recall,
    relationMacroF1: strict.macro.f1,
    boundariesF1: boundaries.f1,
    boundariesPrecision: boundaries.precision,
    boundariesRecall: boundaries.recall,
    entityF1: entities.f1,
    entityPrecision: entities.precision,
    entityRecall: entities.recall,
  };
};

export type RelatedMetric = keyof ReturnType<typeof metricsOf>;

/** `relation...` scores are strict and pooled over labels, `boundaries...` leave the types of entities out, `entity...` are those of entities. */
export function relatedScores(
  gold: readonly RelatedEntities[],
  predicted: readonly RelatedEntities[],
  labels: readonly string[],
): {
  metrics: Record<RelatedMetric, number>;
  perLabel: { label: string; precision: number; recall: number; f1: number; support: number }[];
} {
  const sums = sumStatistics(statistics(gold, predicted, labels));
  return {
    metrics: metricsOf(sums, labels),
    perLabel: labels.map((label, l) => {
      const counts = blockOf(sums, 2 + l);
      return { label, ...scoresOf(counts), support: counts.support };
    }),
  };
}

export const relatedIntervals = (
  gold: readonly RelatedEntities[],
  predicted: readonly RelatedEntities[],
  labels: readonly string[],
  options: IntervalOptions,
): Record<RelatedMetric, Interval> =>
  bootstrapSums(statistics(gold, predicted, labels), (sums) => metricsOf(sums, labels), options);
