/** A task from its kind: the table of task types. */
import type { ClassificationExample, EntityExample, MultiLabelExample, TaskKind } from '../data/index.js';
import { createClassificationTask, type ClassificationTask } from './classification.js';
import { createMultiLabelTask, type MultiLabelTask } from './multi-label.js';
import type { TaskOptions } from './task-options.js';
import { createTokenTask, type TokenTask } from './token-classification.js';

/** What belongs to each kind of task. */
export interface TaskTypes {
  classification: { task: ClassificationTask; example: ClassificationExample };
  'multi-label': { task: MultiLabelTask; example: MultiLabelExample };
  'token-classification': { task: TokenTask; example: EntityExample };
}

/** A task of any kind; its `kind` tells the type. */
export type AnyTask = TaskTypes[TaskKind]['task'];

/** A new task type is its file and its row here. */
const creators: { [K in TaskKind]: (options: TaskOptions<TaskTypes[K]['example']>) => TaskTypes[K]['task'] } = {
  classification: createClassificationTask,
  'multi-label': createMultiLabelTask,
  'token-classification': createTokenTask,
};

/**
 * A task bound to its name, labels and loss.
 * @throws FieldcraftError FC_CONFIG for labels or loss options that do not make sense; FC_DATA for a training example with a foreign label.
 */
export function createTask<K extends TaskKind>(
  kind: K,
  options: TaskOptions<TaskTypes[K]['example']>,
): TaskTypes[K]['task'] {
  return creators[kind](options);
}
