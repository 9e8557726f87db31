/** Runs: options, events, and what starts, resumes and describes them. */
export {
  advise,
  adviseOptionsSchema,
  adviseRunSchema,
  flagsOf,
  type Advice,
  type AdviseOptions,
  type AdviseRequest,
  type TaskAdvice,
} from './advise.js';
export { attackRun, type AttackHooks, type AttackRequest, type AttackResults } from './attack.js';
export { attackOptionsSchema, type AttackOptions, type AttackOptionsInput } from './attack-options.js';
export {
  startAblation,
  type Ablation,
  type AblationHandle,
  type AblationHooks,
  type AblationRequest,
  type AblationVariant,
  type StageEffect,
} from './ablation.js';
export { compareRuns } from './compare.js';
export { evaluateRun, type EvaluateRequest, type TaskEvaluation } from './evaluate.js';
export { exportRun, type ExportOutcome, type ExportRequest } from './export-run.js';
export { gateBundle, type GateCheck, type GateOutcome, type GateRequest, type JudgedBundle } from './gate.js';
export { executeRun, type RunHooks, type RunRequest } from './execute.js';
export { builtVerticals, findVertical, listVerticals } from './find-vertical.js';
export type { RunOutcome } from './finish-run.js';
export type { RunEvent } from './events.js';
export {
  devices,
  fileOptionsSchema,
  profiles,
  runOptionsSchema,
  trainOptionsSchema,
  type TrainOptions,
  type TrainOptionsInput,
} from './options.js';
export {
  checkData,
  listData,
  type CheckOptions,
  type DataCheck,
  type DataListing,
  type DataPlaces,
} from './check-data.js';
export { checkCorpus, listCorpora, type CorpusCheck, type CorpusListing } from './check-corpus.js';
export {
  inspectFolder,
  type Inspection,
  type InspectOptions,
  type TokenizerSummary,
  type TrainedInspection,
  type WeightsInspection,
  type WeightsSummary,
} from './inspect.js';
export type { TaskMeasures } from './measure-task.js';
export { distanceOf } from './language.js';
export type { RecipeLine } from './recipe.js';
export { startRun, type RunHandle } from './start-run.js';
export { quantiseRun, type QuantiseRunRequest } from './quantise-run.js';
