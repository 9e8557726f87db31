/** What a baseline is: something that learns from the same examples as the model and answers in the same shape. */

/**
 * `fit` learns from examples and returns a predictor whose output is scored by the very code that scores the model:
 * probabilities `[texts, labels]` row-major for classification and multi-label, spans per text for entities.
 * Fitting is synchronous and deterministic.
 */
export interface Baseline<Example, Input, Prediction> {
  name: string;
  fit(train: readonly Example[]): Predictor<Input, Prediction>;
}

export type Predictor<Input, Prediction> = (inputs: readonly Input[]) => Prediction;

/** What a predictor of texts reads. */
export interface TextInput {
  text: string;
}

export interface LabelledText extends TextInput {
  label: string;
}

export interface MultiLabelledText extends TextInput {
  labels: readonly string[];
  /** Labels whose truth is unknown for this text. */
  masked?: readonly string[];
}

/** A text with its words as [start, end) in UTF-16 indices, where the data has words. */
export interface WordedText extends TextInput {
  words?: readonly (readonly [start: number, end: number])[];
}

export interface EntityText extends WordedText {
  entities: readonly { start: number; end: number; label: string }[];
}
