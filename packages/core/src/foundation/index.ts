/** What every room may use: errors, seeded randomness, atomic files, locks, where things are. */
export * from './bounded-folder.js';
export * from './errors.js';
export * from './file-lock.js';
export * from './files.js';
export * from './int8-matrix.js';
export * from './packed.js';
export * from './processes.js';
export * from './random.js';
export * from './version.js';
export * from './windows-1252.js';
export * from './workspace.js';
