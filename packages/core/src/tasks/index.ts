/** Task types: how examples become numbers, heads, losses, and how numbers become predictions and scores; and what verticals declare. */
export type * from './task.js';
export { createTask, type AnyTask, type TaskTypes } from './create-task.js';
export type { ClassificationTask } from './classification.js';
export type { MultiLabelTask } from './multi-label.js';
export type { TokenTask } from './token-classification.js';
export type { TaskOptions } from './task-options.js';
export { headModule, publishedHeadName } from './heads.js';
export type { LossOptions } from './loss-options.js';
export {
  classification,
  defineVertical,
  multiLabel,
  tokenClassification,
  type TaskDefinition,
  type Vertical,
} from './definitions.js';
export {
  countFalseAlarms,
  loadFalseAlarmSet,
  readFalseAlarmSet,
  type FalseAlarms,
  type FalseAlarmSet,
} from './false-alarms.js';
