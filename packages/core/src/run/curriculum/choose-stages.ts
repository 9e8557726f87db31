/** Which stages a run goes through before its tasks: those of the vertical, those that the options name, or none. */
import { FieldcraftError } from '../../foundation/index.js';
import { suggestNames } from '../../data/index.js';
import { adaptToDomain, adaptToTask, stageSchema, type CurriculumStage } from '../../tasks/index.js';
import type { TrainOptions } from '../options.js';
import type { LoadedVertical } from '../sources.js';

export interface ChosenStage {
  readonly stage: CurriculumStage;
  /** Whether the options ask for this very stage: what it needs must then be had. */
  readonly named: boolean;
}

/**
 * The stages in the order in which they are gone through. Pretraining on the tasks' own texts can be asked for whether a vertical declares it or not, and
 * `--corpus` takes the place of the vertical's own corpora.
 * @throws FieldcraftError FC_CONFIG for a name that no stage has
 */
export function chooseStages(
  {
    stages: wanted,
    corpus,
    adaptTokens: tokens,
    profile,
  }: Pick<TrainOptions, 'stages' | 'corpus' | 'adaptTokens' | 'profile'>,
  source: LoadedVertical | undefined,
): ChosenStage[] {
  const declared = source?.vertical.curriculum ?? [];
  const given = corpus && stageSchema.parse(adaptToDomain({ corpora: corpus }));
  const own = given ? declared.filter(({ kind }) => kind !== 'domain') : declared;
  const task = own.some(({ kind }) => kind === 'task') ? [] : [stageSchema.parse(adaptToTask({ byDefault: false }))];
  const offered = [...(given ? [given] : []), ...own, ...task].map((stage) => ({
    stage: tokens === undefined || stage.kind === 'intermediate' ? stage : { ...stage, tokens },
    named: stage === given || (wanted ?? []).includes(stage.name),
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
      fix: `${suggestNames(unknown, names)}; --corpus adds a stage on text of your own`,
    });
  }
  return offered.filter(({ stage }) => wanted.includes(stage.name));
}
