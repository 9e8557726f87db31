/** The public API of serving: what apps and the command line may use. */
export * from './documents/index.js';
export * from './feedback/index.js';
export * from './rules/index.js';
export {
  environmentName,
  readServingConfig,
  scopes,
  servingConfigSchema,
  type Scope,
  type ServingConfig,
  type ServingOptions,
} from './config.js';
export { createKey, createLogin } from './http/credentials.js';
export { goneSignal } from './http/gone-signal.js';
export type { ModelInfo } from './api/schemas.js';
export type { Certainty, Served } from './pool/messages.js';
export type { ServedModel } from './pool/served-model.js';
export { HttpProblem, problemSchema, type Problem, type ProblemKind } from './problem.js';
export { runApp, serveUntilSignal, type AppOptions } from './run-app.js';
export { createServer, type AppContext, type Server, type ServerOptions } from './server.js';
export {
  certaintyOf,
  createReader,
  type Classified,
  type Judged,
  type MultiLabelled,
  type Reader,
  type ReadingServer,
  type Related,
  type Tagged,
} from './reader.js';
