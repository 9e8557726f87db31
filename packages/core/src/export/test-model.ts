/** A tiny model with one task of each kind, for specs. */
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

/** Weights are drawn widely, so that logits differ by much more than rounding. */
export function createTestModel(): TrainedModel {
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
  });
  return createUntrainedModel({ config, tasks, tokenizer, seed: 11 });
}
