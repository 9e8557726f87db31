/** What a worker says of the model that it has loaded: all that the server tells of it, and what its readers of requests need. */
import type { Bundle, BundlePredictor, PredictableTask } from '@fieldcraft/core';
import type { ModelInfo } from '../api/schemas.js';

export interface ServedTask extends Omit<ModelInfo['tasks'][number], 'kind'> {
  readonly kind: PredictableTask['kind'];
}

export interface ServedModel extends Omit<ModelInfo, 'vertical' | 'tasks' | 'missing' | 'limits'> {
  readonly folder: string;
  readonly vertical?: string;
  readonly tasks: ServedTask[];
}

export function describeModel({ bundle, precision, textTasks }: BundlePredictor): ServedModel {
  const { id, folder, vertical, created, model, scores }: Bundle = bundle;
  return {
    ...{ id, folder, precision, textTasks: [...textTasks] },
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
