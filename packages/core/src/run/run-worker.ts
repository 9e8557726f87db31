/** The worker thread of a run. */
import { parentPort, workerData } from 'node:worker_threads';
import { FieldcraftError } from '../foundation/index.js';
import { executeRun } from './execute.js';
import type { WorkerInput, WorkerMessage } from './start-run.js';

const { request, stopFlag } = workerData as WorkerInput;
const flag = new Int32Array(stopFlag);
const post = (message: WorkerMessage) => parentPort?.postMessage(message);

try {
  const outcome = await executeRun(request, {
    emit: (event) => post({ kind: 'event', event }),
    stopRequested: () => Atomics.load(flag, 0) === 1,
  });
  post({
    kind: 'event',
    event: { kind: 'finished', folder: outcome.folder, report: outcome.report, next: [...outcome.nextSteps] },
  });
  post({ kind: 'done', outcome });
} catch (error) {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const known = error instanceof FieldcraftError ? error : undefined;
  // The cause may hold what cannot be cloned; the message already says what it was.
  const { cause: _, ...parts } = known?.parts ?? { what: message };
  post({ kind: 'failed', code: known?.code, parts: known ? parts : undefined, message, stack });
}
