/** Parameters with kinds, layers, initial values and losses: everything that a model is described with. Knows no runtime. */
export {
  adaptedModules,
  adapterParts,
  adapterScale,
  defaultRoles,
  linearRoles,
  mergeAdapter,
  type Adapters,
  type LinearRole,
} from './adapter.js';
export {
  anotherReading,
  createBuilder,
  dropout,
  dropoutMask,
  inModule,
  parameter,
  qualify,
  type Builder,
  type BuilderOptions,
  type DropoutSite,
  type Initial,
  type Parameter,
  type ParameterKind,
  type ParameterOptions,
} from './builder.js';
export { activations, type Activation, type ActivationName } from './activations.js';
export { embedding, embeddingTable, type EmbeddingOptions } from './embedding.js';
export { activatedLinear, feedForward, type ActivatedOptions, type FeedForwardOptions } from './feed-forward.js';
export { reverseGradient } from './gradient-reversal.js';
export { initialValues } from './initialize.js';
export { arithmetics, int8Names, type Arithmetic } from './int8-weight.js';
export { joinSegments, labelAttention, type LabelAttention, type LabelAttentionInputs } from './label-attention.js';
export { linear, type LayerOptions, type LinearOptions } from './linear.js';
export {
  binaryCrossEntropy,
  bitDivergence,
  classDivergence,
  contrastive,
  contrastiveScores,
  cosineDistance,
  cosines,
  crossEntropy,
  distillation,
  meanSquaredError,
  spanLoss,
  unitRows,
  valueDivergence,
  type BinaryCrossEntropyOptions,
  type ContrastiveScores,
  type CrossEntropyOptions,
  type DistillationOptions,
} from './losses.js';
export { meanPooling } from './mean-pooling.js';
export { norm, type NormOptions } from './norm.js';
export {
  interleaveRows,
  larger,
  rangeEntries,
  rangeLevels,
  rangeMax,
  rangeTable,
  shiftPositions,
} from './range-max.js';
export { realTokens, relationDivergence, rowError, type Relation } from './relations.js';
export { selfAttention, type AttentionParts, type SelfAttentionOptions } from './self-attention.js';
