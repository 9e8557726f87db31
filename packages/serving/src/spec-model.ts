/** A small real model on disk, for specs: three tasks that read texts and one that reads pairs, untrained. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exports as exporting, models, text } from '@fieldcraft/core/internals';

export const sampleTexts = [
  'The supplier shall deliver the goods within thirty days.',
  'We may terminate your account at any time, without notice, and for any reason or for none; we shall not be liable to you for that.',
  'Agreement between Müller & Söhne GmbH and Acme Inc., dated 5 May 2021.',
  'No 😀 refunds.',
];

const window = { maxLength: 32, stride: 8, tuning: {} };

/** Writes the model; another seed gives another one. */
export function writeSpecModel(folder: string, { seed = 1 } = {}): string {
  const tokenizer = text.trainWordPiece(sampleTexts, { vocabularySize: 160 });
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 32, num_hidden_layers: 2 },
    ...{ num_attention_heads: 4, intermediate_size: 48, max_position_embeddings: 64, initializer_range: 0.3 },
    gradient_checkpointing: false,
  });
  const tasks: exporting.SavedTask[] = [
    { name: 'clauses', kind: 'classification', labels: ['payment', 'term', 'other'], mainMetric: 'macroF1', ...window },
    { name: 'unfair-terms', kind: 'multi-label', labels: ['liability', 'end'], mainMetric: 'microF1', ...window },
    { name: 'entities', kind: 'token-classification', labels: ['party', 'date'], mainMetric: 'entityF1', ...window },
    { name: 'statements', kind: 'pair-classification', labels: ['yes', 'no'], mainMetric: 'macroF1', ...window },
  ];
  const model = exporting.createUntrainedModel({ config, tasks, tokenizer, seed });
  exporting.saveModelFolder(folder, model);
  return folder;
}

export interface SpecFolder {
  readonly path: string;
  remove(): void;
}

export function makeSpecFolder(): SpecFolder {
  const path = mkdtempSync(join(tmpdir(), 'fieldcraft-serving-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
