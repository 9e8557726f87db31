/** The public API of serving: what apps and the command line may use. */
export * from './documents/index.js';
export * from './rules/index.js';
