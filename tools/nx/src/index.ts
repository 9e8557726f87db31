/** The Nx plugin: targets inferred from the files of a project, executors that run the `fieldcraft` command, and how a training is hashed. */
export { createNodes } from './targets.js';
export { advise, attack, evaluate, exportBundle, gate, predict, serve, train } from './executors.js';
export { hashTraining } from './hash-training.js';
export { preTasksExecution } from './interruption.js';

export const name = '@fieldcraft/nx';
