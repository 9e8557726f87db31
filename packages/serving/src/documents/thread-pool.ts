/**
 * Threads that each do one job at a time and are ended when it lasts too long. Threads are Node's own: Piscina loads modules by `require`, which on
 * Node 20 brings down the whole process where a thread is ended while it loads.
 */
import { Worker, type ResourceLimits, type TransferListItem } from 'node:worker_threads';

interface ThreadPool<Request, Answer> {
  /**
   * What is in `transfer` is the thread's from then on.
   * @throws the signal's reason once it is aborted, the thread having been ended; `QueueFull`; what ended the thread, such as an error with the code
   * ERR_WORKER_OUT_OF_MEMORY
   */
  run(request: Request, options: RunOptions): Promise<Answer>;
  close(): Promise<void>;
}

interface RunOptions {
  readonly signal: AbortSignal;
  readonly transfer: readonly TransferListItem[];
}

/** More jobs are waiting than may. */
export class QueueFull extends Error {}

interface Job<Request, Answer> extends RunOptions {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

interface ThreadPoolOptions {
  /** The module that a thread runs: it answers each message with one. */
  module: URL;
  threads: number;
  queue: number;
  resourceLimits: ResourceLimits;
  /** Milliseconds after which a thread that has nothing to do ends. */
  idle?: number;
}

export function createThreadPool<Request, Answer>(options: ThreadPoolOptions): ThreadPool<Request, Answer> {
  const { module, threads, queue: longest, resourceLimits, idle = 30_000 } = options;
  const queue: Job<Request, Answer>[] = [];
  const free: { worker: Worker; timer: NodeJS.Timeout }[] = [];
  const all = new Set<Worker>();
  let closed = false;

  function next(): void {
    while (queue.length > 0 && (free.length > 0 || all.size < threads)) {
      const job = queue.shift()!;
      const waiting = free.pop();
      if (waiting !== undefined) clearTimeout(waiting.timer);
      start(job, waiting?.worker ?? open());
    }
  }

  function open(): Worker {
    const worker = new Worker(module, { resourceLimits, env: {}, execArgv: [] });
    // An error that comes while it ends, or while it waits, is nobody's.
    worker.on('error', () => undefined);
    worker.on('exit', () => drop(worker));
    all.add(worker);
    return worker;
  }

  function start(job: Job<Request, Answer>, worker: Worker): void {
    worker.ref();
    const onMessage = (answer: Answer) => {
      settle(() => job.resolve(answer));
      release(worker);
    };
    const onEnd = (reason: unknown) => {
      settle(() => job.reject(reason));
      void end(worker).then(next);
    };
    const onAbort = () => onEnd(job.signal.reason);
    const onExit = () => onEnd(new Error('the thread ended by itself'));
    const settle = (give: () => void) => {
      job.signal.removeEventListener('abort', onAbort);
      // One by one: without its own listeners a worker hears nothing any more.
      worker.off('message', onMessage).off('error', onEnd).off('exit', onExit);
      give();
    };
    job.signal.addEventListener('abort', onAbort, { once: true });
    worker.once('message', onMessage).once('error', onEnd).once('exit', onExit);
    worker.postMessage(job.request, job.transfer);
  }

  function release(worker: Worker): void {
    if (closed) {
      void end(worker);
      return;
    }
    worker.unref();
    free.push({ worker, timer: setTimeout(() => drop(worker), idle).unref() });
    next();
  }

  function drop(worker: Worker): void {
    const at = free.findIndex((one) => one.worker === worker);
    if (at >= 0) clearTimeout(free.splice(at, 1)[0]!.timer);
    void end(worker);
  }

  async function end(worker: Worker): Promise<void> {
    await worker.terminate();
    all.delete(worker);
  }

  return {
    run: (request, options) =>
      new Promise<Answer>((resolve, reject) => {
        const { signal } = options;
        signal.throwIfAborted();
        const busy = free.length === 0 && all.size >= threads;
        if (busy && queue.length >= longest) throw new QueueFull('more is waiting than may');
        const job: Job<Request, Answer> = { ...options, request, resolve, reject };
        signal.addEventListener('abort', () => {
          if (!queue.includes(job)) return;
          queue.splice(queue.indexOf(job), 1);
          reject(signal.reason as Error);
        });
        queue.push(job);
        next();
      }),
    async close() {
      closed = true;
      for (const job of queue.splice(0)) job.reject(new Error('the pool of threads is closed'));
      for (const { timer } of free) clearTimeout(timer);
      await Promise.all([...all].map(end));
    },
  };
}
