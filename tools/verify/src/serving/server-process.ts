/** The server that is checked, in a process of its own: its threads can be ended as a fault would end them, and it says what memory it has. */
import { subscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { serveUntilSignal, type ServerOptions } from '@fieldcraft/serving';

export type ToServer = 'end a worker' | 'memory';
export type FromServer =
  | { readonly listening: string; readonly id: string }
  | { readonly failed: string }
  /** Bytes, after a collection of garbage. */
  | { readonly rss: number; readonly heap: number };

/** Every thread that lives. Where no document is read and nothing is said of predictions, all are workers with the model. */
const threads = new Set<Worker>();
subscribe('worker_threads', (message) => {
  const { worker } = message as { worker: Worker };
  threads.add(worker);
  worker.once('exit', () => threads.delete(worker));
});

const say = (message: FromServer) => process.send?.(message);

try {
  const server = await serveUntilSignal(JSON.parse(process.argv[2] ?? '{}') as ServerOptions);
  process.on('message', (message: ToServer) => {
    if (message === 'end a worker') {
      const [worker] = threads;
      // It dies of a message that makes no sense. One that is terminated while the engine computes takes the process with it.
      worker?.postMessage({ id: -1 });
      return;
    }
    global.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    say({ rss, heap: heapUsed + external });
  });
  process.channel?.unref();
  say({ listening: server.address, id: server.model.id });
} catch (error) {
  say({ failed: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.disconnect();
}
