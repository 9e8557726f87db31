/** The encoder that a run starts from: the one named, the vertical's own, or, where none can be reached, the one that comes with Fieldcraft. */
import { resolveModel, starterId, type LoraAdapter, type ResolvedModel } from '../checkpoint/index.js';
import { contentOf, type AnyDataset, type Example } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { readModelConfig, type ModelConfig } from '../models/index.js';
import { loadTokenizer, trainWordPiece, type Tokenizer } from '../text/index.js';
import type { RunEvent } from './events.js';
import type { TrainOptions } from './options.js';
import { isReachable } from './reachable.js';
import type { LoadedVertical } from './sources.js';

/** Every vertical's default. */
export const defaultBase = 'sentence-transformers/all-MiniLM-L6-v2';

export interface Base {
  readonly id: string;
  readonly source: ResolvedModel['source'] | 'scratch';
  readonly revision: string | undefined;
  /** Undefined where what is trained starts from the seed: an encoder from scratch, or heads that are added to a finished run. */
  readonly folder: string | undefined;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  /** Of another training on this base, which this one goes on from. */
  readonly adapter?: LoraAdapter | undefined;
}

/** What `--base` says for the encoder that the vertical recommends for its field. A folder of that name is `./field`. */
const fieldWord = 'field';

/** And for a small one with random weights, which no result should be worse than. */
const scratchWord = 'scratch';

/** The vertical's default, the encoders it names, and of those the one that it recommends for its field. */
export interface PreferredBases {
  readonly base: string;
  readonly bases: readonly string[];
  readonly fieldBase?: string | undefined;
}

/** Those of a vertical; where there is none, what every vertical starts from. */
export function preferredBases(source: LoadedVertical | undefined): PreferredBases {
  if (!source) return { base: defaultBase, bases: [defaultBase] };
  const { base, bases, fieldBase } = source.vertical;
  return { base, bases: bases.map(({ name }) => name), fieldBase };
}

export interface BaseRequest {
  readonly options: Pick<TrainOptions, 'base' | 'dropout'>;
  readonly preferred: PreferredBases;
  /** For the vocabulary of an encoder from scratch. */
  readonly datasets: readonly AnyDataset[];
  /** The base that a resumed run began with. */
  readonly saved?: { readonly id: string; readonly source: string; readonly revision: string | null } | undefined;
  readonly emit: (event: RunEvent) => void;
  /** Ends a download. */
  readonly signal?: AbortSignal | undefined;
  /** Where the encoder that comes with Fieldcraft is; default in this package. */
  readonly ownModels?: string | undefined;
}

/**
 * The id or folder that a run starts from.
 * @throws FieldcraftError FC_CONFIG for `--base field` where the vertical recommends none, or there is no vertical.
 */
export function wantedBase({ base }: Pick<TrainOptions, 'base'>, preferred: PreferredBases): string {
  if (base !== fieldWord) return base ?? preferred.base;
  if (preferred.fieldBase !== undefined) return preferred.fieldBase;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'no encoder is recommended for this field',
    where: `--base ${fieldWord}`,
    fix: `name one: ${[...preferred.bases, 'another of the hub', 'a folder of your own'].join(', ')}; a vertical recommends one as \`fieldBase\``,
  });
}

/** Whether a run begins with random weights, as far as is known before its base is looked for. */
export const isScratch = (
  { base }: Pick<TrainOptions, 'base'>,
  saved: { readonly source: string } | undefined,
): boolean => (saved ? saved.source : base) === scratchWord;

/**
 * Resolves the base. Only the default may be replaced, with a warning and only at the beginning of a run: by the encoder that comes with Fieldcraft, or
 * where there is none by one from scratch.
 * @throws FieldcraftError FC_NOT_FOUND or FC_DOWNLOAD for a base that was named and cannot be reached, listing alternatives; as `wantedBase`.
 */
export async function openBase(request: BaseRequest): Promise<Base> {
  const { options, preferred, datasets, saved, emit, signal, ownModels } = request;
  if (isScratch(options, saved)) return scratch(datasets, options);
  const id = saved?.id ?? wantedBase(options, preferred);
  const resolve = (offline?: boolean) =>
    resolveModel(id, {
      offline,
      revision: saved?.revision ?? undefined,
      signal,
      ownModels,
      onProgress: ({ file, received, total }) => emit({ kind: 'download', file, received, total }),
    });
  let resolved: ResolvedModel;
  try {
    const replaceable = saved === undefined && options.base === undefined;
    resolved = replaceable ? await resolveQuickly(resolve) : await resolve();
  } catch (error) {
    if (!(error instanceof FieldcraftError) || (error.code !== 'FC_NOT_FOUND' && error.code !== 'FC_DOWNLOAD'))
      throw error;
    if (saved !== undefined || options.base !== undefined) throw withAlternatives(error, id, preferred);
    const starter = await findStarter(ownModels);
    const instead =
      starter === undefined
        ? 'a small one is trained from scratch, and results will be poor'
        : `the small one that comes with Fieldcraft, ${starterId}, takes its place`;
    emit({
      kind: 'note',
      level: 'warning',
      text: `no pretrained encoder can be reached (${id}): ${instead}. Set FIELDCRAFT_MIRROR to a mirror, connect to the hub, or name a folder with --base`,
    });
    if (starter === undefined) return scratch(datasets, options);
    resolved = starter;
  }
  const config = withDropout(readModelConfig(resolved.folder), options.dropout);
  return { ...resolved, revision: resolved.revision, config, tokenizer: loadTokenizer(resolved.folder) };
}

async function findStarter(ownModels: string | undefined): Promise<ResolvedModel | undefined> {
  try {
    return await resolveModel(starterId, { ownModels });
  } catch (error) {
    if (error instanceof FieldcraftError && error.code === 'FC_NOT_FOUND') return undefined;
    throw error;
  }
}

/** What is on this machine, else the hub if it answers at all: a machine without a network must not wait for many tries. */
async function resolveQuickly(resolve: (offline?: boolean) => Promise<ResolvedModel>): Promise<ResolvedModel> {
  try {
    return await resolve(true);
  } catch (error) {
    const hub = process.env['HF_ENDPOINT'] || 'https://huggingface.co';
    if (process.env['HF_HUB_OFFLINE'] === '1' || (URL.canParse(hub) && !(await isReachable(hub)))) throw error;
    return resolve();
  }
}

function withAlternatives(error: FieldcraftError, id: string, { base, bases }: PreferredBases): FieldcraftError {
  const others = [...new Set([base, ...bases])].filter((name) => name !== id);
  return new FieldcraftError(error.code, {
    ...error.parts,
    fix: [error.parts.fix, `other bases: ${[...others, 'a folder of your own'].join(', ')}`].filter(Boolean).join('; '),
    cause: error,
  });
}

/** Random weights have further to go than pretrained ones, and wide encoders forget what they know at rates that narrow ones need. */
export const defaultLearningRate = ({ source, config }: Base): number =>
  source === 'scratch' ? 5e-4 : config.hidden_size <= 512 ? 1e-4 : 3e-5;

/** Four layers of 128: small enough to learn something from a few hundred texts within minutes. */
function scratch(datasets: readonly AnyDataset[], { dropout }: Pick<TrainOptions, 'dropout'>): Base {
  const examples = datasets.flatMap((dataset): readonly Example[] => dataset.splits.train);
  const tokenizer = trainWordPiece(examples.map(contentOf), { vocabularySize: 4_000 });
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
    id: scratchWord,
    source: scratchWord,
    revision: undefined,
    folder: undefined,
    config: withDropout(config, dropout),
    tokenizer,
  };
}

export const withDropout = (config: ModelConfig, rate: number | undefined): ModelConfig =>
  rate === undefined
    ? config
    : readModelConfig({ ...config, hidden_dropout_prob: rate, attention_probs_dropout_prob: rate });
