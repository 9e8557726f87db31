/** A worker thread: loads the model once, then answers batches, one after the other, until it is asked to end. */
import { createAbstention, loadServable, type BundlePredictor, type Prediction } from '@fieldcraft/core';
import { parentPort, workerData } from 'node:worker_threads';
import { recordOf } from '../error-record.js';
import type { Answer, Batch, FromWorker, Served, ToWorker, WorkerSettings } from './messages.js';
import { describeModel } from './served-model.js';

const settings = workerData as WorkerSettings;
const say = (message: FromWorker) => parentPort?.postMessage(message);

async function start(): Promise<void> {
  const { model, precision, threads } = settings;
  const predictor = await loadServable(model, { threads, precision });
  const described = describeModel(predictor, settings);
  // The first run makes the engine plan its memory: it is not for a user to wait for.
  await predictor.analyze(['warm']);
  const assess = createAbstention(predictor.bundle);
  // Where no set was calibrated, a confidence is all there is to go by.
  const judge = (task: string, prediction: Prediction): Served => {
    const { needsReview, ...known } = assess(task, prediction, { coverage: settings.coverage });
    const unsure = known.confidence === undefined ? undefined : known.confidence < settings.reviewBelow;
    const review = needsReview ?? unsure;
    return { ...prediction, ...known, ...(review !== undefined && { needsReview: review }) };
  };
  const ending = new AbortController();
  let answering: Promise<void> | undefined;
  parentPort?.on('message', (message: ToWorker) => {
    if (message === 'end') void end();
    else answering = answer(predictor, message, { judge, signal: ending.signal });
  });
  say({ type: 'ready', model: described });

  /** Messages come between computations: with the one before over and no other begun, nothing keeps the thread when its port is closed. */
  async function end(): Promise<void> {
    ending.abort();
    await answering;
    await predictor.release();
    parentPort?.close();
  }
}

interface Answering {
  readonly judge: (task: string, prediction: Prediction) => Served;
  readonly signal: AbortSignal;
}

async function answer(
  predictor: BundlePredictor,
  { id, questions }: Batch,
  { judge, signal }: Answering,
): Promise<void> {
  const answers: Answer[] = await predictor.predictAll(questions, { signal }).then(
    (settled) =>
      settled.map((one, i) =>
        one.status === 'rejected'
          ? { error: recordOf(one.reason) }
          : { predictions: one.value.map((prediction) => judge(questions[i]!.task, prediction)) },
      ),
    (error: unknown) => questions.map(() => ({ error: recordOf(error) })),
  );
  say({ type: 'answers', id, answers });
}

start().catch((error: unknown) => {
  say({ type: 'refused', error: recordOf(error) });
  parentPort?.close();
});
