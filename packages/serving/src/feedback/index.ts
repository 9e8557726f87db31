/** Feedback: what people say of predictions, kept until it is the next training set. */
export { corrections, entrySchema, makeEntry, type Entry, type EntryContext } from './entry.js';
export { exportFeedback, trainingSet, type Conflict, type FeedbackExport } from './export-feedback.js';
export { feedbackPlugin, type FeedbackPluginOptions } from './feedback-plugin.js';
export { redactText } from './redact.js';
export { redactions, type Redaction } from './redactions.js';
export { openFeedback, openStored, type FeedbackOptions, type FeedbackStore, type ListOptions } from './store.js';
