/** The smallest model that serves: untrained, of one task. */
import { exports as exporting, models, text } from '@fieldcraft/core/internals';

export function writeTinyModel(folder: string): void {
  const tokenizer = text.trainWordPiece(['We may terminate your account at any time, without notice.'], {
    vocabularySize: 160,
  });
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 32, num_hidden_layers: 1 },
    ...{ num_attention_heads: 4, intermediate_size: 48, max_position_embeddings: 64 },
  });
  const tasks: exporting.SavedTask[] = [
    {
      ...{ name: 'unfair-terms', kind: 'multi-label', labels: ['liability', 'end'], mainMetric: 'microF1' },
      ...{ maxLength: 32, stride: 8, tuning: {} },
    },
  ];
  exporting.saveModelFolder(folder, exporting.createUntrainedModel({ config, tasks, tokenizer, seed: 1 }));
}
