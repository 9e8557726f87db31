/**
 * Relations end to end: one task finds the entities of a text, another says which of those are related (the pipeline of PURE, Zhong & Chen 2021).
 * The figure that a user's texts will see, beside the one on entities that are given.
 */
import type { RelationExample } from '../data/index.js';
import type { Interval } from '../metrics/index.js';
import type { Tokenizer } from '../text/index.js';
import {
  relatedIntervals,
  relatedScores,
  surestEntities,
  type RelatedEntities,
  type RelatedMetric,
} from './found-relations.js';
import { readExamples } from './reading.js';
import type {
  Feature,
  IntervalOptions,
  JointPrediction,
  PredictedEntity,
  RelationPrediction,
  Tuning,
  Unlabelled,
} from './task.js';
import type { AnyTask, Prediction } from './task-types.js';

/** A task with its weights at hand. */
export interface ReadyTask {
  readonly task: Pick<AnyTask, 'features' | 'askFurther' | 'decode'>;
  /** Tokens a window, and those that neighbours share. */
  readonly maxLength: number;
  readonly stride: number;
  readonly tuning: Tuning;
  /** The logits of windows. */
  score(features: readonly Feature[]): Promise<Float32Array[]>;
}

/** One prediction an input, in order. */
export async function predictWith(
  { maxLength, stride, ...ready }: ReadyTask,
  inputs: readonly Unlabelled[],
  tokenizer: Tokenizer,
): Promise<Prediction[]> {
  const features = await ready.task.features(inputs, tokenizer, { maxLength, stride, targets: false });
  return predictRead(ready, inputs, features);
}

/** The same of inputs whose windows are made already. */
export async function predictRead(
  { task, tuning, score }: Pick<ReadyTask, 'task' | 'tuning' | 'score'>,
  inputs: readonly Unlabelled[],
  features: readonly Feature[],
): Promise<Prediction[]> {
  const read = await readExamples(task, inputs, features, score);
  return task.decode(inputs, read.features, read.logits, tuning);
}

/**
 * Relations between the entities that an input names, or else between the surest of those that `entities` finds in it; all that were found stand in the
 * prediction.
 */
export async function predictEndToEnd(
  { entities, relations }: { entities: ReadyTask; relations: ReadyTask },
  inputs: readonly Unlabelled[],
  tokenizer: Tokenizer,
): Promise<RelationPrediction[]> {
  const bare = inputs.filter(({ mentions }) => mentions === undefined);
  const found = new Map((await predictWith(entities, bare, tokenizer)).map((one, i) => [bare[i], entitiesIn(one)]));
  const asked = inputs.map((input) => surestEntities(found.get(input) ?? []));
  const given = inputs.map((input, i) => ({ ...input, mentions: input.mentions ?? asked[i]! }));
  return (await predictWith(relations, given, tokenizer)).map((prediction, i) => {
    const related = 'relations' in prediction ? prediction.relations : [];
    const own = found.get(inputs[i]);
    if (own === undefined) return { relations: related };
    const numberOf = (entity: number) => own.indexOf(asked[i]![entity]!);
    return {
      relations: related.map((one) => ({ ...one, head: numberOf(one.head), tail: numberOf(one.tail) })),
      entities: own,
    };
  });
}

const entitiesIn = (prediction: Prediction): readonly PredictedEntity[] =>
  'entities' in prediction ? (prediction.entities ?? []) : [];

/** What the scores of found entities and of relations between them are called beside those on given entities. */
const names = {
  relationF1: 'endToEndF1',
  relationPrecision: 'endToEndPrecision',
  relationRecall: 'endToEndRecall',
  boundariesF1: 'endToEndBoundariesF1',
  entityF1: 'foundEntityF1',
} as const satisfies Partial<Record<RelatedMetric, string>>;

const renamed = <T>(scores: Readonly<Record<RelatedMetric, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(names).map(([from, to]) => [to, scores[from as keyof typeof names]]));

/** `endToEnd...` scores are strict, `endToEndBoundariesF1` leaves the types of entities out, `foundEntityF1` is that of the entities alone. */
export function endToEndScores(
  examples: readonly RelationExample[],
  predictions: readonly (RelationPrediction | JointPrediction)[],
  { labels, ...options }: IntervalOptions & { labels: readonly string[] },
): { metrics: Record<string, number>; intervals: Record<string, Interval> } {
  const gold = examples.map(({ mentions, relations }): RelatedEntities => ({ entities: mentions, relations }));
  const found = predictions.map(({ entities = [], relations }): RelatedEntities => ({ entities, relations }));
  return {
    metrics: renamed(relatedScores(gold, found, labels).metrics),
    intervals: renamed(relatedIntervals(gold, found, labels, options)),
  };
}
