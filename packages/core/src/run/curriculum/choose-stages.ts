/** Which stages a run goes through before its tasks: those of the vertical, those that the options name, or none. */
import { FieldcraftError } from '../../foundation/index.js';
import { suggestNames } from '../../data/index.js';
import { adaptToDomain, adaptToTask, stageSchema, type CurriculumStage } from '../../tasks/index.js';
import type { TrainOptions } from '../options.js';

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
  declared: readonly CurriculumStage[],
): CurriculumStage[] {
  const given = corpus && stageSchema.parse(adaptToDomain({ corpora: corpus }));
  const own = given ? declared.filter(({ kind }) => kind !== 'domain') : declared;
  const task = own.some(({ kind }) => kind === 'task') ? [] : [stageSchema.parse(adaptToTask({ byDefault: false }))];
  const offered = [...(given ? [given] : []), ...own, ...task].map((stage) =>
    tokens === undefined || stage.kind === 'intermediate' ? stage : { ...stage, tokens },
  );
  if (wanted === undefined)
    return offered.filter((stage) => stage.name === given?.name || (stage.byDefault && profile !== 'quick'));
  if (wanted.length === 1 && wanted[0] === 'none') return [];
  if (wanted.length === 1 && wanted[0] === 'all') return offered;
  const unknown = wanted.find((name) => !offered.some((stage) => stage.name === name));
  if (unknown !== undefined) {
    const names = offered.map(({ name }) => name);
    throw new FieldcraftError('FC_CONFIG', {
      what: `there is no stage ${unknown}`,
      where: '--stages',
      expected: [...names, 'all', 'none'].join(', '),
      fix: `${suggestNames(unknown, names)}; --corpus adds a stage on text of your own`,
    });
  }
  return offered.filter(({ name }) => wanted.includes(name));
}
