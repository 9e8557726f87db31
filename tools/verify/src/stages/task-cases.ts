/** A task of each kind with two texts to learn from, so that the graphs of every head are in the table of stages. */
import { join } from 'node:path';
import { data, foundation, models, tasks, text, training, type runtime } from '@fieldcraft/core/internals';

const tokenizer = text.loadTokenizer(
  join(foundation.workspaceRoot(), 'packages', 'core', 'src', 'text', 'golden', 'bert-uncased'),
);

/** Small enough to move its weights one by one, with everything that a real encoder has. */
export const tinyEncoder = models.readModelConfig({
  ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 8, num_hidden_layers: 2 },
  ...{ num_attention_heads: 2, intermediate_size: 12, max_position_embeddings: 32 },
  ...{ hidden_dropout_prob: 0.2, attention_probs_dropout_prob: 0.2, pad_token_id: tokenizer.padId },
});

const long = 'a big cat sees the unbelievable dog';
const placeOf = (words: string) => ({ start: long.indexOf(words), end: long.indexOf(words) + words.length });
const spanOf = (words: string, label: string) => ({ ...placeOf(words), label });
const [first, second] = [
  { id: '1', text: long },
  { id: '2', text: 'a dog' },
];
const mentions = [spanOf('big cat', 'Animal'), spanOf('sees', 'Act'), spanOf('dog', 'Animal')];
const related = [
  { ...first, mentions, relations: [{ head: 0, tail: 2, label: 'fears' }] },
  { ...second, mentions: [{ start: 2, end: 5, label: 'Animal' }], relations: [] },
];

interface Case<K extends data.TaskKind> {
  readonly labels: readonly string[];
  readonly examples: readonly data.ExampleOf<K>[];
  readonly settings?: tasks.TaskSettings;
}

const cases: { readonly [K in data.TaskKind]: Case<K> } = {
  classification: {
    labels: ['few', 'some', 'many'],
    examples: [
      { ...first, label: 'many' },
      { ...second, label: 'few' },
    ],
  },
  'pair-classification': {
    labels: ['same', 'other'],
    examples: [
      { ...first, second: 'the cat sees a dog', label: 'same' },
      { ...second, second: 'a cat', label: 'other' },
    ],
  },
  'sequential-classification': {
    labels: ['first', 'later'],
    examples: [
      { ...first, before: [], after: ['a dog'], label: 'first' },
      { ...second, before: [long], after: [], label: 'later' },
    ],
  },
  'multi-label': {
    labels: ['cats', 'dogs'],
    examples: [
      { ...first, labels: ['cats', 'dogs'] },
      { ...second, labels: ['dogs'], masked: ['cats'] },
    ],
  },
  'token-classification': {
    labels: ['Animal'],
    examples: [
      { ...first, entities: [spanOf('big cat', 'Animal')] },
      { ...second, entities: [] },
    ],
  },
  regression: {
    labels: [],
    examples: [
      { ...first, value: 3 },
      { ...second, value: 1 },
    ],
  },
  'multiple-choice': {
    labels: [],
    examples: [
      { ...first, choices: ['a cat', 'the big dog'], answer: 1 },
      { ...second, choices: ['dog', 'a cat sees'], answer: 0 },
    ],
  },
  'span-selection': {
    labels: [],
    examples: [
      { ...first, second: 'a cat', answers: [placeOf('unbelievable dog')] },
      { ...second, second: 'the cat', answers: [] },
    ],
  },
  'relation-extraction': { labels: ['fears'], examples: related },
  'slot-filling': {
    labels: ['intent:look', 'intent:name', 'animal'],
    examples: [
      { ...first, intents: ['look'], entities: [spanOf('big cat', 'animal')] },
      { ...second, intents: ['name'], entities: [] },
    ],
  },
  'joint-extraction': { labels: ['fears'], examples: related },
  'code-assignment': {
    labels: ['A1', 'B2', 'C3'],
    examples: [
      { ...first, codes: ['A1'] },
      { ...second, codes: ['B2'] },
    ],
    settings: { titles: { A1: 'big cat', B2: 'dog', C3: 'the dog sees' } },
  },
  similarity: {
    labels: [],
    examples: [
      { ...first, second: 'the cat sees a dog', value: 4 },
      { ...second, second: 'a cat', value: 1 },
    ],
  },
  retrieval: {
    labels: [],
    examples: [
      { ...first, second: 'the cat sees a dog', document: 'one', relevant: ['one'] },
      { ...second, second: 'a big dog', document: 'two', relevant: ['two'] },
    ],
    settings: { symmetric: true },
  },
};

export const kinds = Object.keys(cases) as data.TaskKind[];

/** A task with a pass of its windows, laid out and fed. */
export interface TaskPass {
  readonly task: training.Objective;
  readonly windows: readonly tasks.Feature[];
  readonly batch: models.SequenceBatch;
  readonly feeds: Readonly<Record<string, runtime.Tensor>>;
}

/** What compares the texts of a batch has them all in this pass: its loss is in the graph of the encoder, as of any other kind. */
export async function taskPass<K extends data.TaskKind>(kind: K): Promise<TaskPass> {
  const { labels, examples, settings = {} } = cases[kind] as Case<K>;
  const task = tasks.createTask(kind, { name: 'case', labels, settings, trainExamples: examples });
  const options = { maxLength: 32, stride: 8, targets: true, learning: true };
  const windows = await task.features(examples, tokenizer, options);
  const batch = training.batchOf(windows, tinyEncoder);
  const feeds = { ...task.headFeeds?.(windows, batch, tinyEncoder), ...task.targetFeeds(windows, batch) };
  return { task: { ...task, acrossBatch: false }, windows, batch, feeds };
}
