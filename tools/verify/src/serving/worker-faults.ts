/** Workers that are ended in the middle of requests: each request is answered rightly or fails cleanly, and the workers come back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServingCheck } from '../serving.js';
import { eventually, inParallel, startServer } from './start-server.js';
import { sampleTexts } from './small-bundle.js';

export async function checkWorkers({ bundle, seconds }: ServingCheck): Promise<string> {
  const server = await startServer({ model: bundle, config: { workers: 2, logLevel: 'fatal', precision: 'fp32' } });
  try {
    const labelOf = (body: string) => (JSON.parse(body) as { predictions: { label: string }[] }).predictions[0]!.label;
    const expected = await Promise.all(sampleTexts.map(async (text) => labelOf((await server.predict(text)).body)));
    let [ended, answered, failed, going] = [0, 0, 0, true];
    const wrong: string[] = [];
    const ending = (async () => {
      for (const until = performance.now() + 1000 * seconds; performance.now() < until; ended++) {
        await sleep(400 + 300 * (ended % 3));
        server.endWorker();
      }
      going = false;
    })();
    await inParallel(8, async (number) => {
      const i = number % sampleTexts.length;
      const { status, body } = await server.predict(sampleTexts[i]!);
      if (status === 200 && labelOf(body) === expected[i]) answered++;
      else if (status === 503 && body.includes('"FC_BUSY"')) failed++;
      else wrong.push(`${status} ${body}`);
      return going;
    });
    await ending;
    await eventually('both workers are back', async () => (await server.figure('fieldcraft_workers_ready')) === 2);
    const restarts = await server.figure('fieldcraft_worker_restarts_total');
    const retried = await server.figure('fieldcraft_retried_total');
    const figures = `${ended} workers ended under load, ${restarts} started again; ${answered} requests answered, ${retried} of them asked again, ${failed} failed with FC_BUSY`;
    if (wrong.length > 0) throw new Error(`${wrong.length} answers are wrong, the first: ${wrong[0]}; ${figures}`);
    if (restarts === 0 || answered === 0) throw new Error(`no fault happened: ${figures}`);
    return figures;
  } finally {
    await server.stop();
  }
}
