/** What a worker says of the model that it has loaded: all that the server tells of it, and what its readers of requests need. */
import type { Bundle, BundlePrecision, BundlePredictor, PredictableTask } from '@fieldcraft/core';
import type { ModelInfo } from '../api/schemas.js';

export interface ServedTask {
  readonly name: string;
  readonly kind: PredictableTask['kind'];
  readonly labels: readonly string[];
  readonly titles?: Readonly<Record<string, string>>;
  readonly mainMetric: string;
  /** On the test part, as a bundle says them: means over seeds, with intervals. */
  readonly scores?: NonNullable<ModelInfo['tasks'][number]['scores']>;
}

export interface ServedModel {
  readonly id: string;
  readonly folder: string;
  readonly vertical?: string;
  readonly created?: string;
  readonly base?: string;
  readonly precision: BundlePrecision;
  readonly tasks: readonly ServedTask[];
  /** Of the data and the base that went into it. */
  readonly licences?: NonNullable<Bundle['scores']>['licences'];
  /** What `analyze` asks where it is not told. */
  readonly textTasks: readonly string[];
}

export function describeModel({ bundle, precision, textTasks }: BundlePredictor): ServedModel {
  const { id, folder, vertical, created, model, scores }: Bundle = bundle;
  return {
    ...{ id, folder, precision, textTasks },
    ...(vertical !== undefined && { vertical }),
    ...(created !== undefined && { created }),
    ...(model.base !== null && { base: model.base.id }),
    tasks: model.tasks.map(({ name, kind, labels, settings, mainMetric }) => ({
      ...{ name, kind, labels, mainMetric },
      ...(settings?.titles && { titles: settings.titles }),
      ...scoresOf(scores?.tasks[name]?.metrics),
    })),
    ...(scores && { licences: scores.licences }),
  };
}

type Metrics = NonNullable<Bundle['scores']>['tasks'][string]['metrics'];

function scoresOf(metrics: Metrics | undefined): Pick<ServedTask, 'scores'> {
  if (metrics === undefined) return {};
  const figures = Object.entries(metrics).map(([metric, { mean, interval }]) => {
    return [metric, { value: mean, ...(interval && { interval }) }] as const;
  });
  return { scores: Object.fromEntries(figures) };
}
