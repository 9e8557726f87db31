/** What serving knows of texts and of reading them, without the server: for the logic of apps, which needs no HTTP. */
export { type Segment, type Span } from './documents/document.js';
export { segmentText } from './documents/segment.js';
export { sentencesOf } from './documents/document-sentences.js';
export { splitSentences } from './documents/sentences.js';
export { findByRules, type RuleFinding } from './rules/index.js';
export { certaintyOf, createReader, type ReadingServer } from './reader.js';
