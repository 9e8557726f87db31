/** Training: steps, optimizer, schedules, the loop, and what makes a run resumable. */
export {
  anchorInput,
  hardenedLoss,
  lookGraph,
  perturbationInput,
  referenceInput,
  type PerturbedLoss,
} from './adversarial/graphs.js';
export {
  createDomainAdversary,
  domainFeeds,
  domainObjective,
  reversalAt,
  reversalInput,
  type Companion,
} from './adversarial/domains.js';
export { createAdamW, type AdamWOptions, type Optimizer } from './adamw.js';
export { averagings, soupCandidates, type Averaging } from './averaging.js';
export { depthOf, learnsFrom, rateFactor, type Depth, type DepthName, type DepthOptions, type Rates } from './depth.js';
export { distill, type Distilled, type TextWindow } from './distillation/distill.js';
export { innerLayers, relationKinds, type InnerLayers, type LayerPair } from './distillation/inner-layers.js';
export { withSoftLabels, type SoftLabels } from './distillation/soft-labels.js';
export { compileTeacher, teacherInput, type Teacher } from './distillation/teacher.js';
export { createDropoutMasks, type DropoutMasks } from './dropout-masks.js';
export { encoderParameters } from './encoder-parameters.js';
export { fit, taskOrders, type FitOptions, type FitRequest, type FitTask, type TaskOrder } from './fit.js';
export { extendVocabulary, type ExtendedBase } from './extend-base.js';
export {
  createFrozenEncoder,
  frozenParameters,
  type FrozenEncoder,
  type FrozenOptions,
  type HiddenRows,
} from './frozen-encoder.js';
export { checkGradients, type GradientCheck, type GradientErrors } from './gradient-check.js';
export { initialise, loadPretrained, type LoadedWeights } from './load-weights.js';
export {
  headDraw,
  heldOutDraw,
  maskedLabelFeeds,
  maskedRowFeeds,
  maskedWords,
  maskedWordsName,
  maskWindows,
  upToTokens,
  type MaskedWindow,
} from './masked-words.js';
export { createMeanEncoder } from './mean-encoder.js';
export { canMix, drawMixing, mixingFeeds, withMixup, type Mixing } from './mixup.js';
export { createParameterStore, type ParameterStore, type Slot, type StoredParameter } from './parameter-store.js';
export {
  heldOutCurve,
  pretrain,
  type Pretrained,
  type PretrainLosses,
  type PretrainOptions,
  type PretrainPhase,
} from './pretrain.js';
export { defaultTokensPerPass, runBatch, type BatchTask } from './run-batch.js';
export { dropBest, loadWeights, progressSchema, saveWeights, type Evaluation, type Progress } from './run-state.js';
export { scheduleFactor, type ScheduleName } from './schedules.js';
export { selectNeighbours, type Neighbours, type Vectorise } from './select-neighbours.js';
export { createScorer, type ScorableFeature, type Scorer, type Scorable, type ScorerOptions } from './scorer.js';
export { balanceNames, type BalanceName } from './task-balance.js';
export {
  batchOf,
  buildObjective,
  sequenceFeeds,
  weightFeeds,
  type EncoderOptions,
  type Objective,
} from './objective.js';
export { createStepProgram, type CompiledStep, type StepOptions, type StepProgram } from './step-program.js';
