/** Data: cards, readers, splits, leakage and quality checks, batches without padding, sampling. */
export { neighboursOf, taskKinds } from './example-kinds.js';
export {
  contentOf,
  intentLabel,
  intentOf,
  isOfKind,
  labelsOf,
  partNames,
  type AnyDataset,
  type ChoiceExample,
  type ClassificationExample,
  type CodeExample,
  type Dataset,
  type DataOrigin,
  type EntityExample,
  type EntitySpan,
  type Example,
  type ExampleBase,
  type ExampleOf,
  type ExampleTypes,
  type Licence,
  type PairExample,
  type RegressionExample,
  type RelationExample,
  type RetrievalExample,
  type SequentialExample,
  type SimilarityExample,
  type SlotExample,
  type SpanExample,
  type ModelInput,
  type MultiLabelExample,
  type Splits,
  type TaskKind,
} from './examples.js';
export { loadCorpus, loadOwnCorpus, measureCorpus, type Corpus } from './corpus.js';
export { findCorpusCard, listCorpusCards, type CorpusCard } from './corpus-card.js';
export type { CorpusDocument } from './read-corpus.js';
export { decontaminate, type Decontaminated, type RemovedText } from './decontaminate.js';
export {
  evaluationTexts,
  knownEvaluations,
  textsOfExample,
  withoutEvaluated,
  type KnownEvaluations,
} from './evaluation-texts.js';
export { packDocuments, type PackedWindow } from './pack-documents.js';
export {
  sizeInBytes,
  sizeInTokens,
  splitCorpus,
  takeTokens,
  type CorpusSplit,
  type ParagraphSizes,
} from './split-corpus.js';
export { findFieldTerms, type FieldTerm } from './field-terms.js';
export { findDataCard, listDataCards, readDataCard, type DataCard } from './data-card.js';
export { labelSet, loadDataset } from './load-dataset.js';
export { downloadDataset, type DatasetProgress } from './download-dataset.js';
export { loadFiles, type FileOptions } from './load-files.js';
export { clustersAcross } from './leakage.js';
export { foldSplits, saveSplit } from './splits.js';
export { normaliseText } from './near-duplicates.js';
export { allowances, assertQuality, checkQuality, summariseParts, type QualityReport } from './quality.js';
export { planBatches, planEvalBatches } from './batches.js';
export { sampleTraining } from './sampling.js';
export { drawSplits, type Draw } from './draws.js';
export { readPassages } from './passages.js';
export { previewFile, type FilePreview } from './preview-file.js';
export { nearestNames, suggestNames } from './suggest.js';
export { readTextFile } from './text-file.js';
