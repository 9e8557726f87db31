/** Requests drawn at random: none brings the server down, and none is answered by a fault of ours. */
import type { ServingCheck } from '../serving.js';
import { createFuzzer } from './fuzz.js';
import { inParallel, startServer } from './start-server.js';

export interface FuzzRequest {
  readonly bundle: string;
  readonly work: string;
  readonly count: number;
  readonly seed: number;
}

/** Heap that a server may take more after all of them than after a tenth. */
const mostGrowth = 40e6;

export const checkFuzz = ({ bundle, work, fuzz: count, seed }: ServingCheck): Promise<string> =>
  fuzzServer({ bundle, work, count, seed });

/** @throws Error, with the first requests, where there was no answer, or one of a fault other than too much to do */
export async function fuzzServer({ bundle, work, count, seed }: FuzzRequest): Promise<string> {
  const server = await startServer({
    model: bundle,
    config: { ...{ dataFolder: work, trustProxy: true, logLevel: 'error' }, ...{ maxTexts: 16, timeout: 60_000 } },
  });
  try {
    const fuzzer = createFuzzer(seed);
    const statuses = new Map<number, number>();
    const faults: string[] = [];
    let heap = 0;
    await inParallel(8, async (number) => {
      if (number >= count) return false;
      const asked = fuzzer.next();
      const said = await server.ask(asked).then(
        ({ status, body }) => {
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          return status < 500 || (status === 503 && /"code":"(?:FC_BUSY|HTTP_BUSY)"/.test(body)) ? undefined : body;
        },
        (error: unknown) => (isOurs(error) ? `no request: ${String(error)}` : String(error)),
      );
      if (said?.startsWith('no request') === true) statuses.set(0, (statuses.get(0) ?? 0) + 1);
      else if (said !== undefined) faults.push(`request ${number} of seed ${seed}, ${describe(asked)}: ${said}`);
      if (number === Math.floor(count / 10)) ({ heap } = await server.memory());
      return faults.length < 20;
    });
    if (faults.length > 0)
      throw new Error(
        `${faults.length} faults, the first: ${faults.slice(0, 3).join('\n')}\n${server.log().slice(0, 5_000)}`,
      );
    if ((await server.predict('Goods are delivered.')).status !== 200) throw new Error('it answers no more');
    const grown = (await server.memory()).heap - heap;
    if (grown > mostGrowth) throw new Error(`the heap grew by ${(grown / 1e6).toFixed(0)} MB`);
    const counts = [...statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, times]) => `${status || 'not sent'}: ${times}`);
    return `${count} requests of seed ${seed}, ${counts.join(', ')}; heap ${grown < 0 ? '' : '+'}${(grown / 1e6).toFixed(1)} MB`;
  } finally {
    await server.stop();
  }
}

/** What Node's client does not send. */
const isOurs = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ERR_UNESCAPED_CHARACTERS' || error.code === 'ERR_INVALID_CHAR');

const describe = ({ method = 'GET', path, headers, body }: ReturnType<ReturnType<typeof createFuzzer>['next']>) =>
  `${method} ${path.slice(0, 200)} ${JSON.stringify(headers)} ${JSON.stringify(
    typeof body === 'string' ? body : body && Buffer.from(body).toString('latin1'),
  )?.slice(0, 500)}`;
