/** Starting, asking and ending the server that is checked. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ServerOptions } from '@fieldcraft/serving';
import type { FromServer, ToServer } from './server-process.js';

export interface Asked {
  readonly method?: string | undefined;
  /** As it is sent. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly milliseconds: number;
}

export interface CheckedServer {
  readonly address: string;
  readonly port: number;
  /** Of the model that it started with. */
  readonly id: string;
  readonly process: ChildProcess;
  /** What it wrote to its log. */
  log(): string;
  ask(asked: Asked): Promise<Answered>;
  /** A prediction of the task `clauses` about a text. */
  predict(text: string, headers?: Asked['headers']): Promise<Answered>;
  endWorker(): void;
  memory(): Promise<{ rss: number; heap: number }>;
  /** A figure of /metrics, without labels. */
  figure(name: string): Promise<number>;
  /** By SIGTERM; its exit status. */
  stop(): Promise<number | null>;
}

export const json = { 'content-type': 'application/json' };

/** @throws Error with what the server says where it does not start */
export async function startServer({ config, ...options }: Omit<ServerOptions, 'routes'>): Promise<CheckedServer> {
  const settings = { port: 0, threads: 1, workers: 1, rateLimit: 0, maxInFlight: 10_000, ...config };
  const child = fork(
    fileURLToPath(new URL('./server-process.js', import.meta.url)),
    [JSON.stringify({ ...options, config: settings })],
    { execArgv: ['--expose-gc'], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  let written = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (written += text));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const hear = () => once(child, 'message').then(([message]) => message as FromServer);
  const said = await Promise.race([
    hear(),
    exited.then((code): FromServer => ({ failed: `it ended with status ${code}` })),
  ]);
  if (!('listening' in said)) throw new Error('failed' in said ? said.failed : 'it does not say where it listens');
  const port = Number(new URL(said.listening).port);
  const agent = new Agent({ keepAlive: true, maxSockets: 4_000 });
  const ask = (asked: Asked) => send(asked, { port, agent });
  const tell = (message: ToServer) => child.send(message);
  return {
    ...{ address: said.listening, id: said.id, port, process: child, ask },
    log: () => written,
    predict: (text, headers) =>
      ask({
        ...{ method: 'POST', path: '/v1/predict/clauses', headers: { ...json, ...headers } },
        body: JSON.stringify({ text }),
      }),
    endWorker: () => void tell('end a worker'),
    async memory() {
      const answer = hear();
      tell('memory');
      const memory = await answer;
      if ('rss' in memory) return memory;
      throw new Error('the server does not say what memory it has');
    },
    async figure(name) {
      const { body } = await ask({ path: '/metrics' });
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1]);
    },
    async stop() {
      agent.destroy();
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** @throws Error where there is no answer */
function send({ method = 'GET', path, headers = {}, body }: Asked, to: { port: number; agent: Agent }) {
  const started = performance.now();
  return new Promise<Answered>((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request({ host: '127.0.0.1', ...to, method, path, headers: { ...length, ...headers } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString('utf8'),
          milliseconds: performance.now() - started,
        }),
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Keeps `clients` requests in flight until `act`, which is given the number of each, says that it was the last. */
export async function inParallel(clients: number, act: (number: number) => Promise<boolean>): Promise<void> {
  let count = 0;
  let going = true;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (going) if (!(await act(count++))) going = false;
    }),
  );
}

/** Asks again and again; @throws Error where it did not become true in time */
export async function eventually(what: string, isTrue: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (const until = performance.now() + 1000 * seconds; performance.now() < until; await sleep(100))
    if (await isTrue()) return;
  throw new Error(`${what}: not within ${seconds} s`);
}

/** The least value that this share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
