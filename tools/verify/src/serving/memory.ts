/** Memory over many requests: after the first fifth, in which everything is used once, it stays as it is. */
import type { ServingCheck } from '../serving.js';
import { inParallel, json, startServer } from './start-server.js';
import { sampleTexts } from './small-bundle.js';

/** Bytes that it may have more at the end: measuring alone moves it by megabytes. */
const most = { heap: 8e6, rss: 32e6 };

export async function checkMemory({ bundle, requests }: ServingCheck): Promise<string> {
  const server = await startServer({ model: bundle, config: { logLevel: 'fatal' } });
  try {
    const found: { rss: number; heap: number }[] = [];
    const started = performance.now();
    let done = 0;
    for (let part = 0; part < 5; part++) {
      const upTo = Math.ceil((requests * (part + 1)) / 5);
      await inParallel(8, async () => {
        if (done >= upTo) return false;
        const number = done++;
        const text = `${sampleTexts[number % sampleTexts.length]} ${number}`;
        const body = number % 5 === 0 ? { texts: [text, text] } : { text };
        const path = number % 5 === 0 ? '/v1/analyze' : '/v1/predict/clauses';
        const { status } = await server.ask({ method: 'POST', path, headers: json, body: JSON.stringify(body) });
        if (status !== 200) throw new Error(`request ${number} is answered ${status}`);
        return true;
      });
      found.push(await server.memory());
    }
    const rate = requests / ((performance.now() - started) / 1000);
    const megabytes = (of: 'rss' | 'heap') => found.map((one) => (one[of] / 1e6).toFixed(0)).join(', ');
    const figures = `${requests} requests (${rate.toFixed(0)}/s): resident ${megabytes('rss')} MB, heap ${megabytes('heap')} MB after each fifth`;
    const [first, last] = [found[0]!, found.at(-1)!];
    if (last.rss - first.rss > most.rss || last.heap - first.heap > most.heap) throw new Error(`it grows: ${figures}`);
    return figures;
  } finally {
    await server.stop();
  }
}
