/** Architectures, their configs, and the layout of a batch of sequences. Pure descriptions: no runtime. */
export type {
  Architecture,
  Encoded,
  EncodedRows,
  EncoderStart,
  HeadOptions,
  MaskedHeadOptions,
  ModelConfig,
} from './architecture.js';
export { adapterSites, rolesAndLayers, type AdapterSite } from './adapter-sites.js';
export type { BertConfig } from './bert.js';
export { architectureOf, architectures, labelsOf, readModelConfig } from './config.js';
export {
  createSequenceGraph,
  feedSequences,
  paddingBias,
  rowOf,
  sequenceInputs,
  type Sequence,
  type SequenceBatch,
  type SequenceInputs,
} from './inputs.js';
export { buildTaskModel, type HeadKind, type TaskModel, type TaskModelOptions } from './task-model.js';
