/** What Prometheus is told: requests, times, batches, the queue that autoscaling looks at, workers, and which model answers. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { PoolEvents, PoolState } from './pool/pool-types.js';

export interface Metrics {
  readonly registry: Registry;
  readonly events: PoolEvents;
  request(about: {
    readonly route: string;
    readonly method: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /** Of one task of a request that the model answered. */
  answered(about: {
    readonly task: string;
    readonly answers: number;
    /** Those that a person should look at. */
    readonly reviews: number;
    readonly seconds: number;
  }): void;
  /** Asked at each scrape. */
  watch(state: () => PoolState): void;
  /** The same, of corrections that wait for their database. */
  watchFeedback(waiting: () => number): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'fieldcraft_' });
  const times = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
  const requests = new Counter({
    ...{ name: 'fieldcraft_requests_total', help: 'Requests answered', registers },
    labelNames: ['route', 'method', 'status'],
  });
  const seconds = new Histogram({
    ...{ name: 'fieldcraft_request_seconds', help: 'From a request to its answer', registers },
    ...{ labelNames: ['route'], buckets: times },
  });
  const taskSeconds = new Histogram({
    ...{ name: 'fieldcraft_task_seconds', help: 'Waiting and computing until a task is answered', registers },
    ...{ labelNames: ['task'], buckets: times },
  });
  const answers = new Counter({
    ...{ name: 'fieldcraft_answers_total', help: 'Predictions, by whether a person should look at them', registers },
    labelNames: ['task', 'review'],
  });
  const batchSeconds = new Histogram({
    ...{ name: 'fieldcraft_batch_seconds', help: 'Time that a worker takes for a batch', registers, buckets: times },
  });
  const batchTexts = new Histogram({
    ...{ name: 'fieldcraft_batch_texts', help: 'Texts of a batch', registers, buckets: [1, 2, 4, 8, 16, 32, 64, 128] },
  });
  const tokens = new Counter({ name: 'fieldcraft_tokens_total', help: 'Estimated tokens sent to workers', registers });
  const shed = new Counter({
    name: 'fieldcraft_shed_total',
    help: 'Requests refused because too much waits',
    registers,
  });
  const retried = new Counter({
    name: 'fieldcraft_retried_total',
    help: 'Pieces asked again after a worker fell',
    registers,
  });
  const restarts = new Counter({ name: 'fieldcraft_worker_restarts_total', help: 'Workers that fell', registers });
  const refused = new Counter({
    name: 'fieldcraft_reloads_refused_total',
    help: 'Models that could not be loaded',
    registers,
  });
  const info = new Gauge({
    ...{ name: 'fieldcraft_model_info', help: '1 for the model that answers', registers },
    labelNames: ['id', 'vertical', 'precision'],
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read());
      },
    });
  return {
    registry,
    events: {
      batch(about) {
        batchTexts.observe(about.texts);
        tokens.inc(about.tokens);
      },
      answered: ({ milliseconds }) => batchSeconds.observe(milliseconds / 1000),
      shed: () => shed.inc(),
      retried: (pieces) => retried.inc(pieces),
      restart: () => restarts.inc(),
      refused: () => refused.inc(),
      loaded({ id, vertical = '', precision }) {
        info.reset();
        info.set({ id, vertical, precision }, 1);
      },
    },
    request({ route, method, status, seconds: taken }) {
      requests.inc({ route, method, status });
      seconds.observe({ route }, taken);
    },
    answered({ task, answers: all, reviews, seconds: taken }) {
      taskSeconds.observe({ task }, taken);
      answers.inc({ task, review: 'yes' }, reviews);
      answers.inc({ task, review: 'no' }, all - reviews);
    },
    watch(state) {
      gauge('fieldcraft_queue_tokens', 'Estimated tokens that wait', () => state().queuedTokens);
      gauge('fieldcraft_queue_requests', 'Pieces of requests that wait', () => state().queuedPieces);
      gauge('fieldcraft_workers_ready', 'Workers with their model loaded', () => state().ready);
      gauge('fieldcraft_workers_busy', 'Workers at a batch', () => state().running);
    },
    watchFeedback(waiting) {
      gauge('fieldcraft_feedback_waiting', 'Corrections that wait for their database', waiting);
    },
  };
}
