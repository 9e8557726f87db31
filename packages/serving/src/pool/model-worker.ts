/** One worker thread as the pool sees it: whether it is ready, which batch it holds, and that it may die at any moment. */
import { Worker } from 'node:worker_threads';
import { errorOf } from '../error-record.js';
import { withResolvers } from '../with-resolvers.js';
import type { Answer, Batch, FromWorker, ToWorker, WorkerSettings } from './messages.js';
import type { ServedModel } from './served-model.js';

export interface ModelWorker {
  /** Settles once: with the model, or with why it cannot be loaded. */
  readonly ready: Promise<ServedModel>;
  readonly thread: Worker;
  /** The batch that it works on. */
  batch: number | undefined;
  send(batch: Batch): void;
  /** Asks it to end once the computation is over that it is in, or the model loaded; resolves when it is gone. */
  end(): Promise<void>;
}

export interface WorkerEvents {
  onAnswers(worker: ModelWorker, answers: readonly Answer[]): void;
  /** It is gone, whether it was ended or fell. */
  onExit(worker: ModelWorker, error: Error | undefined): void;
}

export function startWorker(settings: WorkerSettings, { onAnswers, onExit }: WorkerEvents): ModelWorker {
  const thread = new Worker(new URL('./worker.js', import.meta.url), { workerData: settings });
  const say = (message: ToWorker) => thread.postMessage(message);
  let failure: Error | undefined;
  let ending = false;
  const { promise: gone, resolve: go } = withResolvers<void>();
  const { promise: ready, resolve, reject } = withResolvers<ServedModel>();
  const worker: ModelWorker = {
    ...{ ready, thread, batch: undefined },
    send(batch) {
      worker.batch = batch.id;
      say(batch);
    },
    end() {
      if (!ending) say('end');
      ending = true;
      return gone;
    },
  };
  thread.on('message', (message: FromWorker) => {
    if (message.type === 'ready') {
      // What was asked to end while it loaded ends now, and is never ready.
      if (!ending) resolve(message.model);
    } else if (message.type === 'refused') reject((failure = errorOf(message.error)));
    else if (message.id === worker.batch) {
      worker.batch = undefined;
      onAnswers(worker, message.answers);
    }
  });
  thread.on('error', (error) => (failure = error instanceof Error ? error : new Error(String(error))));
  thread.on('exit', (code) => {
    reject(failure ?? new Error(`a worker ended with status ${code} before its model was loaded`));
    onExit(worker, failure);
    go();
  });
  // Who starts it may look at `ready` later.
  ready.catch(() => undefined);
  return worker;
}
