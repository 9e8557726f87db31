/** A reader without a model: a spec decides its answers, so that what an app makes of them can be checked. */
import type { ModelInput } from '@fieldcraft/core';
import { createReader, type Reader, type ReadingServer } from '../reader.js';

export interface AnsweringReader {
  /** What it has, with the labels and the statements of those that a spec asks for them. */
  readonly tasks: readonly {
    readonly name: string;
    readonly labels?: readonly string[];
    readonly statements?: readonly string[];
  }[];
  /** What a task says of one input. */
  readonly answer: (task: string, input: ModelInput) => unknown;
  /** Told of each request before it is answered. */
  readonly onAsked?: (task: string, inputs: readonly (string | ModelInput)[]) => void;
}

export function createAnsweringReader({ tasks, answer, onAsked }: AnsweringReader): Reader {
  const predict: ReadingServer['predict'] = (task, inputs) => {
    onAsked?.(task, inputs);
    return Promise.resolve(inputs.map((input) => answer(task, typeof input === 'string' ? { text: input } : input)));
  };
  return createReader({
    predict,
    async analyze(inputs, { tasks: wanted }) {
      const found = await Promise.all(wanted.map((task) => predict(task, inputs)));
      return inputs.map((_, i) => Object.fromEntries(wanted.map((task, t) => [task, found[t]![i]])));
    },
    model: () => ({ tasks: tasks.map((task) => ({ labels: [], ...task })) }),
  });
}
