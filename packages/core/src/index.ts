/** The public API of the training core: what verticals, apps and the command line may use. */
export {
  classification,
  defineVertical,
  multiLabel,
  tokenClassification,
  type TaskDefinition,
  type Vertical,
} from './tasks/index.js';
export {
  checkQuality,
  findDataCard,
  listDataCards,
  loadDataset,
  loadFiles,
  readDataCard,
  suggestNames,
  type AnyDataset,
  type DataCard,
  type Dataset,
  type Example,
  type QualityReport,
} from './data/index.js';
export { loadPredictor, type Prediction, type Predictor } from './export/index.js';
export { errorCodes, FieldcraftError, workspaceRoot, type ErrorCode } from './foundation/index.js';
export { loadReport, renderReport, summarise, type RunReport } from './report/index.js';
export {
  devices,
  executeRun,
  fileOptionsSchema,
  profiles,
  resolveRunFolder,
  runOptionsSchema,
  startRun,
  trainOptionsSchema,
  type RunEvent,
  type RunHandle,
  type RunOutcome,
  type RunRequest,
  type TrainOptions,
  type TrainOptionsInput,
} from './run/index.js';
