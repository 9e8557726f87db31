/** What the step is measured on: encoders of known shapes with random weights, and batches of random tokens of given lengths. */
import { join } from 'node:path';
import { loadFiles } from '@fieldcraft/core';
import { checkpoint, data, foundation, models, text, training } from '@fieldcraft/core/internals';
import { dataFolder, datasetOf } from '../training/settings.js';

const shapes: Readonly<Record<string, { title: string; sizes: Readonly<Record<string, number>> }>> = {
  minilm: {
    title: 'MiniLM (6 layers of 384)',
    sizes: { hidden_size: 384, num_hidden_layers: 6, num_attention_heads: 12, intermediate_size: 1536 },
  },
  'bert-base': {
    title: 'BERT-base (12 layers of 768)',
    sizes: { hidden_size: 768, num_hidden_layers: 12, num_attention_heads: 12, intermediate_size: 3072 },
  },
};

const vocabulary = 30_522;

export interface EncoderShape {
  readonly title: string;
  readonly config: models.ModelConfig;
}

/** @throws FieldcraftError FC_CONFIG naming those there are */
export function shapeOf(name: string): EncoderShape {
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  if (shape) {
    const config = models.readModelConfig({ model_type: 'bert', vocab_size: vocabulary, ...shape.sizes });
    return { title: shape.title, config };
  }
  throw new foundation.FieldcraftError('FC_CONFIG', {
    what: `there is no shape ${name}`,
    expected: Object.keys(shapes).join(', '),
  });
}

/** Batches that are measured together. */
export interface Workload {
  readonly title: string;
  /** The lengths of the sequences of each batch. */
  readonly batches: readonly (readonly number[])[];
}

/** One batch of equal lengths. */
export const equalLengths = (batch: number, length: number): Workload => ({
  title: `${batch} x ${length} tokens`,
  batches: [Array<number>(batch).fill(length)],
});

/** How many of an epoch's batches stand for all of them. */
const sampledBatches = 12;

/** Batches as an epoch of SciCite makes them: spread evenly over the epoch's batches in order of their tokens. */
export async function sciciteLengths(batch: number, base: string): Promise<Workload> {
  const dataset = datasetOf('scicite');
  const folder = dataFolder(dataset);
  const { parts, files } = dataset;
  const [train, test] = [join(folder, parts.train), join(folder, parts.test)];
  const { splits } = await loadFiles({ ...files, train, dev: join(folder, parts.dev), test });
  const { folder: model } = await checkpoint.resolveModel(base);
  const encodings = await text.loadTokenizer(model).encodeMany(splits.train.map((example) => example.text));
  const lengths = encodings.map(({ ids }) => Math.min(ids.length, 256));
  const batches = data
    .planBatches(lengths, { batchSize: batch, seed: 1, epoch: 0 })
    .map((members) => Array.from(members, (i) => lengths[i] ?? 0))
    .filter((members) => members.length === batch)
    .map((members) => ({ members, tokens: members.reduce((sum, length) => sum + length, 0) }))
    .sort((a, b) => a.tokens - b.tokens);
  const spread = Array.from({ length: sampledBatches }, (_, i) =>
    Math.floor(((i + 0.5) / sampledBatches) * batches.length),
  );
  return {
    title: `${batch} x SciCite's lengths (${sampledBatches} of an epoch's batches)`,
    batches: spread.flatMap((i) => (batches[i] ? [batches[i].members] : [])),
  };
}

/** Random tokens of the given lengths, laid out as training does. */
export function randomBatch(
  lengths: readonly number[],
  config: models.ModelConfig,
  seed: number,
): models.SequenceBatch {
  const draws = foundation.random(seed, 'bench tokens');
  const sequences = lengths.map((length) => ({ ids: Int32Array.from({ length }, () => draws.integer(vocabulary)) }));
  return training.batchOf(sequences, config);
}
