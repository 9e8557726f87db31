/** Task types: how examples become numbers, heads, losses, and how numbers become predictions and scores; and what verticals declare. */
export type * from './task.js';
export { createClassificationTask, type ClassificationTask } from './classification.js';
export { createMultiLabelTask, type MultiLabelTask } from './multi-label.js';
export { createTokenTask, type TokenTask } from './token-classification.js';
export { headModule, publishedHeadName } from './heads.js';
export { lossSchema, type LossOptions } from './loss-options.js';
export type { TaskOptions } from './task-options.js';
export { tagsOf } from './word-tags.js';
