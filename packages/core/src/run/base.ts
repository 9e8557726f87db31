/** The encoder that a run starts from: the one named, the vertical's own, or, where none can be reached, a small one from scratch. */
import { resolveModel, type ResolvedModel } from '../checkpoint/index.js';
import { type AnyDataset, type Example } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { readModelConfig, type ModelConfig } from '../models/index.js';
import { loadTokenizer, trainWordPiece, type Tokenizer } from '../text/index.js';
import type { RunEvent } from './events.js';
import type { TrainOptions } from './options.js';

/** Every vertical's default. */
export const defaultBase = 'sentence-transformers/all-MiniLM-L6-v2';

export interface Base {
  readonly id: string;
  readonly source: ResolvedModel['source'] | 'scratch';
  readonly revision: string | undefined;
  /** Undefined for an encoder from scratch. */
  readonly folder: string | undefined;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
}

export interface BaseRequest {
  readonly options: Pick<TrainOptions, 'base' | 'dropout'>;
  /** The vertical's default and the encoders it recommends. */
  readonly preferred: { readonly base: string; readonly bases: readonly string[] };
  /** For the vocabulary of an encoder from scratch. */
  readonly datasets: readonly AnyDataset[];
  /** From a saved run: the revision that it began with. */
  readonly revision?: string | undefined;
  readonly emit: (event: RunEvent) => void;
}

/**
 * Resolves the base. Only the default may be replaced by an encoder from scratch, with a warning.
 * @throws FieldcraftError FC_NOT_FOUND or FC_DOWNLOAD for a base that was named and cannot be reached, listing alternatives.
 */
export async function openBase({ options, preferred, datasets, revision, emit }: BaseRequest): Promise<Base> {
  const id = options.base ?? preferred.base;
  let resolved: ResolvedModel;
  try {
    resolved = await resolveModel(id, {
      ...(revision === undefined ? {} : { revision }),
      onProgress: ({ file, received, total }) => emit({ kind: 'download', file, received, total }),
      ...(options.base === undefined ? { attempts: 1 } : {}),
    });
  } catch (error) {
    if (!(error instanceof FieldcraftError) || error.code === 'FC_INTERRUPTED' || error.code === 'FC_CHECKSUM')
      throw error;
    if (options.base !== undefined) {
      throw new FieldcraftError(error.code, {
        ...error.parts,
        fix: [
          error.parts.fix,
          `other bases: ${preferred.bases.filter((name) => name !== id).join(', ') || 'a folder of your own'}`,
        ]
          .filter(Boolean)
          .join('; '),
        cause: error,
      });
    }
    emit({
      kind: 'note',
      level: 'warning',
      text: `no pretrained encoder can be reached (${id}): a small one is trained from scratch, and results will be poor. Set FIELDCRAFT_MIRROR to a mirror, connect to the hub, or name a folder with --base`,
    });
    return scratch(datasets, options);
  }
  const config = withDropout(readModelConfig(resolved.folder), options.dropout);
  return { ...resolved, revision: resolved.revision, config, tokenizer: loadTokenizer(resolved.folder) };
}

/** Four layers of 128: small enough to learn something from a few hundred texts within minutes. */
function scratch(datasets: readonly AnyDataset[], { dropout }: Pick<TrainOptions, 'dropout'>): Base {
  const examples = datasets.flatMap((dataset): readonly Example[] => dataset.splits.train);
  const tokenizer = trainWordPiece(
    examples.map(({ text }) => text),
    { vocabularySize: 4_000 },
  );
  const config = readModelConfig({
    model_type: 'bert',
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 128,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    intermediate_size: 512,
    max_position_embeddings: 512,
    pad_token_id: tokenizer.padId,
  });
  return {
    id: 'scratch',
    source: 'scratch',
    revision: undefined,
    folder: undefined,
    config: withDropout(config, dropout),
    tokenizer,
  };
}

const withDropout = (config: ModelConfig, rate: number | undefined): ModelConfig =>
  rate === undefined
    ? config
    : readModelConfig({ ...config, hidden_dropout_prob: rate, attention_probs_dropout_prob: rate });
