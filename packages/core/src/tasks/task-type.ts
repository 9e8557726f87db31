/** What is known of a kind of task before any task of it is made: how one is made, and what it is called. */
import type { ExampleOf, TaskKind } from '../data/index.js';
import type { Marks } from './marked-tokens.js';
import type { Task } from './task.js';
import type { TaskOptions } from './task-options.js';

export interface TaskType<K extends TaskKind, P> {
  /** @throws FieldcraftError FC_CONFIG for labels or loss options that do not make sense. */
  create(options: TaskOptions<ExampleOf<K>>): Task<ExampleOf<K>, P>;
  /** The kind in a few words, as tables name it. */
  readonly title: string;
  /** What a model of it does with a text, a phrase that `labels`, such as "3 labels: a, b and c", ends. */
  readonly use: (labels: string) => string;
  /** The marks of its texts, where it sets them itself; else they are for tasks to name. */
  readonly marks?: Marks;
  /** Whether its new heads read the second segment alone. */
  readonly ownTokens?: true;
  /** How Hugging Face's libraries know it. */
  readonly published: PublishedType;
}

export interface PublishedType {
  /** The end of the class's name in transformers; `Model` where no class there has such a head, so that the encoder alone can be opened. */
  readonly head:
    'ForSequenceClassification' | 'ForTokenClassification' | 'ForMultipleChoice' | 'ForQuestionAnswering' | 'Model';
  /** Whether the encoder's token states are made vectors of, so that the folder is also one of sentence-transformers. */
  readonly vectors?: true;
  /** What picks the loss there. */
  readonly problem?: 'single_label_classification' | 'multi_label_classification' | 'regression';
  /** The hub's name for what the model does. */
  readonly pipeline:
    'text-classification' | 'token-classification' | 'multiple-choice' | 'question-answering' | 'feature-extraction';
  /** What its tokenizer is given. Default: one text. */
  readonly reads?:
    'pairs' | 'choices' | 'neighbours' | 'questions' | 'entities' | 'intents' | 'segments' | 'candidates';
}
