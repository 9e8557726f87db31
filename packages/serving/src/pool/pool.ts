/**
 * The pool: worker threads that each hold the model, and the queue before them. An idle worker takes what waits at once; while all are busy, batches
 * form by themselves. A worker may die at any moment, and a new model may take the place of the old one: no request is lost by either.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpProblem } from '../problem.js';
import { cutInputs } from './cut-questions.js';
import { errorOf } from '../error-record.js';
import type { Answer, WorkerSettings } from './messages.js';
import { startWorker, type ModelWorker } from './model-worker.js';
import { orAborted } from './or-aborted.js';
import type { Asked, AskOptions, Pool, PoolOptions } from './pool-types.js';
import { createQueue, type Piece } from './queue.js';
import type { ServedModel } from './served-model.js';

/** Workers that loaded the same model. */
interface Generation {
  readonly settings: WorkerSettings;
  model: ServedModel;
  readonly workers: Set<ModelWorker>;
  readonly idle: Set<ModelWorker>;
}

interface Running {
  readonly pieces: readonly Piece[];
  readonly generation: Generation;
  readonly started: number;
  readonly timer: NodeJS.Timeout;
}

interface Settled {
  readonly answers: readonly Answer[];
  readonly model: ServedModel;
}

/** A worker that falls again and again is started after longer and longer pauses, milliseconds. */
const pauses = [0, 200, 1000, 5000, 20_000];
/** Worker deaths that a piece survives. */
const lives = 2;
/** What a worker has to end by itself before `close` terminates it, milliseconds: more than any one computation takes, or loading a model. */
const grace = 60_000;

/** @throws FieldcraftError as `loadServable`, where the model cannot be loaded. */
export async function createPool(options: PoolOptions): Promise<Pool> {
  const { workers: count, batchTokens, queueTokens, batchWait, batchTimeout, on = {} } = options;
  const { threads, licence, reviewBelow, coverage, precision } = options;
  const queue = createQueue();
  const running = new Map<ModelWorker, Running>();
  const drained = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();
  /** All that live, those of a model that is still being loaded too. */
  const living = new Set<ModelWorker>();
  const hanging = new Set<ModelWorker>();
  let batches = 0;
  let falls = 0;
  let closed = false;
  let waiting: NodeJS.Timeout | undefined;
  /** Estimated tokens a millisecond, as of late: what the time to wait is told by. */
  let speed = 1;
  let reloading: Promise<ServedModel> | undefined;

  const settingsOf = (model: string): WorkerSettings => ({
    ...{ model, threads, licence, reviewBelow, coverage },
    ...(precision && { precision }),
  });
  /** The generation whose workers come back. */
  let live: object | undefined;
  let current = await load(settingsOf(options.model));
  live = current;
  on.loaded?.(current.model);

  async function load(settings: WorkerSettings): Promise<Generation> {
    const generation: Omit<Generation, 'model'> = { settings, workers: new Set(), idle: new Set() };
    const starting = Array.from({ length: count }, () => begin(generation));
    try {
      const models = await Promise.all(starting.map((worker) => worker.ready));
      if (new Set(models.map(({ id }) => id)).size > 1) throw new Error('the model changed while it was loaded');
      for (const worker of generation.workers) generation.idle.add(worker);
      return Object.assign(generation, { model: models[0]! });
    } catch (error) {
      generation.workers.clear();
      await Promise.all(starting.map((worker) => worker.end()));
      throw error;
    }
  }

  function begin(generation: Omit<Generation, 'model'>): ModelWorker {
    const worker = startWorker(generation.settings, {
      onAnswers: finish,
      onExit(worker, error) {
        living.delete(worker);
        hanging.delete(worker);
        lose(worker, generation, error);
      },
    });
    generation.workers.add(worker);
    living.add(worker);
    return worker;
  }

  /** It fell, or hangs: what it had is asked again, and where it was not ended another takes its place. */
  function lose(worker: ModelWorker, generation: Omit<Generation, 'model'>, error: Error | undefined): void {
    const lost = running.get(worker);
    running.delete(worker);
    generation.idle.delete(worker);
    const expected = !generation.workers.delete(worker);
    if (lost) retry(lost);
    if (!expected && !closed && generation === live) comeBack(current, error);
    settleDrained();
  }

  /** Another worker begins, later each time that none stays up. */
  function comeBack(generation: Generation, error: Error | undefined): void {
    on.restart?.(error);
    const pause = pauses[Math.min(falls++, pauses.length - 1)]!;
    after(pause, () => {
      if (closed || generation !== current) return;
      const worker = begin(generation);
      worker.ready.then(
        (model) => {
          if (generation !== current || !generation.workers.has(worker)) return void worker.end();
          if (model.id === generation.model.id) {
            generation.idle.add(worker);
            dispatch();
            return;
          }
          // Somebody changed the files under us: all workers must answer by the same model.
          generation.workers.delete(worker);
          void worker.end();
          reload().catch((reason: Error) => on.refused?.(reason));
        },
        () => undefined,
      );
    });
  }

  function after(milliseconds: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, milliseconds);
    timers.add(timer);
  }

  function retry({ pieces, timer }: Running): void {
    clearTimeout(timer);
    const alive = pieces.filter((piece) => !piece.dropped);
    for (const piece of alive) piece.attempts++;
    const again = alive.filter(({ attempts }) => attempts < lives);
    queue.putBack(again);
    if (again.length > 0) on.retried?.(again.length);
    for (const piece of alive) {
      if (!again.includes(piece)) refuse(piece, 'the worker that read this request stopped, twice');
    }
    dispatch();
  }

  function refuse(piece: Piece, what: string): void {
    const answers = piece.questions.map(() => ({ error: { code: 'FC_BUSY', what } }));
    piece.settle(answers, current.model);
  }

  function dispatch(): void {
    if (closed || queue.length === 0 || current.idle.size === 0) return;
    const wait = batchWait - queue.oldest(performance.now());
    if (queue.tokens < batchTokens && wait > 0) {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        dispatch();
      }, wait);
      return;
    }
    // What is left is for those that will be idle next: a fuller batch is hardly faster a text, and all in it wait for its end. Who has it wait wants it full.
    queue.prune();
    const share = batchWait > 0 ? batchTokens : Math.min(batchTokens, Math.ceil(queue.tokens / current.workers.size));
    for (const worker of current.idle) {
      const pieces = queue.take(share);
      if (pieces.length === 0) break;
      current.idle.delete(worker);
      run(worker, pieces);
    }
    settleDrained();
  }

  function run(worker: ModelWorker, pieces: readonly Piece[]): void {
    const generation = current;
    const timer = setTimeout(() => {
      // Not terminated: the engine, which nothing can interrupt, would take the whole process down when it comes back to a thread that is being
      // terminated, and one that never comes back cannot be terminated either. A slow one ends by itself after its computation. One that hangs
      // costs a thread and the memory of a model: /healthz asks for a new process when there are too many.
      hanging.add(worker);
      void worker.end();
      lose(worker, generation, new Error(`a batch was not answered within ${batchTimeout} ms`));
    }, batchTimeout);
    running.set(worker, { pieces, generation, started: performance.now(), timer });
    worker.send({ id: ++batches, questions: pieces.flatMap(({ questions }) => questions) });
    const tokens = pieces.reduce((sum, piece) => sum + piece.tokens, 0);
    const texts = pieces.reduce((sum, { questions }) => sum + (questions[0]?.inputs.length ?? 0), 0);
    on.batch?.({ pieces: pieces.length, texts, tokens });
  }

  function finish(worker: ModelWorker, answers: readonly Answer[]): void {
    const done = running.get(worker);
    if (done === undefined) return;
    running.delete(worker);
    clearTimeout(done.timer);
    falls = 0;
    const { pieces, started, generation } = done;
    const milliseconds = Math.max(performance.now() - started, 0.1);
    speed += 0.1 * (pieces.reduce((sum, { tokens }) => sum + tokens, 0) / milliseconds - speed);
    on.answered?.({ milliseconds });
    if (generation === current) generation.idle.add(worker);
    else {
      generation.workers.delete(worker);
      void worker.end();
    }
    // The worker first, then who waits for its answers.
    dispatch();
    let from = 0;
    for (const piece of pieces) {
      const to = from + piece.questions.length;
      piece.settle(answers.slice(from, to), generation.model);
      from = to;
    }
    settleDrained();
  }

  function settleDrained(): void {
    if (queue.length > 0 || running.size > 0) return;
    for (const resolve of drained) resolve();
    drained.clear();
  }

  async function ask({ tasks, inputs }: Asked, { signal }: AskOptions = {}): ReturnType<Pool['ask']> {
    signal?.throwIfAborted();
    const parts = cutInputs(inputs, { budget: batchTokens, workers: count });
    const tokens = parts.reduce((sum, part) => sum + part.tokens, 0);
    if (closed || (queue.tokens > 0 && queue.tokens + tokens > queueTokens)) {
      on.shed?.();
      const milliseconds = queue.tokens / (speed * Math.max(1, current.workers.size));
      throw new HttpProblem('busy', {
        detail: closed ? 'the server is going down' : 'more waits already than can be answered soon',
        ...{ fix: 'ask again after the time that Retry-After names', code: 'FC_BUSY' },
        // Where it goes down, another may answer, and this one never will.
        ...(!closed && { retryAfter: Math.max(1, Math.ceil(milliseconds / 1000)) }),
      });
    }
    const queued = performance.now();
    const pieces: Piece[] = [];
    const answered = parts.map(
      ({ inputs: some, ...sizes }) =>
        new Promise<Settled>((resolve) => {
          const questions = tasks.map((task) => ({ task, inputs: some }));
          const settle: Piece['settle'] = (answers, model) => resolve({ answers, model });
          pieces.push({ questions, ...sizes, queued, attempts: 0, dropped: false, settle });
        }),
    );
    queue.add(pieces);
    dispatch();
    const all = await orAborted(Promise.all(answered), signal, () => {
      for (const piece of pieces) piece.dropped = true;
    });
    const model = all[0]?.model ?? current.model;
    // A new model came in between: one answer is never of two models.
    if (all.some((one) => one.model !== model)) return ask({ tasks, inputs }, { signal });
    const answers = tasks.map((_, t) =>
      all.flatMap((piece) => {
        const answer = piece.answers[t]!;
        if ('error' in answer) throw errorOf(answer.error);
        return answer.predictions;
      }),
    );
    return { model, answers };
  }

  function reload(path = current.settings.model): Promise<ServedModel> {
    // One at a time: the second caller asks for what is there when the first is done.
    const next = (reloading ?? Promise.resolve()).then(
      () => replace(path),
      () => replace(path),
    );
    reloading = next;
    return next;
  }

  async function replace(path: string): Promise<ServedModel> {
    if (closed) throw new Error('the pool is closed');
    const next = await load(settingsOf(path)).catch((error: Error) => {
      if (!closed) on.refused?.(error);
      throw error;
    });
    const old = current;
    live = current = next;
    falls = 0;
    // Busy ones end with their batch.
    for (const worker of old.idle) {
      old.workers.delete(worker);
      void worker.end();
    }
    old.idle.clear();
    on.loaded?.(next.model);
    dispatch();
    return next.model;
  }

  return {
    get model() {
      return current.model;
    },
    state: () => ({
      ...{ ready: current.idle.size + running.size, workers: count, running: running.size },
      ...{ queuedTokens: queue.tokens, queuedPieces: queue.length, hanging: hanging.size },
    }),
    ...{ ask, reload },
    drain: () =>
      new Promise((resolve) => {
        drained.add(resolve);
        settleDrained();
      }),
    async close() {
      closed = true;
      clearTimeout(waiting);
      for (const timer of timers) clearTimeout(timer);
      for (const { timer, pieces } of running.values()) {
        clearTimeout(timer);
        queue.putBack(pieces);
      }
      running.clear();
      for (let left = queue.take(Infinity); left.length > 0; left = queue.take(Infinity))
        for (const piece of left) refuse(piece, 'the server went down before it could answer');
      settleDrained();
      const ended = Promise.all([...living].map((worker) => worker.end()));
      await Promise.race([ended, sleep(grace, undefined, { ref: false })]);
      // Of what is left one that loops in JavaScript ends so; one that the engine holds could be taken for a fault, but nobody is served any more.
      for (const { thread } of living) void thread.terminate();
    },
  };
}
