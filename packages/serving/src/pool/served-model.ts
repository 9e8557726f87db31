/** What a worker says of the model that it has loaded: all that the server tells of it, and what its readers of requests need. */
import { FieldcraftError, type Bundle, type BundlePredictor, type PredictableTask } from '@fieldcraft/core';
import type { ModelInfo } from '../api/schemas.js';
import type { WorkerSettings } from './messages.js';

export interface ServedTask extends Omit<ModelInfo['tasks'][number], 'kind'> {
  readonly kind: PredictableTask['kind'];
}

export interface ServedModel extends Omit<ModelInfo, 'vertical' | 'tasks' | 'missing' | 'limits'> {
  readonly folder: string;
  readonly vertical?: string;
  readonly tasks: ServedTask[];
  /** Tasks that it has and that are not served. */
  readonly hidden: readonly { readonly name: string; readonly kind: string; readonly reason: string }[];
  /** For the log. */
  readonly notes: readonly string[];
}

/** @throws FieldcraftError FC_LICENCE where `licence` leaves nothing to serve */
export function describeModel(
  { bundle, precision, textTasks, notes }: Pick<BundlePredictor, 'bundle' | 'precision' | 'textTasks' | 'notes'>,
  { licence }: Pick<WorkerSettings, 'licence'>,
): ServedModel {
  const { id, folder, vertical, created, model, scores }: Bundle = bundle;
  const hidden = licence === 'commercial' ? closedTasks(bundle) : [];
  const isShown = (task: string) => !hidden.some(({ name }) => name === task);
  return {
    ...{ id, folder, precision, hidden, notes, textTasks: textTasks.filter(isShown) },
    ...(vertical !== undefined && { vertical }),
    ...(created !== undefined && { created }),
    ...(model.base !== null && { base: model.base.id }),
    tasks: model.tasks
      .filter(({ name }) => isShown(name))
      .map(({ name, kind, labels, settings, mainMetric }) => ({
        ...{ name, kind, labels, mainMetric },
        ...(settings?.titles && { titles: settings.titles }),
        ...(settings?.statements && { statements: settings.statements }),
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

/**
 * Tasks whose data may not be used commercially, or is not known to: as training takes it.
 * @throws FieldcraftError FC_LICENCE where that is so of all, or of what the encoder learnt from besides tasks
 */
function closedTasks({ folder, model, lineage, scores }: Bundle): ServedModel['hidden'] {
  const licences = scores?.licences ?? [];
  const datasets = new Map(model.tasks.map(({ name }) => [name, lineage?.data[name]?.dataset ?? undefined]));
  const shared = licences.find(({ of, commercial }) => commercial !== true && ![...datasets.values()].includes(of));
  const hidden = model.tasks.flatMap(({ name, kind }) => {
    const dataset = datasets.get(name);
    const known = licences.find(({ of }) => of === dataset);
    if (known?.commercial === true) return [];
    const reason =
      known === undefined
        ? 'the licence of its data is not known, which counts as not permitting commercial use'
        : `the licence of its data (${known.of}: ${known.name}) ${known.commercial === false ? 'does not permit' : 'is not known to permit'} commercial use`;
    return [{ name, kind, reason }];
  });
  if (shared === undefined && hidden.length < model.tasks.length) return hidden;
  throw new FieldcraftError('FC_LICENCE', {
    what: 'no task of the model may be used commercially, or its licences are not known',
    where: folder,
    got: shared === undefined ? (hidden[0]?.reason ?? 'no task') : `${shared.of}: ${shared.name}`,
    fix: 'export a run that was trained with --licence commercial, or serve it without',
  });
}
