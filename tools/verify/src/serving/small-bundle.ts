/** A bundle of a small real model of random weights, with INT8: what a server loads in a moment. */
import { exports, models, text } from '@fieldcraft/core/internals';

export const sampleTexts = [
  'The supplier shall deliver the goods within thirty days of the order.',
  'We may terminate your account at any time, without notice, and for any reason or for none.',
  'This agreement is governed by the laws of the State of New York.',
  'All payments are due on the first day of each month. Müller & Söhne GmbH pays by wire. 😀',
];

const window = { maxLength: 64, stride: 16, tuning: {} };
const tasks: exports.SavedTask[] = [
  { name: 'clauses', kind: 'classification', labels: ['payment', 'term', 'other'], mainMetric: 'macroF1', ...window },
  { name: 'unfair-terms', kind: 'multi-label', labels: ['liability', 'end'], mainMetric: 'microF1', ...window },
  { name: 'entities', kind: 'token-classification', labels: ['party', 'date'], mainMetric: 'entityF1', ...window },
  { name: 'statements', kind: 'pair-classification', labels: ['yes', 'no'], mainMetric: 'macroF1', ...window },
  { name: 'questions', kind: 'span-selection', labels: [], mainMetric: 'f1', ...window },
];

/** Another seed gives another model. */
export async function writeSmallBundle(folder: string, { seed }: { seed: number }): Promise<string> {
  const tokenizer = text.trainWordPiece(sampleTexts, { vocabularySize: 200 });
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 64, num_hidden_layers: 2 },
    ...{ num_attention_heads: 4, intermediate_size: 128, max_position_embeddings: 64, initializer_range: 0.3 },
    gradient_checkpointing: false,
  });
  const model = exports.createUntrainedModel({ config, tasks, tokenizer, seed });
  const heads = tasks.map((saved) => ({ task: exports.taskOf(saved), output: saved.name }));
  await exports.saveBundle(folder, {
    ...{ model, vertical: undefined, card: '# A model of random weights\n', scores: undefined },
    lineage: {
      ...{ version: 1, run: null, started: null, command: null, commit: null, config: null, data: {}, base: null },
      ...{ tokenizer: tokenizer.hash, parent: null },
    },
    calibration: { version: 1, tasks: {}, notes: [] },
    int8: {
      onnx: exports.encodeServed(model, { heads, precision: 'int8', weightBits: 7 }),
      // No dev examples, so that nothing is claimed but that every task lost nothing that can be known.
      report: {
        limits: { points: 0.5, equal: 0.99, moved: 0.15, smaller: 1 },
        ...{ weightBits: 7, bytes: { fp32: 1, int8: 1, ratio: 1 }, kept: [], sensitivity: [], tried: 1 },
        tasks: tasks.map(({ name: task, mainMetric }) => ({ task, mainMetric, fp32: 0, int8: 0, pointsLost: 0 })),
      },
    },
  });
  return folder;
}
