/** Documents: files that people send, read safely into one text with its headings, clauses and paragraphs. */
export {
  defaultLimits,
  segmentKinds,
  type DocumentLimits,
  type ReadDocument,
  type Segment,
  type SegmentKind,
  type Span,
} from './document.js';
export { mediaTypes } from './detect-media.js';
export type { DocumentSource } from './parse-document.js';
export { createDocumentReader, type DocumentReader, type ReaderOptions } from './read-document.js';
export { segmentText } from './segment.js';
export { sentencesOf } from './document-sentences.js';
export { splitSentences } from './sentences.js';
export { documentsPlugin, type DocumentsOptions } from './documents-plugin.js';
export { tablePlugin } from './table-plugin.js';
export {
  tableFormats,
  writeTable,
  type Cell,
  type Table,
  type TableColumn,
  type TableFormat,
  type WrittenTable,
} from './write-table.js';
