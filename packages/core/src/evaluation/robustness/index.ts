/** Attacks on models: how texts may be changed, what is allowed of it, the search, and what it came to. */
export * from './attack-text.js';
export * from './character-moves.js';
export * from './constraints.js';
export * from './edits.js';
export * from './entity-swaps.js';
export * from './recipes.js';
export * from './rewordings.js';
export * from './spelling.js';
export * from './summary.js';
export * from './synonyms.js';
export * from './words.js';
