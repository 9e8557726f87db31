/** Data: cards, readers, splits, leakage and quality checks, batches without padding, sampling. */
export * from './examples.js';
export { cardDownloads, findDataCard, listDataCards, readDataCard, type CardFile, type DataCard } from './data-card.js';
export { labelSet, loadDataset, verifyFiles, type LoadOptions } from './load-dataset.js';
export { downloadDataset, type DatasetProgress, type DownloadDatasetOptions } from './download-dataset.js';
export { loadFiles, type FileOptions } from './load-files.js';
export { formatNames, type FormatName } from './readers/index.js';
export { offsetReader, type OffsetUnit } from './readers/offsets.js';
export {
  crossValidationBelow,
  cutDev,
  defaultShares,
  foldSplits,
  kFold,
  loadSplit,
  saveSplit,
  splitByDate,
  splitByShares,
  type SplitOptions,
  type SplitResult,
} from './splits.js';
export {
  findDuplicates,
  findNearDuplicates,
  nearDuplicateSimilarity,
  normaliseText,
  type Clusters,
} from './near-duplicates.js';
export { removeLeakage, type LeakageOptions } from './leakage.js';
export {
  allowances,
  assertQuality,
  checkQuality,
  findingCodes,
  summariseParts,
  type Allowance,
  type Finding,
  type FindingCode,
  type PartSummary,
  type QualityReport,
  type Severity,
} from './quality.js';
export { paddingShare, planBatches, planEvalBatches, type BatchOptions, type EvalBatchOptions } from './batches.js';
export { sampleTraining, type SampleOptions } from './sampling.js';
export { readPassages, type Passage } from './passages.js';
export { nearestNames, suggestNames } from './suggest.js';
export { readTextFile } from './text-file.js';
