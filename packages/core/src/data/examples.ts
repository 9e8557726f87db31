/** What an example, a split and a dataset are: plain data that every task, metric and report reads. */
import type { DataCard } from './data-card.js';

/** What every example has. `id` is stable for the same files (`file:line`), `group` is the document it was cut from. */
export interface ExampleBase {
  id: string;
  text: string;
  group?: string;
  /** ISO 8601: a day, or a day and a time; the first ten characters are the day. */
  date?: string;
}

/** One label a text. */
export interface ClassificationExample extends ExampleBase {
  label: string;
}

/** One label a pair of texts: a premise and a hypothesis, a contract and a statement about it. */
export interface PairExample extends ExampleBase {
  /** The second text. */
  second: string;
  label: string;
}

/** A question, and the one of its choices that answers it. */
export interface ChoiceExample extends ExampleBase {
  /** What the answer may be found in. */
  context?: string;
  choices: string[];
  /** Which choice, from 0. */
  answer: number;
}

/** A number a text, or a pair of texts. */
export interface RegressionExample extends ExampleBase {
  second?: string;
  value: number;
}

/** How alike two texts are, in whatever unit. */
export interface SimilarityExample extends ExampleBase {
  second: string;
  value: number;
}

/** A query, and a document that it should find. */
export interface RetrievalExample extends ExampleBase {
  /** The document. */
  second: string;
  /** Equal for equal documents. */
  document: string;
  /** The documents that the same query is given with in the whole dataset, this one among them. */
  relevant: string[];
}

/** One label a sentence of a document, its neighbours known. */
export interface SequentialExample extends ExampleBase {
  /** The sentences of its document before it and after it, in order. */
  before: string[];
  after: string[];
  label: string;
}

/** A question about a text, and the stretches of the text that answer it: all that are accepted, or none. */
export interface SpanExample extends ExampleBase {
  /** The question. */
  second: string;
  answers: AnswerSpan[];
  /** Set where the question is not the source's: see `addForeignQuestions`. */
  foreign?: true;
}

/** A text with its entities, in any order and maybe one in another, and the directed relations between them. */
export interface RelationExample extends ExampleBase {
  /** Entities: given to relation extraction, to be found by joint extraction. */
  mentions: EntitySpan[];
  relations: Relation[];
}

/** Numbers of entities, from 0: the relation goes from `head` to `tail`. */
export interface Relation {
  head: number;
  tail: number;
  label: string;
}

/** UTF-16 indices, `end` exclusive. */
export interface AnswerSpan {
  start: number;
  end: number;
}

/** Any number of labels a text, none included. */
export interface MultiLabelExample extends ExampleBase {
  labels: string[];
  /** Labels whose truth is unknown for this text: out of the loss and out of the metrics. */
  masked?: string[];
}

/** A document with its codes, of a set so large that training knows only some of them. */
export interface CodeExample extends ExampleBase {
  codes: string[];
}

/** A labelled stretch of text: UTF-16 indices, `end` exclusive. */
export interface EntitySpan {
  start: number;
  end: number;
  label: string;
}

/** Labelled stretches of a text, in order of their start. */
export interface EntityExample extends ExampleBase {
  entities: EntitySpan[];
  /** The published tokenisation as spans of the text, where the source is tokenised. */
  words?: [start: number, end: number][];
}

/** A text with what it asks for and the particulars in it. */
export interface SlotExample extends EntityExample {
  /** By their own names; in label sets, where they stand beside slots, they are `intent:<name>`. */
  intents: string[];
}

/** The examples of each kind of task. A new kind is a row here and one in `exampleKinds`. */
export interface ExampleTypes {
  classification: ClassificationExample;
  'pair-classification': PairExample;
  'sequential-classification': SequentialExample;
  'multi-label': MultiLabelExample;
  'token-classification': EntityExample;
  regression: RegressionExample;
  similarity: SimilarityExample;
  retrieval: RetrievalExample;
  'multiple-choice': ChoiceExample;
  'span-selection': SpanExample;
  'relation-extraction': RelationExample;
  'slot-filling': SlotExample;
  'joint-extraction': RelationExample;
  'code-assignment': CodeExample;
}

export type TaskKind = keyof ExampleTypes;
export type ExampleOf<K extends TaskKind> = ExampleTypes[K];
export type Example = ExampleOf<TaskKind>;

/** What a model reads of an example; which of the fields there are depends on its kind. */
export interface ModelInput {
  text: string;
  /** The other text of a pair; of a text that is asked, the question. */
  second?: string;
  /** The passage that a question is about. */
  context?: string;
  /** What a question can be answered with. */
  choices?: readonly string[];
  /** The sentences of the same document before and after the text. */
  before?: readonly string[];
  after?: readonly string[];
  /** Entities that relations are looked for between. */
  mentions?: readonly EntitySpan[];
  words?: readonly (readonly [start: number, end: number])[];
}

export const partNames = ['train', 'dev', 'test'] as const;
export type PartName = (typeof partNames)[number];

export interface Splits<E> {
  train: E[];
  dev: E[];
  test: E[];
}

/** One round of cross-validation: indices into the `train` part of its dataset. */
export interface Fold {
  train: number[];
  dev: number[];
  test: number[];
}

export interface Licence {
  name: string;
  commercial: boolean | 'unknown';
}

/** Where the bytes came from. */
export type DataOrigin = 'mirror' | 'cache' | 'download' | 'samples' | 'files';

/** Examples of one kind, in parts, with everything a report must say about them. */
export interface Dataset<K extends TaskKind = TaskKind> {
  name: string;
  kind: K;
  /** In the order that fixes the label ids of a model. */
  labels: string[];
  /** Of codes: what each stands for, those that no example bears included. */
  titles?: Readonly<Record<string, string>>;
  splits: Splits<ExampleOf<K>>;
  /** Under 300 examples without a published split: every example is in `train`, and these rounds take the place of `dev` and `test`. */
  folds?: Fold[];
  origin: DataOrigin;
  card?: DataCard;
  /** What was repaired, dropped or decided while reading, one sentence each, with counts. */
  notes: string[];
  /** How the parts were made, in one sentence. */
  splitRule: string;
  /**
   * Ids of the test examples that stand in train or dev as published, as near as the card judges; only where its rules drop something
   * from a published split.
   */
  seen?: readonly string[];
  licence: Licence;
}

/** A dataset of any kind. */
export type AnyDataset = Dataset;

/** Narrows a dataset by its kind. */
export const isOfKind = <K extends TaskKind>(dataset: AnyDataset, kind: K): dataset is Dataset<K> =>
  dataset.kind === kind;

/** Everything a model reads of an example: equal for two examples exactly when no model could tell them apart. */
export function contentOf(example: Example): string {
  return contentParts(example).join('\n');
}

/** The same as a list of texts: many examples share some of them. */
export function contentParts(example: Example): readonly string[] {
  if ('choices' in example) return [example.text, example.context ?? '', ...[...example.choices].sort()];
  // Which sentence is meant tells apart those of one document.
  if ('before' in example) return [...example.before, `» ${example.text} «`, ...example.after];
  return 'second' in example ? [example.text, `${example.second}`] : [example.text];
}

const intentPrefix = 'intent:';

/** An intent as a label among those of slots, and back; undefined for the label of a slot. */
export const intentLabel = (intent: string): string => `${intentPrefix}${intent}`;
export const intentOf = (label: string): string | undefined =>
  label.startsWith(intentPrefix) ? label.slice(intentPrefix.length) : undefined;

/**
 * The labels an example bears: its label, its labels, or the kinds of its entities.
 * Those of a partly masked example also count its known negatives, as `not:<label>`, when `labels` (the whole set) is given:
 * a split must share out both.
 */
export function labelsOf(example: Example, labels?: readonly string[]): string[] {
  if ('label' in example) return [example.label];
  if ('relations' in example) return [...new Set(example.relations.map((relation) => relation.label))];
  if ('entities' in example) {
    const intents = 'intents' in example ? example.intents.map(intentLabel) : [];
    return [...intents, ...new Set(example.entities.map((entity) => entity.label))];
  }
  if ('codes' in example) return example.codes;
  if (!('labels' in example)) return [];
  if (labels === undefined || example.masked === undefined) return example.labels;
  const unknown = new Set([...example.masked, ...example.labels]);
  return [...example.labels, ...labels.filter((label) => !unknown.has(label)).map((label) => `not:${label}`)];
}

/** A text that says everything about an example's truth: equal for two examples exactly when their labels are. */
export function truthOf(example: Example): string {
  if ('label' in example) return example.label;
  if ('value' in example) return String(example.value);
  if ('document' in example) return example.document;
  if ('choices' in example) return example.choices[example.answer] ?? '';
  if ('relations' in example)
    return JSON.stringify([example.mentions, example.relations.map((r) => [r.head, r.tail, r.label])]);
  if ('answers' in example) return JSON.stringify(example.answers.map(({ start, end }) => [start, end]));
  if ('entities' in example) {
    const entities = example.entities.map((e) => [e.start, e.end, e.label]);
    return JSON.stringify('intents' in example ? [[...example.intents].sort(), entities] : entities);
  }
  if ('codes' in example) return JSON.stringify([...example.codes].sort());
  return JSON.stringify([[...example.labels].sort(), [...(example.masked ?? [])].sort()]);
}
