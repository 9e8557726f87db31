/** What every task is made from, and the checks that its parts make sense. */
import { z } from 'zod';
import { suggestNames } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { textRulesSchema, wordListSchema } from '../text/index.js';
import type { LossOptions } from './loss-options.js';

export const settingsShape = {
  /** Every kind: what is rewritten in the texts before they are tokenised. */
  rules: textRulesSchema.exactOptional(),
  /** Every kind: the words by which others are recognised. */
  vocabulary: wordListSchema.exactOptional(),
  /** Pairs: the most windows of a long text that are read for the other one; span selection, similarity and retrieval: those learnt from. Default 4. Code assignment: those learnt from, default 32. */
  windows: z.int().min(1).max(64).exactOptional(),
  /** Pairs: whether the second texts are a few statements that are always the same, to be kept with the model. Default false. */
  keepStatements: z.boolean().exactOptional(),
  /** Pairs, measured on training where it says so: those statements. */
  statements: z.array(z.string()).readonly().exactOptional(),
  /** Classification: the label of texts that none of the others fits. */
  outOfScope: z.string().min(1).exactOptional(),
  /** Classification: the signs, one token each, that stand around what a text is asked about; those of several such things apart. */
  marks: z
    .array(z.array(z.string().min(1)).min(1).readonly())
    .min(1)
    .readonly()
    .exactOptional(),
  /** Of kinds whose texts have marks, looked up in the vocabulary: the numbers of those tokens. */
  markTokens: z
    .array(z.array(z.int().min(0)).min(1).readonly())
    .min(1)
    .readonly()
    .exactOptional(),
  /** Sequential classification, of every head that is new: its mean is of the sentence's own tokens, not of its neighbours' too. */
  ownTokens: z.literal(true).exactOptional(),
  /** Sequential classification: the sentences on each side that are read with one. Default 2. */
  neighbours: z.int().min(0).max(8).exactOptional(),
  /** Span selection, measured on training where it is not given: the most characters of an answer. */
  answerLength: z.int().min(1).exactOptional(),
  /** Span selection: the most windows of a text that are read to answer a question, those that TF-IDF finds most like it. Default all. */
  readWindows: z.int().min(1).exactOptional(),
  /** Relations, measured on training: the types of entities that they go from and to, a tab between them. */
  typePairs: z.array(z.string()).readonly().exactOptional(),
  /** Slot filling, measured on training: whether a text may have several intents, or none. */
  severalIntents: z.boolean().exactOptional(),
  /** Relation extraction: the task that finds the entities of texts which do not name theirs. */
  entitiesFrom: z.string().min(1).exactOptional(),
  /** Joint extraction, measured on training: the types of entities, the words of the widest span, and whether entities overlap. */
  entityTypes: z.array(z.string()).readonly().exactOptional(),
  spanWidth: z.int().min(1).max(64).exactOptional(),
  overlapping: z.boolean().exactOptional(),
  /** Code assignment: what each code stands for, and the codes that training has. */
  titles: z.record(z.string(), z.string()).readonly().exactOptional(),
  learnt: z.array(z.string()).readonly().exactOptional(),
  /** Regression, measured on training: the mean and the deviation of the numbers, and whether examples are pairs. */
  mean: z.number().exactOptional(),
  deviation: z.number().positive().exactOptional(),
  pairs: z.boolean().exactOptional(),
  /** Similarity, measured on training: the numbers that a cosine of 0 and one of 1 stand for. */
  least: z.number().exactOptional(),
  most: z.number().exactOptional(),
  /** Retrieval: the pairs of a batch, whose documents are each other's negatives. Default 32. */
  batchPairs: z.int().min(2).max(1024).exactOptional(),
  /** Retrieval: whether documents also learn to find their queries. Default false. */
  symmetric: z.boolean().exactOptional(),
};

const settingsSchema = z.object(settingsShape);

/** What a kind of task can be told besides its loss; saved with the model. Each kind reads its own. */
export type TaskSettings = Readonly<z.output<typeof settingsSchema>>;

/** The settings among other options. */
export const settingsOf = (options: object): TaskSettings => settingsSchema.parse(options);

/** What a task is made of, whatever its kind: its name, its labels in the order of their ids, its loss, and training examples to count on. */
export interface TaskOptions<E> {
  readonly name: string;
  readonly labels: readonly string[];
  /** Default: plain cross entropy. */
  readonly loss?: LossOptions | undefined;
  readonly settings?: TaskSettings | undefined;
  /** Only counted: for balanced class weights, for what heads start from, and for which tags follow which. */
  readonly trainExamples?: readonly E[] | undefined;
}

/** @throws FieldcraftError FC_CONFIG for fewer labels than `least`, or one that stands twice or is empty. */
export function requireLabels(labels: readonly string[], task: string, least: number): void {
  if (labels.length >= least && new Set(labels).size === labels.length && !labels.includes('')) return;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'the labels of a task do not make sense',
    where: task,
    expected: `at least ${least} different, non-empty ${least === 1 ? 'label' : 'labels'}`,
    got: labels.length === 0 ? 'none' : labels.slice(0, 20).join(', '),
  });
}

/** The number of a label. @throws FieldcraftError FC_DATA for a label that the task does not have */
export function labelIndex(labels: readonly string[], task: string): (label: string, example: string) => number {
  const numbers = new Map(labels.map((label, i) => [label, i]));
  return (label, example) => {
    const number = numbers.get(label);
    if (number !== undefined) return number;
    throw new FieldcraftError('FC_DATA', {
      what: `the task ${task} has no label "${label}"`,
      where: example,
      fix: suggestNames(label, labels),
    });
  };
}

/** The error of an example that should have its truth and does not. */
export const withoutTruth = (example: string, task: string): FieldcraftError =>
  new FieldcraftError('FC_DATA', { what: `an example has no truth for the task ${task}`, where: example });
