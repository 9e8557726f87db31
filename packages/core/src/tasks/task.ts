/** What a task type is: how its examples become numbers, its head and loss, and how numbers become predictions and scores again. */
import type { Value } from '../graph/index.js';
import type { ExampleBase, ModelInput, TaskKind } from '../data/index.js';
import type { Mistake } from '../evaluation/index.js';
import type { Interval } from '../metrics/index.js';
import type { EncodedRows, ModelConfig, SequenceBatch } from '../models/index.js';
import type { Builder } from '../nn/index.js';
import type { Tensor } from '../runtime/index.js';
import type { Tokenizer } from '../text/index.js';
import type { KnownWords, SharedWords } from './shared-words.js';
import type { TagTransitions } from './tag-transitions.js';
import type { TaskSettings } from './task-options.js';

/** The sizes of a batch. Token rows are position first: row = position * batch + sequence. */
export type SequenceLayout = Pick<SequenceBatch, 'batch' | 'length' | 'tokens'>;

/** What there is of an example when its truth is not known. */
export interface Unlabelled extends ModelInput {
  readonly id: string;
}

/** One window of one example, tokenised: the unit that batches are made of. A short text has one. */
export interface Feature {
  /** Index into the examples that were given. */
  readonly example: number;
  /** Which window of the example this is, from 0. */
  readonly window: number;
  readonly ids: Int32Array;
  readonly typeIds: ArrayLike<number>;
  /** UTF-16 offsets of each token in the example's text; 0, 0 for special tokens. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Which word of the tokenizer each token belongs to, counted over the whole text; -1 for special tokens. */
  readonly wordIds: Int32Array;
  /** Positions [first, first + count) hold the tokens [offset, offset + count) of the text; the others are special tokens. */
  readonly stretch: {
    readonly first: number;
    readonly count: number;
    readonly offset: number;
    /** Of a pair, the text that they are of. */
    readonly of?: 'text' | 'second';
  };
  /**
   * The truth as numbers, in the task's own layout: one class, one value a label, or one class a token. Absent when predicting.
   * -100 leaves an element out of the loss.
   */
  readonly target?: Float32Array | Int32Array;
  /** Neighbours with the same number stay in one batch when learnt from. */
  readonly group?: number;
  /** The pairs of entities that the head is asked about; at most one a position. */
  readonly pairs?: readonly AskedPair[];
}

/** Words of a window, as many as `count` from the one numbered `first` on. */
export interface WordRange {
  readonly first: number;
  readonly count: number;
}

/** Two entities in a window, and which of the example's they are. */
export interface AskedPair {
  readonly head: WordRange;
  readonly tail: WordRange;
  readonly numbers: { readonly head: number; readonly tail: number };
  /** The relations that truly hold, as numbers of labels. Absent when predicting. */
  readonly relations?: readonly number[];
}

export interface FeatureOptions {
  /** Tokens a window, special tokens included. */
  maxLength: number;
  /** Tokens that neighbouring windows share. */
  stride: number;
  /** Also fill in `target`. Examples without their truth are then an error, FC_DATA. */
  targets: boolean;
  /** Whether they are to be learnt from: a kind may then leave windows out. Default false. */
  learning?: boolean;
  /** Folder in which tokens are kept for the next time. Default: they are not. */
  cacheFolder?: string;
}

/** What is learnt on the dev part besides weights, and saved with the model. */
export interface Tuning {
  /** Multi-label: one decision threshold a label, for probabilities after `temperature`. */
  readonly thresholds?: readonly number[];
  /** A text whose likeliest label in scope is less likely is out of scope. */
  readonly scopeThreshold?: number;
  /** Divides logits before probabilities are made (Guo et al. 2017). */
  readonly temperature?: number;
  /** Slot filling: that of the intents; `temperature` is of the slots, `thresholds` of the intents. */
  readonly intentTemperature?: number;
  /** Span selection: the most that the score of no answer may exceed that of an answer which is given. */
  readonly nullThreshold?: number;
  /** Span selection: makes the shares of spans by which the answer is the one that agrees most with all; absent: it is the best. */
  readonly agreement?: number;
  /** Code assignment, whose one threshold is in `thresholds`: what is added to the log-odds of codes that training does not have. */
  readonly titleOffset?: number;
  /** What words say beside the encoder. */
  readonly words?: SharedWords;
  /** Entities: which tags follow which; absent: each word has its likeliest. */
  readonly transitions?: TagTransitions;
}

/** One task of a run: its type bound to its labels and options. `E` are its examples, `P` its predictions. */
export interface Task<E extends ExampleBase, P> {
  readonly name: string;
  readonly kind: TaskKind;
  readonly labels: readonly string[];
  /** The names of what the head gives a number for, in order: the labels, or of token tasks their tags. */
  readonly outputs: readonly string[];
  /** What must be kept with a model of it, beside its labels and its tuning. */
  readonly settings: TaskSettings;
  /** The score that early stopping watches and tables lead with, such as `macroF1`. Larger is better. */
  readonly mainMetric: string;

  /** Tokenises and cuts examples into windows; one or more features an example, in order. */
  features(examples: readonly (E | Unlabelled)[], tokenizer: Tokenizer, options: FeatureOptions): Promise<Feature[]>;
  /** What a reader of results should know of this reading, one sentence each, with counts; often none. */
  notes(examples: readonly E[], features: readonly Feature[]): string[];
  /** Whether the loss compares the windows of a batch with each other: see `Objective`. Default false. */
  readonly acrossBatch?: boolean;
  /** Windows of a batch to learn from, where it is not for the run to say: where they are each other's negatives. */
  readonly batchWindows?: number;
  /** Whether the test part is scored whole whatever the profile says: where part of it would be an easier test. Default false. */
  readonly testedWhole?: boolean;
  /** Adds the head to a graph: logits [batch, labels] or, for token tasks, [tokens, labels] with rows position first. */
  head(builder: Builder, encoded: EncodedRows, config: ModelConfig): Value;
  /** What the head reads besides the encoder's output; most read nothing more. */
  headFeeds?(features: readonly Feature[], layout: SequenceLayout, config: ModelConfig): Record<string, Tensor>;
  /**
   * The windows that one epoch learns from, where it counts only some of what they could teach: always the same for a seed and an epoch, so
   * that a resumed run goes on as if it had not stopped.
   */
  draw?(features: readonly Feature[], options: { seed: number; epoch: number }): Feature[];
  /** What remains to be asked once the logits of all windows are known; `tune` and `decode` are then given both, these last. */
  askFurther?(
    examples: readonly Unlabelled[],
    features: readonly Feature[],
    logits: readonly Float32Array[],
  ): Feature[];
  /** Adds inputs for the targets and the loss of a batch, a scalar. */
  loss(builder: Builder, logits: Value): Value;
  /**
   * How far the answers of logits q are from those of logits p, a scalar: KL(p || q), over what the loss counts and the mean of what it is the mean
   * of. Its targets say what counts, and nothing else.
   */
  divergence(builder: Builder, p: Value, q: Value): Value;
  /** The target inputs of a batch. */
  targetFeeds(features: readonly Feature[], layout: SequenceLayout): Record<string, Tensor>;
  /** Cuts a batch's logits apart: one array a feature, [labels] or [its tokens, labels] in reading order. */
  splitLogits(logits: Float32Array, features: readonly Feature[], layout: SequenceLayout): Float32Array[];
  /**
   * The logits of one example's windows by a mixture of two models, in which that of `b` weighs `share`, between 0 and 1: they are decoded to
   * probabilities that are 1 - share times those of `a` and share times those of `b`. Absent where answers of models have no mean: vectors lie in
   * a space of their own, and what joint extraction asks further depends on what it found.
   */
  mix?(a: readonly Float32Array[], b: readonly Float32Array[], share: number): Float32Array[];
  /** Of tasks that compare texts by vectors: that of each example's text, of length 1. */
  vectors?(examples: number, features: readonly Feature[], logits: readonly Float32Array[]): Float32Array[];
  /** Learns thresholds and temperature from the dev part; of tasks with `learnWords` also where words count, which are then part of it. */
  tune(
    examples: readonly E[],
    features: readonly Feature[],
    logits: readonly Float32Array[],
    words?: SharedWords,
  ): Tuning;
  /** The words of training examples, of kinds where they can count beside the encoder. */
  learnWords?(examples: readonly E[]): KnownWords;
  /** One prediction an example, windows merged. Without tuning: thresholds of 0.5 and a temperature of 1. */
  decode(
    examples: readonly Unlabelled[],
    features: readonly Feature[],
    logits: readonly Float32Array[],
    tuning: Tuning,
  ): P[];
  /** Scores of predictions against the truth, from the metrics room. */
  score(examples: readonly E[], predictions: readonly P[]): Scores;

  /** Intervals of the headline metrics, under the names that `score` gives them. */
  intervals(examples: readonly E[], predictions: readonly P[], options: IntervalOptions): Record<string, Interval>;
  /** Whether the encoder does the task before it has learnt anything: a result then also stands beside the untouched encoder's. Default false. */
  readonly worksUntrained?: boolean;
  /** The simple methods that every result stands beside. */
  baselines(): TaskBaseline<E, P>[];
  /**
   * What parameters of the head start from where that takes the encoder as it is before training, by name. `encode` gives each text's mean of
   * the last layer's token rows.
   */
  startingWeights?(encode: EncodeTexts): Promise<ReadonlyMap<string, Float32Array>>;
  /** What a weight of the head is outside, where it is not what it is here. */
  publishedWeight?(parameter: string, data: Float32Array): Float32Array;
  /** All wrong predictions, the worst first. */
  mistakes(examples: readonly E[], predictions: readonly P[]): Mistake[];
}

export type EncodeTexts = (texts: readonly string[]) => Promise<Float32Array[]>;

/** A simple method, bound to a task's labels. Learns from `train`; what needs tuning is tuned on `dev`, as the model's is. */
export interface TaskBaseline<E, P> {
  readonly name: string;
  predict(train: readonly E[], dev: readonly E[], test: readonly E[]): P[];
}

export interface IntervalOptions {
  readonly seed: number;
  /** The document of each example: documents are then drawn whole. */
  readonly groups?: readonly string[] | undefined;
  /** Test sets to score in place of drawn ones, each as indices of examples; an interval's `values` are then their scores. */
  readonly samples?: Iterable<readonly number[]> | undefined;
}

/** A matrix, row-major, as lists. */
export const rowsOf = (matrix: Float64Array, width: number): number[][] =>
  Array.from({ length: matrix.length / width }, (_, i) => Array.from(matrix.subarray(i * width, (i + 1) * width)));

/** Named numbers, a table a label, and for classification the confusion matrix. */
export interface Scores {
  readonly metrics: Readonly<Record<string, number>>;
  readonly perLabel: readonly { label: string; precision: number; recall: number; f1: number; support: number }[];
  /** [gold][predicted], single-label classification only. */
  readonly confusion?: readonly (readonly number[])[];
  /** Reliability diagram, where predictions carry probabilities. */
  readonly reliability?: readonly { confidence: number; accuracy: number; count: number }[];
}

export interface ClassificationPrediction {
  readonly label: string;
  /** Calibrated, one a label, in the order of the task's labels. */
  readonly probabilities: readonly number[];
  /** Of a pair with a long text: the passage that spoke most for the label. */
  readonly evidence?: Evidence;
}

/** A stretch of one text of a pair: UTF-16 indices, `end` exclusive. */
export interface Evidence {
  readonly of: 'text' | 'second';
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface ChoicePrediction {
  /** Which choice, from 0. */
  readonly choice: number;
  /** Calibrated, one a choice. */
  readonly probabilities: readonly number[];
}

/** A stretch of a text: UTF-16 indices, `end` exclusive. */
export interface PredictedAnswer {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface SpanPrediction {
  /** Absent where the text is taken not to answer the question. */
  readonly answer?: PredictedAnswer;
  /** A few, that to answer with first and then the best, whether or not an answer is given, with their shares among all spans tried and no answer. */
  readonly candidates: readonly (PredictedAnswer & { readonly probability: number })[];
  /** The share of no answer. */
  readonly noAnswer: number;
}

/** Numbers of the entities that were given, or found, from 0: the relation goes from `head` to `tail`. */
export interface PredictedRelation {
  readonly head: number;
  readonly tail: number;
  readonly label: string;
  readonly confidence: number;
}

export interface RelationPrediction {
  readonly relations: readonly PredictedRelation[];
  /** The entities that the numbers mean, where they were not given but found. */
  readonly entities?: readonly PredictedEntity[];
}

export interface JointPrediction extends RelationPrediction {
  readonly entities: readonly PredictedEntity[];
}

export interface RegressionPrediction {
  readonly value: number;
}

export interface CodeGuess {
  readonly code: string;
  readonly probability: number;
  /** The segment with the most attention for the code: shown, not evaluated. */
  readonly evidence?: Evidence;
}

/** Codes of a document, the likelier first. */
export interface CodePrediction {
  /** Those assigned, with their evidence. */
  readonly codes: readonly CodeGuess[];
  /** The likeliest of all, assigned or not. */
  readonly ranking: readonly CodeGuess[];
  /** The likeliest of those that training does not have, the first few with their evidence. */
  readonly unseen: readonly CodeGuess[];
}

export interface SimilarityPrediction {
  /** In the unit of the scores that were learnt from. */
  readonly value: number;
  /** Of the vectors of the two texts. */
  readonly cosine: number;
}

export interface RetrievalPrediction {
  /** The documents most like the query, the best first; ten at most. */
  readonly nearest: readonly { readonly document: string; readonly score: number }[];
  /** Where it is known which documents answer the query: their ranks among all, from 1, ascending. */
  readonly ranks?: readonly number[];
}

export interface MultiLabelPrediction {
  readonly labels: readonly string[];
  readonly probabilities: readonly number[];
}

export interface PredictedEntity {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly text: string;
  /** The mean probability of the entity's words for their tags. */
  readonly confidence: number;
}

export interface EntityPrediction {
  readonly entities: readonly PredictedEntity[];
}

export interface SlotPrediction extends EntityPrediction {
  readonly intents: readonly string[];
  /** Calibrated, one an intent, in the order of the task's intents. */
  readonly intentProbabilities: readonly number[];
}
