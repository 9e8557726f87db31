/** Task types: how examples become numbers, heads, losses, and how numbers become predictions and scores; and what verticals declare. */
export type * from './task.js';
export {
  createTask,
  predictArguments,
  hasPublishedClass,
  newHeadSettings,
  taskTypes,
  type AnyTask,
  type Prediction,
  type PredictionOf,
  type TaskOf,
} from './task-types.js';
export type { PublishedType } from './task-type.js';
export type { ClassificationTask } from './classification.js';
export { scoreDocuments, topOf } from './retrieval.js';
export { dot } from './text-vectors.js';
export { startAndEnd } from './span-selection.js';
export { readWindows } from './windows.js';
export { candidatePairs, markPair } from './marked-pairs.js';
export { settingsOf, settingsShape, type TaskOptions, type TaskSettings } from './task-options.js';
export { endToEndScores, predictEndToEnd, predictRead, predictWith, type ReadyTask } from './end-to-end.js';
export { mixMembers, mixWindows } from './mixtures.js';
export { readExamples, type Reading } from './reading.js';
export { sharedWordsSchema, type KnownWords, type SharedWords } from './shared-words.js';
export { tagTransitionsSchema } from './tag-transitions.js';
export { headModule, publishedHeadName } from './heads.js';
export type { LossOptions } from './loss-options.js';
export {
  adversarialMethods,
  adversarialSchema,
  norms,
  type Adversarial,
  type AdversarialMethod,
  type AdversarialOf,
} from './adversarial-settings.js';
export {
  adaptToDomain,
  adaptToTask,
  intermediate,
  intermediateSchema,
  stageSchema,
  type CurriculumStage,
  type DomainStage,
  type IntermediateStage,
  type TaskTextStage,
} from './curriculum.js';
export {
  classification,
  codeAssignment,
  defineVertical,
  fgm,
  freelb,
  jointExtraction,
  multiLabel,
  multipleChoice,
  pgd,
  r3f,
  smart,
  vat,
  pairClassification,
  regression,
  relationExtraction,
  retrieval,
  sequentialClassification,
  similarity,
  slotFilling,
  spanSelection,
  tokenClassification,
  type Vertical,
} from './definitions.js';
export type { TaskDefinition } from './task-definition.js';
export {
  countFalseAlarms,
  loadFalseAlarmSet,
  readFalseAlarmSet,
  type FalseAlarms,
  type FalseAlarmSet,
} from './false-alarms.js';
