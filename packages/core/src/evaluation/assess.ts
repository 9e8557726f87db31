/** What a result is held against, for each kind of task: confidence intervals, baselines, and its worst mistakes. */
import type { ClassificationExample, EntityExample, MultiLabelExample, TaskKind } from '../data/index.js';
import {
  applyThresholds,
  bootstrapSums,
  classificationMetrics,
  classificationStatistics,
  classIndices,
  entityMetrics,
  entityStatistics,
  entityTypes,
  labelMatrix,
  multiLabelMetrics,
  multiLabelStatistics,
  tuneThresholds,
  type Interval,
} from '../metrics/index.js';
import type { ClassificationPrediction, EntityPrediction, MultiLabelPrediction, TaskTypes } from '../tasks/index.js';
import { entityDictionary } from './baselines/entity-dictionary.js';
import { majorityClass, majorityEntities, majorityLabels } from './baselines/majority.js';
import { tfidfClass, tfidfLabels } from './baselines/tfidf-linear.js';

/** A simple method, bound to a task's labels. Learns from `train`; what needs tuning is tuned on `dev`, as the model's is. */
export interface TaskBaseline<E, P> {
  readonly name: string;
  predict(train: readonly E[], dev: readonly E[], test: readonly E[]): P[];
}

/** A wrong prediction. */
export interface Mistake {
  readonly id: string;
  readonly text: string;
  readonly gold: readonly string[];
  readonly predicted: readonly string[];
  readonly goldEntities?: readonly { start: number; end: number; label: string }[];
  readonly predictedEntities?: readonly { start: number; end: number; label: string }[];
  /** How sure the prediction was: the surest mistakes are the worst. */
  readonly confidence: number;
}

export interface IntervalOptions {
  readonly seed: number;
  /** The document of each example: documents are then drawn whole. */
  readonly groups?: readonly string[] | undefined;
}

export interface Assessor<E, P> {
  /** Intervals of the headline metrics, under the names that the task's scores have. */
  intervals(
    examples: readonly E[],
    predictions: readonly P[],
    labels: readonly string[],
    options: IntervalOptions,
  ): Record<string, Interval>;
  baselines(labels: readonly string[]): TaskBaseline<E, P>[];
  /** All wrong predictions, the surest first. */
  mistakes(examples: readonly E[], predictions: readonly P[], labels: readonly string[]): Mistake[];
}

interface Predictions {
  classification: ClassificationPrediction;
  'multi-label': MultiLabelPrediction;
  'token-classification': EntityPrediction;
}

const classification: Assessor<ClassificationExample, ClassificationPrediction> = {
  intervals(examples, predictions, labels, options) {
    const statistics = classificationStatistics(
      classIndices(examples, labels),
      classIndices(predictions, labels),
      labels.length,
    );
    return bootstrapSums(statistics, classificationMetrics(labels.length), options);
  },
  baselines: (labels) =>
    [majorityClass(labels), tfidfClass(labels)].map(({ name, fit }) => ({
      name,
      predict: (train, _, test) =>
        rows(fit(train)(test), labels.length).map((probabilities) => ({
          label: labels[probabilities.indexOf(Math.max(...probabilities))] as string,
          probabilities,
        })),
    })),
  mistakes: (examples, predictions) =>
    surestFirst(
      examples.flatMap(({ id, text, label: gold }, i) => {
        const { label, probabilities } = predictions[i] as ClassificationPrediction;
        return label === gold
          ? []
          : [{ id, text, gold: [gold], predicted: [label], confidence: Math.max(...probabilities) }];
      }),
    ),
};

const multiLabel: Assessor<MultiLabelExample, MultiLabelPrediction> = {
  intervals(examples, predictions, labels, options) {
    const truth = labelMatrix(examples, labels);
    const predicted = labelMatrix(predictions, labels).gold;
    return bootstrapSums(
      multiLabelStatistics({ ...truth, predicted }, labels.length),
      multiLabelMetrics(labels.length),
      options,
    );
  },
  baselines: (labels) => [
    {
      name: 'majority',
      predict: (train, _, test) =>
        decided(
          majorityLabels(labels).fit(train)(test),
          labels,
          labels.map(() => 0.5),
        ),
    },
    {
      name: 'tfidf',
      predict(train, dev, test) {
        const predict = tfidfLabels(labels).fit(train);
        const thresholds = tuneThresholds({
          scores: predict(dev),
          ...labelMatrix(dev, labels),
          labels: labels.length,
        }).perLabel;
        return decided(predict(test), labels, thresholds);
      },
    },
  ],
  mistakes: (examples, predictions, labels) =>
    surestFirst(
      examples.flatMap(({ id, text, labels: gold, masked = [] }, i) => {
        const { labels: predicted, probabilities } = predictions[i] as MultiLabelPrediction;
        const wrong = labels.flatMap((label, l) => {
          if (masked.includes(label) || gold.includes(label) === predicted.includes(label)) return [];
          const probability = probabilities[l] as number;
          return [predicted.includes(label) ? probability : 1 - probability];
        });
        return wrong.length === 0 ? [] : [{ id, text, gold, predicted, confidence: Math.max(...wrong) }];
      }),
    ),
};

const tokenClassification: Assessor<EntityExample, EntityPrediction> = {
  intervals(examples, predictions, _, options) {
    const [gold, found] = [examples.map(({ entities }) => entities), predictions.map(({ entities }) => [...entities])];
    const types = entityTypes(gold, found);
    const intervals = bootstrapSums(entityStatistics(gold, found, types), entityMetrics(types.length), options);
    const { microF1, precision, recall, macroF1 } = intervals;
    return { entityF1: microF1, entityPrecision: precision, entityRecall: recall, entityMacroF1: macroF1 };
  },
  baselines: () =>
    [majorityEntities(), entityDictionary()].map(({ name, fit }) => ({
      name,
      predict: (train, _, test) =>
        fit(train)(test).map((spans, i) => ({
          entities: spans.map(({ start, end, label }) => ({
            start,
            end,
            label,
            text: (test[i] as EntityExample).text.slice(start, end),
            confidence: 1,
          })),
        })),
    })),
  mistakes: (examples, predictions) =>
    surestFirst(
      examples.flatMap(({ id, text, entities: gold }, i) => {
        const { entities } = predictions[i] as EntityPrediction;
        const key = ({ start, end, label }: { start: number; end: number; label: string }) =>
          `${start} ${end} ${label}`;
        const truth = new Set(gold.map(key));
        const found = new Set(entities.map(key));
        const wrong = entities.filter((entity) => !truth.has(key(entity)));
        if (wrong.length === 0 && gold.every((entity) => found.has(key(entity)))) return [];
        const predictedEntities = entities.map(({ start, end, label }) => ({ start, end, label }));
        const confidence = Math.max(0, ...wrong.map((entity) => entity.confidence));
        return [{ id, text, gold: [], predicted: [], goldEntities: gold, predictedEntities, confidence }];
      }),
    ),
};

/** One row a kind of task. */
export const assessors: { [K in TaskKind]: Assessor<TaskTypes[K]['example'], Predictions[K]> } = {
  classification,
  'multi-label': multiLabel,
  'token-classification': tokenClassification,
};

const surestFirst = (mistakes: Mistake[]): Mistake[] => mistakes.sort((a, b) => b.confidence - a.confidence);

const rows = (matrix: Float64Array, width: number): number[][] =>
  Array.from({ length: matrix.length / width }, (_, i) => Array.from(matrix.subarray(i * width, (i + 1) * width)));

function decided(
  probabilities: Float64Array,
  labels: readonly string[],
  thresholds: readonly number[],
): MultiLabelPrediction[] {
  const applied = applyThresholds(probabilities, thresholds);
  return rows(probabilities, labels.length).map((own, i) => ({
    labels: labels.filter((_, l) => applied[i * labels.length + l]),
    probabilities: own,
  }));
}
