/** Load on a server: as much as it takes, as much as arrives by itself, or one request at a time. */
import { foundation } from '@fieldcraft/core/internals';

/** Asks a server about a text. @throws whatever went wrong */
export type Ask = (text: string) => Promise<unknown>;

export interface Load {
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Of requests that were answered, milliseconds, from when each was due. */
  readonly latencies: readonly number[];
  readonly errors: number;
  /** What the first error was. */
  readonly firstError: string | undefined;
  /** Seconds of CPU time that asking took this process. */
  readonly askingSeconds: number;
}

export interface LoadOptions {
  readonly ask: Ask;
  /** Asked about one after the other, again and again. */
  readonly texts: readonly string[];
  /** How long requests are begun. */
  readonly seconds: number;
}

/** `inFlight` clients, each of which asks again as soon as it has its answer: what the server can do at most. */
export const loadFully = ({ inFlight, ...options }: LoadOptions & { inFlight: number }): Promise<Load> =>
  measure(options, async (begin, end) => {
    const client = async () => {
      do await begin(performance.now());
      while (performance.now() < end);
    };
    await Promise.all(Array.from({ length: inFlight }, client));
  });

/**
 * Requests that arrive by chance, `rate` a second on average (a Poisson process), whether or not those before were answered: a server that stalls is
 * not spared the requests that come meanwhile, and latencies count from when a request was due.
 */
export const loadByChance = ({ rate, seed, ...options }: LoadOptions & { rate: number; seed: number }): Promise<Load> =>
  measure(options, async (begin, end, start) => {
    const { uniform } = foundation.random(seed, 'arrivals');
    const gap = () => (-1000 * Math.log(1 - uniform())) / rate;
    const begun: Promise<void>[] = [];
    for (let due = start + gap(); due < end; due += gap()) {
      const early = due - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      begun.push(begin(due));
    }
    await Promise.all(begun);
  });

async function measure(
  { ask, texts, seconds }: LoadOptions,
  drive: (begin: (due: number) => Promise<void>, end: number, start: number) => Promise<void>,
): Promise<Load> {
  const latencies: number[] = [];
  let [next, errors] = [0, 0];
  let firstError: string | undefined;
  const begin = async (due: number): Promise<void> => {
    try {
      await ask(texts[next++ % texts.length]!);
      latencies.push(performance.now() - due);
    } catch (error) {
      errors++;
      firstError ??= String(error);
    }
  };
  const [started, before] = [performance.now(), process.cpuUsage()];
  await drive(begin, started + 1000 * seconds, started);
  const { user, system } = process.cpuUsage(before);
  return {
    seconds: (performance.now() - started) / 1000,
    ...{ latencies, errors, firstError },
    askingSeconds: (user + system) / 1e6,
  };
}

/** The smallest of the values that at least `share` of them do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
