/** What the interface and an app's own endpoints ask of the model: predictions within limits, and what the model is. */
import type { ModelInput, Vertical } from '@fieldcraft/core';
import type { ModelInfo } from './api/schemas.js';
import type { ServingConfig } from './config.js';
import type { Metrics } from './metrics.js';
import type { Served } from './pool/messages.js';
import type { Pool } from './pool/pool-types.js';
import { textsOf } from './pool/queue.js';
import type { ServedModel } from './pool/served-model.js';
import { HttpProblem } from './problem.js';

export interface AskedFor {
  readonly signal?: AbortSignal | undefined;
}

export interface Service {
  /** One prediction an input. @throws HttpProblem; FieldcraftError where an input lacks what the task reads */
  predict(task: string, inputs: readonly (string | ModelInput)[], options?: AskedFor): Promise<Served[]>;
  /** Every task's prediction about each text: by default of all tasks that read a text alone. */
  analyze(
    texts: readonly (string | ModelInput)[],
    options?: AskedFor & { readonly tasks?: readonly string[] | undefined },
  ): Promise<Record<string, Served>[]>;
  /** As `predict` and `analyze`, with the model that answered. */
  ask(
    tasks: readonly string[],
    inputs: readonly (string | ModelInput)[],
    options?: AskedFor,
  ): Promise<{ model: ServedModel; answers: Served[][] }>;
  model(): ModelInfo;
}

interface ServiceParts {
  readonly pool: Pool;
  readonly config: ServingConfig;
  readonly metrics: Pick<Metrics, 'answered'>;
  readonly vertical?: Pick<Vertical, 'name' | 'tasks'> | undefined;
}

export function createService({ pool, config, metrics, vertical }: ServiceParts): Service {
  const { maxTexts, maxCharacters, maxBytes, timeout } = config;

  function missing(): ModelInfo['missing'] {
    const { tasks, hidden } = pool.model;
    const has = new Set([...tasks, ...hidden].map(({ name }) => name));
    const untrained = Object.entries(vertical?.tasks ?? {})
      .filter(([name]) => !has.has(name))
      .map(([name, { kind }]) => ({ name, kind, command: `npx nx train ${vertical?.name} --tasks ${name}` }));
    return [...hidden, ...untrained];
  }

  function check(tasks: readonly string[], inputs: readonly (string | ModelInput)[]): void {
    const known = pool.model.tasks;
    for (const name of tasks) {
      if (known.some((task) => task.name === name)) continue;
      const lacking = missing().find((task) => task.name === name);
      if (lacking?.reason !== undefined) {
        const detail = `the task "${name}" is hidden: ${lacking.reason}`;
        throw new HttpProblem('missing', { detail, code: 'TASK_HIDDEN' });
      }
      throw new HttpProblem(
        'missing',
        lacking?.command === undefined
          ? {
              detail: `the model has no task "${name}"`,
              ...{ fix: `ask one of ${known.map((task) => task.name).join(', ')}`, code: 'FC_NOT_FOUND' },
            }
          : {
              detail: `the task "${name}" of this field was not trained in this model`,
              ...{ fix: `train it: ${lacking.command}`, code: 'TASK_NOT_TRAINED' },
            },
      );
    }
    const characters = inputs.reduce((sum, input) => sum + lengthOf(input), 0);
    if (inputs.length > maxTexts || characters > maxCharacters) {
      throw new HttpProblem('large', {
        detail: `${inputs.length} texts of ${characters} characters together`,
        fix: `send at most ${maxTexts} texts and ${maxCharacters} characters at a time, or NDJSON`,
      });
    }
  }

  async function ask(
    tasks: readonly string[],
    inputs: readonly (string | ModelInput)[],
    { signal }: AskedFor = {},
  ): Promise<{ model: ServedModel; answers: Served[][] }> {
    check(tasks, inputs);
    // One signal of both, which is gone with the request: those of `AbortSignal.any` and `timeout` would stay until the time is over.
    const given = new AbortController();
    const giveUp = () => given.abort(signal?.reason);
    const late = setTimeout(() => {
      const parts = { detail: `no answer within ${timeout} ms`, retryAfter: 1, code: 'HTTP_TIMEOUT' };
      given.abort(new HttpProblem('busy', parts));
    }, timeout);
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    try {
      const begun = performance.now();
      const asked = await pool.ask({ tasks, inputs }, { signal: given.signal });
      const seconds = (performance.now() - begun) / 1000;
      for (const [i, task] of tasks.entries()) {
        const answers = asked.answers[i]!;
        const reviews = answers.filter(({ needsReview }) => needsReview === true).length;
        metrics.answered({ task, answers: answers.length, reviews, seconds });
      }
      return asked;
    } finally {
      clearTimeout(late);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  return {
    ask,
    predict: async (task, inputs, options) => (await ask([task], inputs, options)).answers[0]!,
    async analyze(texts, { tasks = pool.model.textTasks, ...options } = {}) {
      const { answers } = await ask(tasks, texts, options);
      return byText(tasks, answers, texts.length);
    },
    model() {
      const { folder: _, hidden: __, notes: ___, ...model } = pool.model;
      return {
        ...model,
        vertical: model.vertical ?? vertical?.name ?? 'general',
        missing: missing(),
        limits: { texts: maxTexts, characters: maxCharacters, bytes: maxBytes },
      };
    },
  };
}

/** Answers by task, turned to answers by text. */
export const byText = (
  tasks: readonly string[],
  answers: readonly (readonly Served[])[],
  texts: number,
): Record<string, Served>[] =>
  Array.from({ length: texts }, (_, i) => Object.fromEntries(tasks.map((task, t) => [task, answers[t]![i]!])));

const lengthOf = (input: string | ModelInput): number => textsOf(input).reduce((sum, { length }) => sum + length, 0);
