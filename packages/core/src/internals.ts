/** The rooms of the core for this workspace's own tools (checks, benchmarks). Verticals and apps use the public API: names here may change. */
export * as checkpoint from './checkpoint/index.js';
export * as data from './data/index.js';
export * as exports from './export/index.js';
export * as foundation from './foundation/index.js';
export * as graph from './graph/index.js';
export * as metrics from './metrics/index.js';
export * as models from './models/index.js';
export * as nn from './nn/index.js';
export * as report from './report/index.js';
export * as runtime from './runtime/index.js';
export * as tasks from './tasks/index.js';
export * as text from './text/index.js';
export * as training from './training/index.js';
