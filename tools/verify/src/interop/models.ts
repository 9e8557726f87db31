/** Models to check the export with where no run is given: tiny ones of random weights, and MiniLM with random heads where the mirror has it. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { data, exports, models, text } from '@fieldcraft/core/internals';

export const texts = [
  'The supplier shall deliver the goods within thirty days of receipt of the order.',
  'We may terminate your account at any time, without notice, and for any reason or for none; we shall not be liable.',
  'Agreement between Müller & Söhne GmbH and Acme Inc., dated 5 May 2021 (the “Effective Date”).',
  'No 😀 refunds.',
  'IL-2 gene expression requires 5-lipoxygenase; EBITDA fell by 8.3%.',
  '',
];

const common = { maxLength: 48, stride: 8, tuning: {} };
const labels = ['payment', 'term', 'other'];
/** One of each kind; regression both of texts and of pairs. */
const tasks: exports.SavedTask[] = [
  { name: 'clause-kinds', kind: 'classification', labels, mainMetric: 'macroF1', ...common },
  { name: 'unfair-terms', kind: 'multi-label', labels: ['liability', 'termination'], mainMetric: 'microF1', ...common },
  { name: 'entities', kind: 'token-classification', labels: ['party', 'date'], mainMetric: 'entityF1', ...common },
  { name: 'statements', kind: 'pair-classification', labels, mainMetric: 'macroF1', ...common },
  { name: 'sentences', kind: 'sequential-classification', labels, mainMetric: 'macroF1', ...common },
  {
    ...{ name: 'scores', kind: 'regression', labels: [], mainMetric: 'pearson', ...common },
    settings: { mean: 0.2, deviation: 0.5 },
  },
  {
    ...{ name: 'relatedness', kind: 'regression', labels: [], mainMetric: 'pearson', ...common },
    settings: { mean: 3.5, deviation: 1.25, pairs: true },
  },
  { name: 'choices', kind: 'multiple-choice', labels: [], mainMetric: 'accuracy', ...common },
  { name: 'questions', kind: 'span-selection', labels: [], mainMetric: 'f1', ...common },
  { name: 'relations', kind: 'relation-extraction', labels: ['owes', 'sues'], mainMetric: 'relationF1', ...common },
  {
    ...{ name: 'joint', kind: 'joint-extraction', labels: ['owes'], mainMetric: 'relationF1', ...common },
    settings: { entityTypes: ['party', 'date'] },
  },
  {
    ...{ name: 'requests', kind: 'slot-filling', mainMetric: 'exactMatch', ...common },
    labels: [data.intentLabel('cancel'), data.intentLabel('order'), 'item', 'date'],
  },
];

/** Wide enough that logits differ by much more than the bound. */
const spread = { initializer_range: 0.3 };

export interface ModelToCheck {
  readonly name: string;
  readonly model: exports.TrainedModel;
}

export function modelsToCheck(): ModelToCheck[] {
  const tokenizer = text.trainWordPiece(texts, { vocabularySize: 200 });
  const tiny = models.readModelConfig({
    model_type: 'bert',
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 64,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    intermediate_size: 96,
    max_position_embeddings: 384,
    ...spread,
  });
  const found = [
    {
      name: 'a tiny BERT of random weights',
      model: exports.createUntrainedModel({ config: tiny, tasks, tokenizer, seed: 1 }),
    },
    {
      name: 'a tiny BERT whose heads read means',
      model: exports.createUntrainedModel({
        ...{ config: { ...tiny, classifier_pooling: 'mean' as const }, tasks, tokenizer, seed: 1 },
      }),
    },
  ];
  const mirror = process.env['FIELDCRAFT_MIRROR'];
  const folder = mirror ? resolve(mirror, 'models', 'sentence-transformers', 'all-MiniLM-L6-v2') : undefined;
  if (folder !== undefined && existsSync(join(folder, 'config.json'))) {
    const config = { ...models.readModelConfig(folder), ...spread };
    const options = { config, tasks, tokenizer: text.loadTokenizer(folder), seed: 1, checkpoint: folder };
    found.push({ name: 'MiniLM with random heads', model: exports.createUntrainedModel(options) });
  }
  return found;
}
