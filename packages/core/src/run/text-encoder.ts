/** An encoder as it lies in a folder, for whatever compares texts by its vectors without learning: the means of their last states. */
import { architectureOf, type ModelConfig } from '../models/index.js';
import type { Engine } from '../runtime/index.js';
import { readWindows, type Feature } from '../tasks/index.js';
import type { Tokenizer } from '../text/index.js';
import { createMeanEncoder, createParameterStore, loadPretrained } from '../training/index.js';

export interface EncoderFolder {
  readonly folder: string;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
}

export interface TextEncoder {
  /** Vectors of length 1, the windows of a text weighed by their tokens. */
  vectorsOf(texts: readonly string[]): Promise<Float32Array[]>;
  /** The embeddings of words [vocabulary, hidden]. */
  readonly words: Float32Array;
  release(): Promise<void>;
}

/** Tokens that the encoder reads at once: what all-MiniLM-L6-v2 was trained for. */
const maxLength = 256;

/** @throws FieldcraftError FC_WEIGHTS for a model of which not all is there */
export async function loadTextEncoder(
  engine: Engine,
  { folder, config, tokenizer }: EncoderFolder,
): Promise<TextEncoder> {
  const architecture = architectureOf(config);
  const scorer = await createMeanEncoder<Feature>(engine, config);
  const store = createParameterStore(scorer.parameters.map(({ name, shape }) => ({ name, shape, trainable: false })));
  loadPretrained(store, scorer.parameters, folder, { architecture, seed: 0 });
  const lengths = { maxLength: Math.min(maxLength, config.max_position_embeddings), stride: 0 };
  return {
    async vectorsOf(texts) {
      const windows = await readWindows(texts, tokenizer, lengths);
      const rows = await scorer.score(store, windows);
      const sums = texts.map(() => new Float32Array(config.hidden_size));
      for (const [i, { example, ids }] of windows.entries())
        rows[i]!.forEach((x, column) => (sums[example]![column]! += ids.length * x));
      return sums.map(asUnit);
    },
    words: store.slot(`${architecture.prefix}.embeddings.word_embeddings.weight`).weight,
    release: () => scorer.release(),
  };
}

/** The same direction, of length 1. */
export function asUnit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((squares, x) => squares + x * x, 1e-12));
  return vector.map((x) => x / length);
}
