/** A small model on disk with every task that a reading asks, untrained, for specs. */
import { exports as exporting, models, text } from '@fieldcraft/core/internals';
import { tasks } from './finance-tasks.js';

/** As the data of each task has them. */
export const specLabels: Readonly<Record<string, string[]>> = {
  [tasks.sentiment]: ['negative', 'neutral', 'positive'],
  [tasks.towards]: ['negative', 'neutral', 'positive'],
  [tasks.stance]: ['dovish', 'hawkish', 'neutral'],
  [tasks.claims]: ['in-claim', 'out-of-claim'],
  [tasks.gold]: ['price up', 'price down'],
  [tasks.named]: ['PER', 'ORG', 'LOC'],
  [tasks.judged]: ['Negative', 'Neutral', 'Positive'],
  [tasks.causes]: ['Cause', 'Effect'],
};

/** Its tokens are those of `sample`. */
export function writeSpecModel(folder: string, sample: string): void {
  const tokenizer = text.trainWordPiece([sample], { vocabularySize: 120 });
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 16, num_hidden_layers: 1 },
    ...{ num_attention_heads: 2, intermediate_size: 16, max_position_embeddings: 64, initializer_range: 1 },
    gradient_checkpointing: false,
  });
  const task = (name: string, kind: exporting.SavedTask['kind'], mainMetric: string): exporting.SavedTask => ({
    ...{ name, kind, mainMetric, labels: specLabels[name] ?? [], maxLength: 48, stride: 8, tuning: {} },
  });
  const model = exporting.createUntrainedModel({
    ...{ config, tokenizer, seed: 3 },
    tasks: [
      ...[tasks.sentiment, tasks.towards, tasks.stance, tasks.claims].map((name) =>
        task(name, 'classification', 'macroF1'),
      ),
      ...[tasks.named, tasks.judged, tasks.causes].map((name) => task(name, 'token-classification', 'entityF1')),
      task(tasks.gold, 'multi-label', 'microF1'),
      { ...task(tasks.score, 'regression', 'pearson'), settings: { mean: 0, deviation: 1, pairs: true } },
    ],
  });
  exporting.saveModelFolder(folder, model);
}
