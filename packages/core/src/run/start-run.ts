/** Runs in a worker thread: the engine blocks the thread it works in, and the terminal must stay alive. */
import { Worker } from 'node:worker_threads';
import { errorCodes, FieldcraftError, type ErrorCode, type ErrorParts } from '../foundation/index.js';
import type { RunEvent } from './events.js';
import type { RunRequest } from './execute.js';
import type { RunOutcome } from './finish-run.js';

export interface RunHandle {
  readonly result: Promise<RunOutcome>;
  /** Asks the run to save its state and stop; `result` then rejects with FC_INTERRUPTED. May be called more than once. */
  stop(): void;
}

/** What the worker posts. */
export type WorkerMessage =
  | { kind: 'event'; event: RunEvent }
  | { kind: 'done'; outcome: RunOutcome }
  | {
      kind: 'failed';
      code: string | undefined;
      parts: ErrorParts | undefined;
      message: string;
      stack: string | undefined;
    };

export interface WorkerInput {
  readonly request: RunRequest;
  /** One Int32: 1 asks for a stop. Shared, because messages are not read while the engine works. */
  readonly stopFlag: SharedArrayBuffer;
}

/** Starts a run. Events arrive in order; the last one is `finished` or `stopped`. */
export function startRun(request: RunRequest, onEvent: (event: RunEvent) => void): RunHandle {
  const stopFlag = new SharedArrayBuffer(4);
  const input: WorkerInput = { request, stopFlag };
  const worker = new Worker(new URL('./run-worker.js', import.meta.url), { workerData: input });
  const result = new Promise<RunOutcome>((done, fail) => {
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'event') onEvent(message.event);
      else if (message.kind === 'done') done(message.outcome);
      else fail(revive(message));
    });
    worker.on('error', fail);
    worker.on('exit', (code) =>
      fail(
        new FieldcraftError('FC_INTERNAL', {
          what: `the worker of the run ended with code ${code} before the run did`,
        }),
      ),
    );
  });
  return { result, stop: () => void Atomics.store(new Int32Array(stopFlag), 0, 1) };
}

/** Errors lose their class on the way between threads. */
function revive({ code, parts, message, stack }: Extract<WorkerMessage, { kind: 'failed' }>): Error {
  const error =
    code !== undefined && code in errorCodes && parts
      ? new FieldcraftError(code as ErrorCode, parts)
      : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
