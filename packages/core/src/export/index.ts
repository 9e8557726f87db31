/** Trained models on disk, ours and Hugging Face's, and predictions from them. */
export {
  loadAdaptedModel,
  mergeInto,
  moduleName,
  openAdapter,
  openModel,
  type AdaptedOptions,
  type OpenedAdapter,
} from './adapted-model.js';
export { loadAdapters } from './adapter-predictor.js';
export { saveAdapterFolders, type AdapterExport } from './adapter-folders.js';
export { writeFolderAtomic } from './atomic-folder.js';
export { createAbstention, type AbstentionOptions, type Assessment } from './abstention.js';
export type { BundleScores, Calibration, Lineage, QuantisationReport, TaskLoss } from './bundle-parts.js';
export { saveBundle, type BundleContent } from './save-bundle.js';
export { isBundle, openBundle, type Bundle } from './bundle.js';
export { bundlePrecisions, type BundleManifest, type BundlePrecision } from './bundle-file.js';
export {
  loadBundle,
  loadServable,
  servedLogits,
  type AnalyzeOptions,
  type BundleOptions,
  type BundlePredictor,
  type PredictRequest,
} from './bundle-predictor.js';
export { encodeServed, type EncodeOptions } from './encode-served.js';
export { differenceName, partsOf, type ModelParts } from './difference.js';
export { saveDifference } from './save-difference.js';
export { saveEnsemble, type EnsembleMember } from './ensemble.js';
export { saveEncoderFolder, type EncoderFolder } from './encoder-folder.js';
export { followLatest, resolveRunFolder } from './latest.js';
export { loadModelFolder, saveModelFolder, taskOf, type LoadedModel, type TrainedModel } from './model-folder.js';
export { modelFileName, readModelFile, type ModelFile, type SavedTask } from './model-file.js';
export { saveHuggingFaceFolders, type HuggingFaceOptions } from './hf-folder.js';
export {
  findModelFolder,
  loadPredictor,
  type PredictableTask,
  type PredictOptions,
  type Predictor,
  type RankedCandidate,
  type RankOptions,
} from './predictor.js';
export { describeLoss, tooMuch, type DevAnswers } from './int8-gate.js';
export { quantiseModel, type QuantisedModel, type QuantiseLimits, type QuantiseOptions } from './quantise-model.js';
export type { ServedProgram } from './served-program.js';
export { createUntrainedModel, type UntrainedOptions } from './untrained-model.js';
export { buildServedGraph, portableTarget, servedInputs, type ServedGraph, type ServedHead } from './served-graph.js';
export { createStudent, type Student, type StudentOptions } from './student-folder.js';
