/** Three times what the server can do: it answers what it can, and refuses the rest at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServingCheck } from '../serving.js';
import { inParallel, quantile, startServer } from './start-server.js';

/** Estimated tokens that may wait: a few batches. */
const queueTokens = 4_096;

export async function checkOverload({ bundle, seconds }: ServingCheck): Promise<string> {
  const server = await startServer({
    model: bundle,
    config: { ...{ queueTokens, batchTokens: 512, trustProxy: true, logLevel: 'error' }, timeout: 30_000 },
  });
  try {
    // Long enough for the model to be what is short, and not the hands that refuse.
    const text = 'The supplier shall deliver the goods within thirty days of the order. '.repeat(24);
    let answered = 0;
    const started = performance.now();
    await inParallel(16, async () => {
      if ((await server.predict(text)).status === 200) answered++;
      return performance.now() - started < 500 * seconds;
    });
    const capacity = answered / ((performance.now() - started) / 1000);
    const before = await server.memory();

    const taken: number[] = [];
    const refused: number[] = [];
    const others: string[] = [];
    let deepest = 0;
    const offered = 3 * capacity;
    const asked: Promise<void>[] = [];
    const from = performance.now();
    for (let now = from; now - from < 1000 * seconds; now = performance.now()) {
      while (asked.length < (offered * (now - from)) / 1000) {
        const client = { 'x-forwarded-for': `10.1.${asked.length % 250}.${asked.length % 199}` };
        asked.push(
          server.predict(text, client).then(
            ({ status, headers, body, milliseconds }) => {
              if (status === 200) taken.push(milliseconds);
              else if (status === 503 && Number(headers['retry-after']) > 0) refused.push(milliseconds);
              else others.push(`${status} ${body}`);
            },
            (error: unknown) => void others.push(String(error)),
          ),
        );
      }
      await sleep(5);
      if (asked.length % 20 === 0) deepest = Math.max(deepest, await server.figure('fieldcraft_queue_tokens'));
    }
    await Promise.all(asked);
    const throughput = taken.length / ((performance.now() - from) / 1000);
    const grown = (await server.memory()).rss - before.rss;
    const waits = `p99 ${quantile(taken, 0.99).toFixed(0)} ms of those answered, ${quantile(refused, 0.99).toFixed(0)} ms of those refused`;
    const figures = `capacity ${capacity.toFixed(0)}/s, offered ${offered.toFixed(0)}/s: ${taken.length} answered (${throughput.toFixed(0)}/s), ${refused.length} refused, ${waits}, at most ${deepest} of ${queueTokens} tokens waiting, memory ${(grown / 1e6).toFixed(0)} MB more`;
    if (others.length > 0) throw new Error(`${others.length} of ${asked.length} otherwise, the first: ${others[0]}`);
    if (refused.length === 0) throw new Error(`nothing was refused: ${figures}`);
    if (throughput < capacity / 3) throw new Error(`it does less than a third of what it can: ${figures}`);
    if (deepest > queueTokens || grown > 200e6) throw new Error(`the queue or memory is not bounded: ${figures}`);
    return figures;
  } finally {
    await server.stop();
  }
}
