/** What a pool is told, what it tells, and what can be asked of it. */
import type { ModelInput } from '@fieldcraft/core';
import type { Served, WorkerSettings } from './messages.js';
import type { ServedModel } from './served-model.js';

export interface PoolOptions extends WorkerSettings {
  readonly workers: number;
  /** Estimated tokens of a batch. */
  readonly batchTokens: number;
  /** Estimated tokens that may wait; beyond them requests are refused. */
  readonly queueTokens: number;
  /** How long an idle worker waits for a fuller batch, milliseconds. */
  readonly batchWait: number;
  /** A batch that takes longer has hung, milliseconds: another worker takes the place of its own. */
  readonly batchTimeout: number;
  readonly on?: Partial<PoolEvents>;
}

export interface PoolEvents {
  batch(about: { readonly pieces: number; readonly texts: number; readonly tokens: number }): void;
  answered(about: { readonly milliseconds: number }): void;
  shed(): void;
  retried(pieces: number): void;
  restart(error: Error | undefined): void;
  loaded(model: ServedModel): void;
  refused(error: Error): void;
}

export interface Asked {
  readonly tasks: readonly string[];
  readonly inputs: readonly (string | ModelInput)[];
}

export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface PoolState {
  readonly ready: number;
  readonly workers: number;
  readonly queuedTokens: number;
  readonly queuedPieces: number;
  readonly running: number;
  /** Workers whose place another took because their batch lasted too long, and that compute still. */
  readonly hanging: number;
}

export interface Pool {
  readonly model: ServedModel;
  state(): PoolState;
  /**
   * For each task, the predictions about the inputs in order.
   * @throws HttpProblem busy where too much waits already; FieldcraftError as the predictor; the signal's reason once it is aborted.
   */
  ask(asked: Asked, options?: AskOptions): Promise<{ readonly model: ServedModel; readonly answers: Served[][] }>;
  /** Loads another model (default: the same path again) and puts it in the old one's place. @throws what loading it throws; the old one then stays. */
  reload(model?: string): Promise<ServedModel>;
  /** Resolves when nothing waits and nothing runs. */
  drain(): Promise<void>;
  /** What was not answered is refused. Resolves when all workers have ended, or did not within a minute. */
  close(): Promise<void>;
}
