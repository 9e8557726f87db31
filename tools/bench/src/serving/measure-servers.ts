/** What is measured of running servers, in turns, so that a machine that slows down slows all of them. */
import type { BareSession } from './bare-session.js';
import { loadByChance, loadFully, quantile, type Load } from './load.js';
import type { RunningServer } from './servers.js';
import type { TextSet } from './texts.js';

/** Of all rounds together. */
export interface LoadFigures {
  /** Share of the capacity of the same round at which requests came; 1 is full load. */
  readonly share: number;
  /** Answers a second. */
  readonly throughput: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly answered: number;
  readonly errors: number;
  readonly firstError?: string | undefined;
  /** Milliseconds of CPU time for an answer: of whoever asks, and of the server. */
  readonly askingCpu: number;
  readonly serverCpu: number | undefined;
}

/** One server with one set of texts. */
export interface Cell {
  readonly server: string;
  readonly precision: 'fp32' | 'int8';
  readonly set: string;
  /** Full load first. */
  readonly loads: readonly LoadFigures[];
}

export interface MeasureOptions {
  readonly servers: readonly RunningServer[];
  readonly set: TextSet;
  readonly rounds: number;
  /** Of each load. */
  readonly seconds: number;
  /** Clients at full load. */
  readonly inFlight: number;
}

export const shares = [0.5, 0.9] as const;

export async function measureServers({ servers, set, rounds, seconds, inFlight }: MeasureOptions): Promise<Cell[]> {
  const { texts } = set;
  const measured = servers.map(() => new Map<number, MeasuredLoad[]>());
  for (let round = 0; round < rounds; round++) {
    for (const [s, server] of servers.entries()) {
      const { ask } = server;
      const keep = (share: number, load: MeasuredLoad) =>
        measured[s]!.set(share, [...(measured[s]!.get(share) ?? []), load]);
      if (round === 0) await loadFully({ ask, texts, seconds: seconds / 4, inFlight });
      const full = await withServerTime(server, () => loadFully({ ask, texts, seconds, inFlight }));
      keep(1, full);
      for (const share of shares) {
        const rate = (share * full.latencies.length) / full.seconds;
        const load = () => loadByChance({ ask, texts, seconds, rate, seed: round });
        keep(share, await withServerTime(server, load));
      }
    }
  }
  return servers.map(({ title, precision }, s) => ({
    ...{ server: title, precision, set: set.title },
    loads: [...measured[s]!].map(([share, loads]) => figuresOf(share, loads)),
  }));
}

type MeasuredLoad = Load & { readonly serverSeconds: number | undefined };

async function withServerTime({ cpuSeconds }: RunningServer, load: () => Promise<Load>): Promise<MeasuredLoad> {
  const before = cpuSeconds();
  const done = await load();
  const after = cpuSeconds();
  return { ...done, serverSeconds: before === undefined || after === undefined ? undefined : after - before };
}

function figuresOf(share: number, loads: readonly MeasuredLoad[]): LoadFigures {
  const latencies = loads.flatMap((load) => load.latencies);
  const answered = latencies.length;
  const total = (read: (load: MeasuredLoad) => number) => loads.reduce((sum, load) => sum + read(load), 0);
  const firstError = loads.find((load) => load.firstError !== undefined)?.firstError;
  const serverKnown = loads.every(({ serverSeconds }) => serverSeconds !== undefined);
  return {
    ...{
      share,
      answered,
      errors: total(({ errors }) => errors),
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
    },
    ...(firstError !== undefined && { firstError }),
    throughput: answered / total(({ seconds }) => seconds),
    askingCpu: (1000 * total(({ askingSeconds }) => askingSeconds)) / answered,
    serverCpu: serverKnown ? (1000 * total(({ serverSeconds }) => serverSeconds!)) / answered : undefined,
  };
}

/** One request in flight, and the session alone, milliseconds at p50. */
export interface OneByOne {
  /** With the threads of a worker. */
  readonly bare: number;
  /** With all threads. */
  readonly fastest: number;
  readonly served: number;
}

const turn = 20;

export async function measureOneByOne({
  server,
  bare,
  fastest,
  texts,
  seconds,
}: {
  server: RunningServer;
  bare: BareSession;
  fastest: BareSession;
  texts: readonly string[];
  seconds: number;
}): Promise<OneByOne> {
  const times = { bare: [] as number[], fastest: [] as number[], served: [] as number[] };
  const time = async (into: number[] | undefined, act: () => Promise<unknown>) => {
    const started = performance.now();
    await act();
    into?.push(performance.now() - started);
  };
  let asked = 0;
  const ask = () => server.ask(texts[asked++ % texts.length]!);
  const end = performance.now() + 2000 * seconds;
  do {
    // The first of each turn finds cold caches and the other's threads still awake.
    for (let i = -2; i < turn; i++) await time(i < 0 ? undefined : times.bare, bare.run);
    for (let i = -2; i < turn; i++) await time(i < 0 ? undefined : times.fastest, fastest.run);
    for (let i = -2; i < turn; i++) await time(i < 0 ? undefined : times.served, ask);
  } while (performance.now() < end);
  const { bare: alone, fastest: together, served } = times;
  return { bare: quantile(alone, 0.5), fastest: quantile(together, 0.5), served: quantile(served, 0.5) };
}
