/** What a result is held against: baselines, and its worst mistakes. */
export * from './augmentation.js';
export * from './baselines/baseline.js';
export * from './baselines/bm25.js';
export * from './baselines/entity-dictionary.js';
export * from './baselines/majority.js';
export * from './baselines/sentence-pick.js';
export * from './baselines/tfidf-linear.js';
export * from './baselines/tfidf-pairs.js';
export * from './baselines/title-match.js';
export { probeDomains, type DomainProbe } from './domain-probe.js';
export * from './excerpt.js';
export * from './mistakes.js';
export * from './robustness/index.js';
export { fitLogisticRegression } from './logistic-regression.js';
export { fitRidge } from './ridge.js';
export { cosineRows, productsWith, type SparseRows } from './sparse-rows.js';
export { fitTfidf } from './tfidf.js';
