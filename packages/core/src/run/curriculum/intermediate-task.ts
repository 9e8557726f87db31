/** What an intermediate stage learns: a task that a vertical declares, or the one that `--intermediate` names, of a vertical or a file of one's own. */
import { isAbsolute } from 'node:path';
import { suggestNames, taskKinds, type TaskKind } from '../../data/index.js';
import { FieldcraftError } from '../../foundation/index.js';
import { intermediate, intermediateSchema, type IntermediateStage, type TaskDefinition } from '../../tasks/index.js';
import { cardsFolder } from '../card-places.js';
import { findVertical } from '../find-vertical.js';
import type { TrainOptions } from '../options.js';
import type { RunContext } from '../run-context.js';
import { loadOwnTask, loadTask, loadVertical, noSuchTask, type LoadedVertical, type SourceTask } from '../sources.js';
import type { ChosenStage } from './choose-stages.js';
import { optionsOf } from './intermediate-stage.js';

export interface NamedIntermediate {
  readonly stage: IntermediateStage;
  /** In whose package the samples of its task lie. */
  readonly source: LoadedVertical | undefined;
}

/** Whether the task's data is a file, by its absolute path, and no data card, by its name. */
export const isOwnFile = ({ data }: Pick<TaskDefinition, 'data'>): boolean => isAbsolute(data);

/**
 * The stage that `--intermediate` asks for.
 * @throws FieldcraftError FC_CONFIG where the kind of a file is not known; FC_NOT_FOUND for what is neither a file nor a task of a vertical
 */
export async function namedIntermediate({
  intermediate: named,
  task: kind,
}: Pick<TrainOptions, 'intermediate' | 'task'>): Promise<NamedIntermediate | undefined> {
  if (named === undefined) return undefined;
  const where = '--intermediate';
  const [, given, path = named] = /^([^=/\\]+)=(.+)$/s.exec(named) ?? [];
  if (given !== undefined || isAbsolute(named)) {
    const settings = intermediateSchema.omit({ task: true }).parse({ kind: 'intermediate' });
    const task = { kind: given === undefined ? (kind ?? noKind(path)) : kindOf(given), data: path };
    return { stage: { ...settings, task }, source: undefined };
  }
  const [, vertical, task] = /^([^/]+)\/([^/]+)$/.exec(named) ?? [];
  if (vertical === undefined || task === undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: 'the intermediate task is neither a file nor a task of a vertical',
      where,
      expected: 'a path, KIND=PATH, or VERTICAL/TASK such as scientific/citation-intent',
      got: named,
    });
  }
  const source = await loadVertical(findVertical(vertical).module);
  const { tasks } = source.vertical;
  const definition = Object.hasOwn(tasks, task) ? tasks[task] : undefined;
  if (definition === undefined) throw noSuchTask(source.vertical, task, where);
  return { stage: intermediateSchema.parse(intermediate({ task: definition })), source };
}

function kindOf(given: string): TaskKind {
  const kind = taskKinds.find((one) => one === given);
  if (kind !== undefined) return kind;
  throw new FieldcraftError('FC_CONFIG', {
    what: `there is no kind of task ${given}`,
    where: '--intermediate',
    expected: `KIND=PATH with one of ${taskKinds.join(', ')}`,
    fix: suggestNames(given, taskKinds),
  });
}

/** Only a run on one's own files has a kind that the file may be of too. */
function noKind(path: string): never {
  throw new FieldcraftError('FC_CONFIG', {
    what: 'the kind of the intermediate task is not known',
    where: '--intermediate',
    got: path,
    fix: `say it before the path, such as classification=${path}`,
  });
}

/**
 * The data of the stage's task.
 * @throws FieldcraftError as `loadTask` and `loadFiles`; FC_DATA where there is no dev and no test part
 */
export async function loadIntermediate(
  { options, emit, signal }: Pick<RunContext, 'options' | 'emit' | 'signal'>,
  { stage, named, source }: Omit<ChosenStage, 'stage'> & { readonly stage: IntermediateStage },
): Promise<SourceTask> {
  const { folder = '' } = source ?? {};
  const { data, kind } = stage.task;
  const own = optionsOf(stage, options, 0);
  const task = isOwnFile(stage.task)
    ? await loadOwnTask({ name: stage.name, kind, data }, options)
    : await loadTask(data, stage.task, {
        ...{ options: own, folder, mustHave: named, cards: cardsFolder(), emit, signal },
      });
  if (task.dataset.folds === undefined) return task;
  throw new FieldcraftError('FC_DATA', {
    what: 'an intermediate task must have parts to choose its best weights by and to test them on',
    where: `the stage ${stage.name}`,
    got: `${task.dataset.splits.train.length} examples, which is so few that they are cross-validated`,
    fix: 'learn first from more examples',
  });
}
