/** A server in a process of its own, for specs: as in life, with its signals and its log. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ServerOptions } from './server.js';

export interface SpecServer {
  readonly address: string;
  readonly id: string;
  readonly process: ChildProcess;
  /** What it wrote to its log so far. */
  log(): string;
  /** Ends it by SIGTERM; its exit status. */
  stop(): Promise<number | null>;
}

type Started = { address: string; id: string } | { error: string };

export async function startSpecServer(options: Omit<ServerOptions, 'routes'>): Promise<SpecServer> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let written = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (written += text));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const started = await new Promise<Started>((resolve) => {
    child.once('message', (message: Started) => resolve(message));
    child.once('exit', (status) => resolve({ error: `the server ended with status ${status}` }));
  });
  if ('error' in started) throw new Error(started.error);
  return {
    ...started,
    process: child,
    log: () => written,
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { serveUntilSignal } = await import('./run-app.js');
    const { address, model } = await serveUntilSignal(JSON.parse(process.argv[2]!) as ServerOptions);
    process.send?.({ address, id: model.id } satisfies Started);
  } catch (error) {
    process.send?.({ error: String(error) } satisfies Started);
    process.exitCode = 1;
  }
  // Without a channel that is open the process ends when the server has.
  process.disconnect();
}
