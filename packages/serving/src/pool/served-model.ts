/** What a worker says of the model that it has loaded: all that the server tells of it, and what its readers of requests need. */
import type { Bundle, BundlePrecision, BundlePredictor, PredictableTask } from '@fieldcraft/core';

export interface ServedTask {
  readonly name: string;
  readonly kind: PredictableTask['kind'];
  readonly labels: readonly string[];
  readonly titles?: Readonly<Record<string, string>>;
  readonly mainMetric: string;
}

export interface ServedModel {
  readonly id: string;
  readonly folder: string;
  readonly vertical?: string;
  readonly created?: string;
  readonly base?: string;
  readonly precision: BundlePrecision;
  readonly tasks: readonly ServedTask[];
  /** What `analyze` asks where it is not told. */
  readonly textTasks: readonly string[];
}

export function describeModel({ bundle, precision, textTasks }: BundlePredictor): ServedModel {
  const { id, folder, vertical, created, model }: Bundle = bundle;
  return {
    ...{ id, folder, precision, textTasks },
    ...(vertical !== undefined && { vertical }),
    ...(created !== undefined && { created }),
    ...(model.base !== null && { base: model.base.id }),
    tasks: model.tasks.map(({ name, kind, labels, settings, mainMetric }) => ({
      ...{ name, kind, labels, mainMetric },
      ...(settings?.titles && { titles: settings.titles }),
    })),
  };
}
