/** Baselines that stand beside every result. */
export * from './baselines/baseline.js';
export * from './baselines/entity-dictionary.js';
export * from './baselines/majority.js';
export * from './baselines/tfidf-linear.js';
export { assessors, type Assessor, type IntervalOptions, type Mistake, type TaskBaseline } from './assess.js';
