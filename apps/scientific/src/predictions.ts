/** What the app asks of the model, whoever serves it, and what it gets. */
import type {
  ClassificationPrediction,
  EntityPrediction,
  JointPrediction,
  ModelInput,
  MultiLabelPrediction,
  RelationPrediction,
} from '@fieldcraft/core';

export type { RetrievalPrediction } from '@fieldcraft/core';

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
  /** One answer a text, in order. */
  ask<P>(task: string, inputs: readonly (string | ModelInput)[]): Promise<readonly P[]>;
}
