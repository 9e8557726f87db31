/** A small real model on disk for specs, untrained: a head for each part of the screen but those that are to be shown as not trained. */
import { exports as exporting, models, text } from '@fieldcraft/core/internals';
import { tasks } from './read-note.js';

const window = { maxLength: 64, stride: 8, tuning: {} };
const titles = {
  E11: 'Type 2 diabetes mellitus',
  I10: 'Essential (primary) hypertension',
  I48: 'Atrial fibrillation and flutter',
};

/** `texts` give its vocabulary. */
export function writeSpecModel(folder: string, texts: readonly string[]): void {
  const tokenizer = text.trainWordPiece(texts, { vocabularySize: 300 });
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 32, num_hidden_layers: 2 },
    ...{ num_attention_heads: 4, intermediate_size: 48, max_position_embeddings: 64, initializer_range: 0.3 },
    gradient_checkpointing: false,
  });
  const heads: exporting.SavedTask[] = [
    {
      name: tasks.entities,
      kind: 'token-classification',
      labels: ['Chemical', 'Disease'],
      mainMetric: 'entityF1',
      ...window,
    },
    // Every sentence tells of an effect by this head, so that relations are looked for in all.
    {
      name: tasks.adverse,
      kind: 'classification',
      labels: ['adverse-effect', 'other'],
      mainMetric: 'macroF1',
      ...window,
    },
    {
      ...{ name: tasks.graph, kind: 'joint-extraction', labels: ['causes'], mainMetric: 'relationF1', ...window },
      settings: { entityTypes: ['Drug', 'AdverseEffect'], spanWidth: 3, typePairs: ['Drug\tAdverseEffect'] },
    },
    {
      ...{ name: tasks.codes, kind: 'code-assignment', labels: Object.keys(titles), mainMetric: 'microF1', ...window },
      settings: { titles, learnt: ['E11', 'I10'] },
    },
    {
      name: 'chemical-protein',
      kind: 'classification',
      labels: ['INHIBITOR', 'AGONIST'],
      mainMetric: 'microF1',
      ...window,
    },
    {
      ...{ name: 'article-questions', kind: 'span-selection', labels: [], mainMetric: 'tokenF1', ...window },
      settings: { answerLength: 60 },
    },
  ];
  const model = exporting.createUntrainedModel({ config, tasks: heads, tokenizer, seed: 5 });
  exporting.saveModelFolder(folder, model);
}
