/** Weights and where they come from: safetensors, PyTorch files, model folders, the mirror, the cache, the hub. */
export type { Dtype } from './dtypes.js';
export type { TensorFile, TensorInfo } from './tensor-file.js';
export { openSafetensors } from './safetensors.js';
export { writeSafetensors, type TensorData, type TensorPlace, type TensorToWrite } from './write-safetensors.js';
export { quantizeRows, withFloatRows, writeInt8Rows } from './int8-rows.js';
export { openPytorchBin } from './pytorch-bin.js';
export { openCheckpoint, type TensorSource } from './folder.js';
export { matchWeights, type MatchOptions, type WantedParam, type WeightMatch } from './match-weights.js';
export {
  isAdapterFolder,
  readAdapter,
  writeAdapter,
  type AdapterTensor,
  type AdapterToWrite,
  type LoraAdapter,
} from './adapter-folder.js';
export {
  resolveModel,
  resolveOwnModel,
  starterId,
  type ResolvedModel,
  type ResolveModelOptions,
} from './resolve-model.js';
export type { DownloadProgress } from './hub-download.js';
export { stallSignal } from './stall-signal.js';
export {
  resolveDataset,
  type DatasetName,
  type ResolveDatasetOptions,
  type ResolvedDataset,
} from './resolve-dataset.js';
