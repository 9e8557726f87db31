/** What the server and its worker threads say to each other. */
import type { ModelInput, Prediction } from '@fieldcraft/core';
import type { ErrorRecord } from '../error-record.js';
import type { ServedModel } from './served-model.js';

/** One question to the model, as a batch holds it. */
export interface Question {
  readonly task: string;
  readonly inputs: readonly (string | ModelInput)[];
}

/** What the server adds to a prediction. */
export interface Certainty {
  /** Calibrated: the probability of what was answered, the least sure part of it where it has several. */
  readonly confidence?: number;
  /** The labels that cover the truth as often as was asked for. */
  readonly predictionSet?: readonly string[];
  readonly needsReview?: boolean;
}

export type Served = Prediction & Certainty;

export type Answer = { readonly predictions: readonly Served[] } | { readonly error: ErrorRecord };

export interface WorkerSettings {
  readonly model: string;
  readonly precision?: 'fp32' | 'int8';
  readonly threads: number;
  /** commercial: only tasks whose data may be used commercially are served. */
  readonly licence: 'any' | 'commercial';
  /** How often prediction sets are to hold the truth. */
  readonly coverage: number;
  readonly reviewBelow: number;
}

export interface Batch {
  readonly id: number;
  readonly questions: readonly Question[];
}

/** A batch, or that it shall end. */
export type ToWorker = Batch | 'end';

export type FromWorker =
  | { readonly type: 'ready'; readonly model: ServedModel }
  | { readonly type: 'refused'; readonly error: ErrorRecord }
  | { readonly type: 'answers'; readonly id: number; readonly answers: readonly Answer[] };
