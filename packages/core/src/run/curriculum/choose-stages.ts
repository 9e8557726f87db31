/** Which stages a run goes through before its tasks: those of the vertical, those that the options name, or none. */
import { FieldcraftError } from '../../foundation/index.js';
import { suggestNames } from '../../data/index.js';
import { adaptToDomain, adaptToTask, stageSchema, type CurriculumStage } from '../../tasks/index.js';
import type { TrainOptions } from '../options.js';
import type { LoadedVertical } from '../sources.js';
import { namedIntermediate } from './intermediate-task.js';

export interface ChosenStage {
  readonly stage: CurriculumStage;
  /** Whether the options ask for this very stage: what it needs must then be had. */
  readonly named: boolean;
  /** The vertical that it is of, in whose package samples lie. */
  readonly source: LoadedVertical | undefined;
}

/**
 * The stages in the order in which they are gone through. Pretraining on the tasks' own texts can be asked for whether a vertical declares it or not;
 * `--corpus` takes the place of the vertical's own corpora, `--intermediate` that of its intermediate tasks.
 * @throws FieldcraftError FC_CONFIG for a name that no stage has; as `namedIntermediate`
 */
export async function chooseStages(
  options: Pick<TrainOptions, 'stages' | 'corpus' | 'adaptTokens' | 'profile' | 'intermediate' | 'task'>,
  source: LoadedVertical | undefined,
): Promise<ChosenStage[]> {
  const { stages: wanted, corpus, adaptTokens: tokens, profile } = options;
  const text = corpus && stageSchema.parse(adaptToDomain({ corpora: corpus }));
  const between = await namedIntermediate(options);
  const replaced = (kind: CurriculumStage['kind']) =>
    (kind === 'domain' && text !== undefined) || (kind === 'intermediate' && between !== undefined);
  const own = (source?.vertical.curriculum ?? []).filter(({ kind }) => !replaced(kind));
  const task = own.some(({ kind }) => kind === 'task') ? [] : [stageSchema.parse(adaptToTask({ byDefault: false }))];
  const offered = [
    ...(text ? [{ stage: text, source, named: true }] : []),
    ...[...own, ...task].map((stage) => ({ stage, source, named: wanted?.includes(stage.name) ?? false })),
    ...(between ? [{ ...between, named: true }] : []),
  ].map(({ stage, ...rest }) => ({
    stage: tokens === undefined || stage.kind === 'intermediate' ? stage : { ...stage, tokens },
    ...rest,
  }));
  if (wanted === undefined)
    return offered.filter(({ stage, named }) => named || (stage.byDefault && profile !== 'quick'));
  if (wanted.length === 1 && wanted[0] === 'none') return [];
  if (wanted.length === 1 && wanted[0] === 'all') return offered;
  const names = offered.map(({ stage }) => stage.name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `there is no stage ${unknown}`,
      where: '--stages',
      expected: [...names, 'all', 'none'].join(', '),
      fix: `${suggestNames(unknown, names)}; --corpus adds a stage on text of your own, --intermediate one on another task`,
    });
  }
  return offered.filter(({ stage }) => wanted.includes(stage.name));
}
