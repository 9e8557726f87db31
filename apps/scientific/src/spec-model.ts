/** A small real model on disk for specs, untrained: a head for each part of the screen but those that are to be shown as not trained. */
import { exports as exporting, models, text } from '@fieldcraft/core/internals';
import { task as search } from './rank-papers.js';
import { tasks } from './read-paper.js';

const window = { maxLength: 64, stride: 8, tuning: {} };

/** `texts` give its vocabulary. */
export function writeSpecModel(folder: string, texts: readonly string[]): void {
  const tokenizer = text.trainWordPiece(texts, { vocabularySize: 300 });
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 32, num_hidden_layers: 2 },
    ...{ num_attention_heads: 4, intermediate_size: 48, max_position_embeddings: 64, initializer_range: 0.3 },
    gradient_checkpointing: false,
  });
  const classes = { mainMetric: 'macroF1', ...window };
  const heads: exporting.SavedTask[] = [
    { name: tasks.roles, kind: 'sequential-classification', labels: ['background', 'method', 'result'], ...classes },
    { name: tasks.intent, kind: 'classification', labels: ['background', 'method'], ...classes },
    {
      ...{ name: tasks.graph, kind: 'joint-extraction', labels: ['used-for'], mainMetric: 'relationF1', ...window },
      settings: { entityTypes: ['Method', 'Task'], spanWidth: 3, typePairs: ['Method\tTask'] },
    },
    { name: 'claim-evidence', kind: 'pair-classification', labels: ['entailed', 'not entailed'], ...classes },
    { name: search, kind: 'retrieval', labels: [], mainMetric: 'ndcg10', ...window },
  ];
  const model = exporting.createUntrainedModel({ config, tasks: heads, tokenizer, seed: 5 });
  exporting.saveModelFolder(folder, model);
}
