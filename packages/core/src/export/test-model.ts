/** Tiny models for specs: one with three tasks that read texts, one with a task of every kind. */
import { intentLabel } from '../data/index.js';
import { readModelConfig } from '../models/index.js';
import { trainWordPiece } from '../text/index.js';
import type { SavedTask } from './model-file.js';
import type { TrainedModel } from './model-folder.js';
import { createUntrainedModel } from './untrained-model.js';

export const texts = [
  'The supplier shall deliver the goods within thirty days.',
  'We may terminate your account at any time, without notice, and for any reason or for none; we shall not be liable to you for that.',
  'Agreement between Müller & Söhne GmbH and Acme Inc., dated 5 May 2021.',
  'No 😀 refunds.',
  '',
];

const window = { maxLength: 24, stride: 6 };
const tasks: SavedTask[] = [
  {
    ...{
      name: 'clauses',
      kind: 'classification',
      labels: ['payment', 'term', 'other'],
      mainMetric: 'macroF1',
      ...window,
    },
    tuning: { temperature: 1.3 },
  },
  {
    ...{
      name: 'unfair-terms',
      kind: 'multi-label',
      labels: ['liability', 'termination'],
      mainMetric: 'microF1',
      ...window,
    },
    tuning: { temperature: 0.7, thresholds: [0.4, 0.6] },
  },
  {
    name: 'entities',
    kind: 'token-classification',
    labels: ['party', 'date'],
    mainMetric: 'entityF1',
    ...window,
    tuning: {},
  },
];

const common = { ...window, tuning: {} };
const others: SavedTask[] = [
  { name: 'statements', kind: 'pair-classification', labels: ['yes', 'no'], mainMetric: 'macroF1', ...common },
  { name: 'sentences', kind: 'sequential-classification', labels: ['yes', 'no'], mainMetric: 'macroF1', ...common },
  { name: 'scores', kind: 'regression', labels: [], mainMetric: 'pearson', ...common },
  { name: 'relatedness', kind: 'similarity', labels: [], mainMetric: 'pearson', ...common },
  { name: 'ranking', kind: 'retrieval', labels: [], mainMetric: 'meanReciprocalRank', ...common },
  { name: 'choices', kind: 'multiple-choice', labels: [], mainMetric: 'accuracy', ...common },
  { name: 'questions', kind: 'span-selection', labels: [], mainMetric: 'f1', ...common },
  {
    ...{
      name: 'relations',
      kind: 'relation-extraction',
      labels: ['owes', 'sues'],
      mainMetric: 'relationF1',
      ...common,
    },
    settings: { entitiesFrom: 'entities' },
  },
  {
    ...{ name: 'joint', kind: 'joint-extraction', labels: ['owes'], mainMetric: 'relationF1', ...common },
    settings: { entityTypes: ['party', 'date'], spanWidth: 3 },
  },
  {
    ...{ name: 'requests', kind: 'slot-filling', mainMetric: 'exactMatch', ...common },
    labels: [intentLabel('cancel'), intentLabel('order'), 'item', 'date'],
  },
  {
    ...{ name: 'codes', kind: 'code-assignment', labels: ['A1', 'B2', 'C3'], mainMetric: 'microF1', ...common },
    settings: { learnt: ['A1', 'B2'], titles: { A1: 'goods', B2: 'accounts', C3: 'refunds' } },
  },
];

/** With a task of every kind. */
export const createEveryKindModel = (): TrainedModel => createModelOf([...tasks, ...others]);

/** With a task of each common kind; heads of texts read [CLS] unless `pooling` says otherwise. */
export const createTestModel = (pooling?: 'cls' | 'mean'): TrainedModel => createModelOf(tasks, pooling);

/** Weights are drawn widely, so that logits differ by much more than rounding. */
function createModelOf(tasks: readonly SavedTask[], pooling?: 'cls' | 'mean'): TrainedModel {
  const tokenizer = trainWordPiece(texts, { vocabularySize: 160 });
  const config = readModelConfig({
    model_type: 'bert',
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 48,
    max_position_embeddings: 64,
    initializer_range: 0.3,
    gradient_checkpointing: false,
    ...(pooling && { classifier_pooling: pooling }),
  });
  return createUntrainedModel({ config, tasks, tokenizer, seed: 11 });
}
