/** What every room may use: errors, seeded randomness, atomic files. */
export * from './errors.js';
export * from './files.js';
export * from './random.js';
export * from './workspace.js';
