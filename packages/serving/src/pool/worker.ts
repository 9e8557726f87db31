/** A worker thread: loads the model once, then answers batches, one after the other. */
import { loadServable, type BundlePredictor } from '@fieldcraft/core';
import { parentPort, workerData } from 'node:worker_threads';
import { certaintyOf } from './certainty.js';
import { recordOf } from './error-record.js';
import type { Answer, Batch, FromWorker, WorkerSettings } from './messages.js';
import { describeModel } from './served-model.js';

const settings = workerData as WorkerSettings;
const say = (message: FromWorker) => parentPort?.postMessage(message);

async function start(): Promise<void> {
  const { model, precision, threads } = settings;
  const predictor = await loadServable(model, { threads, precision });
  // The first run makes the engine plan its memory: it is not for a user to wait for.
  await predictor.analyze(['warm']);
  parentPort?.on('message', (batch: Batch) => void answer(predictor, batch));
  say({ type: 'ready', model: describeModel(predictor) });
}

async function answer(predictor: BundlePredictor, { id, questions }: Batch): Promise<void> {
  const answers: Answer[] = await predictor.predictAll(questions).then(
    (settled) =>
      settled.map((one) =>
        one.status === 'rejected'
          ? { error: recordOf(one.reason) }
          : { predictions: one.value.map((prediction) => ({ ...prediction, ...certaintyOf(prediction, settings) })) },
      ),
    (error: unknown) => questions.map(() => ({ error: recordOf(error) })),
  );
  say({ type: 'answers', id, answers });
}

start().catch((error: unknown) => {
  say({ type: 'refused', error: recordOf(error) });
  parentPort?.close();
});
