/** A model that an app's own endpoints read with: it may be asked about as many texts as a document has sentences. */
import type {
  ClassificationPrediction,
  EntityPrediction,
  JointPrediction,
  ModelInput,
  MultiLabelPrediction,
  RelationPrediction,
} from '@fieldcraft/core';
import type { Certainty } from './pool/messages.js';
import { textsOf } from './pool/queue.js';

export type Classified = ClassificationPrediction & Certainty;
export type MultiLabelled = MultiLabelPrediction & Certainty;
export type Tagged = EntityPrediction & Certainty;
export type Related = (RelationPrediction | JointPrediction) & Certainty;

type Input = string | ModelInput;

export interface Reader {
  has(task: string): boolean;
  /** None of a task that the model lacks. */
  labels(task: string): readonly string[];
  /** The second texts that a task of pairs learnt, where its model keeps them. */
  statements(task: string): readonly string[];
  /** One answer a text, in order. Which kind of answer a task gives is for the caller to know. */
  ask<P>(task: string, inputs: readonly Input[]): Promise<readonly P[]>;
  /** As `ask` of each of the tasks that the model has, while each text is encoded once for all of them. */
  askAll<A extends object>(
    tasks: readonly (keyof A & string)[],
    inputs: readonly Input[],
  ): Promise<{ readonly [T in keyof A]?: readonly A[T][] }>;
}

/** What a reader tells of a task. */
interface ReadTask {
  readonly name: string;
  readonly labels: readonly string[];
  readonly statements?: readonly string[] | undefined;
}

/** What a reader needs of the server. */
export interface ReadingServer {
  predict(
    task: string,
    inputs: readonly Input[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly unknown[]>;
  analyze(
    inputs: readonly Input[],
    options: { readonly tasks: readonly string[]; readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  model(): { readonly tasks: readonly ReadTask[] };
}

/** Texts of one request: under the limit that requests have, and little enough to leave room for others between. */
const together = 32;
/** Characters of one request, unless one text has more. */
const characters = 50_000;

/** Asks in small requests, one after the other: a long document takes its turn beside short ones. */
export function createReader({ predict, analyze, model }: ReadingServer, signal?: AbortSignal): Reader {
  const trained = new Map(model().tasks.map((task) => [task.name, task]));
  return {
    has: (task) => trained.has(task),
    labels: (task) => trained.get(task)?.labels ?? [],
    statements: (task) => trained.get(task)?.statements ?? [],
    async ask<P>(task: string, inputs: readonly Input[]) {
      const answers: P[] = [];
      for (const some of requestsOf(inputs)) answers.push(...((await predict(task, some, { signal })) as readonly P[]));
      return answers;
    },
    async askAll<A extends object>(wanted: readonly (keyof A & string)[], inputs: readonly Input[]) {
      const tasks = wanted.filter((task) => trained.has(task));
      const results: Readonly<Record<string, unknown>>[] = [];
      for (const some of tasks.length > 0 ? requestsOf(inputs) : []) {
        results.push(...(await analyze(some, { tasks, signal })));
      }
      return Object.fromEntries(tasks.map((task) => [task, results.map((result) => result[task])])) as {
        [T in keyof A]?: A[T][];
      };
    },
  };
}

/** In order, at least one input each. */
function* requestsOf(inputs: readonly Input[]): Generator<readonly Input[]> {
  let some: Input[] = [];
  let size = 0;
  for (const input of inputs) {
    const length = textsOf(input).reduce((sum, text) => sum + text.length, 0);
    if (some.length > 0 && (some.length === together || size + length > characters)) {
      yield some;
      [some, size] = [[], 0];
    }
    some.push(input);
    size += length;
  }
  if (some.length > 0) yield some;
}

/** A class that was found, as an app's answers show it. */
export interface Judged {
  readonly label: string;
  readonly confidence: number;
  readonly needsReview?: boolean;
}

export const certaintyOf = ({ label, probabilities, needsReview }: Classified): Judged => ({
  label,
  confidence: Math.max(...probabilities),
  ...(needsReview !== undefined && { needsReview }),
});
