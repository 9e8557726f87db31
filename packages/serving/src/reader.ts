/** A model that an app's own endpoints read with: it may be asked about as many texts as a document has sentences. */
import type {
  ClassificationPrediction,
  EntityPrediction,
  JointPrediction,
  ModelInput,
  MultiLabelPrediction,
  RelationPrediction,
} from '@fieldcraft/core';

/** Serving adds to a prediction whether a person should look at it. */
export interface Reviewed {
  readonly needsReview?: boolean;
}

export type Classified = ClassificationPrediction & Reviewed;
export type MultiLabelled = MultiLabelPrediction & Reviewed;
export type Tagged = EntityPrediction & Reviewed;
export type Related = (RelationPrediction | JointPrediction) & Reviewed;

export interface Reader {
  has(task: string): boolean;
  /** One answer a text, in order. Which kind of answer a task gives is for the caller to know. */
  ask<P>(task: string, inputs: readonly (string | ModelInput)[]): Promise<readonly P[]>;
}

/** What a reader needs of the server. */
export interface ReadingServer {
  predict(
    task: string,
    inputs: readonly (string | ModelInput)[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly unknown[]>;
  model(): { readonly tasks: readonly { readonly name: string }[] };
}

/** Texts of one request: under the limit that requests have, and little enough to leave room for others between. */
const together = 32;

/** Asks in small requests, one after the other: a long document takes its turn beside short ones. */
export function createReader({ predict, model }: ReadingServer, signal?: AbortSignal): Reader {
  const trained = new Set(model().tasks.map(({ name }) => name));
  return {
    has: (task) => trained.has(task),
    async ask<P>(task: string, inputs: readonly (string | ModelInput)[]) {
      const answers: P[] = [];
      for (let at = 0; at < inputs.length; at += together) {
        const some = await predict(task, inputs.slice(at, at + together), signal && { signal });
        answers.push(...(some as readonly P[]));
      }
      return answers;
    },
  };
}
