/** What Fieldcraft must know of a model architecture. */
import type { z } from 'zod';
import type { AttentionParts, Builder } from '../nn/index.js';
import type { Value } from '../graph/index.js';
import type { SequenceInputs } from './inputs.js';

/** What every config has, whatever the architecture; keys are those of Hugging Face's config.json. */
export interface ModelConfig {
  readonly model_type: string;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly max_position_embeddings: number;
  readonly pad_token_id: number;
  /** Standard deviation of new weights. */
  readonly initializer_range: number;
  readonly id2label?: Readonly<Record<string, string>> | undefined;
  /** What heads of whole sequences read: the first token's row, through the pooler (the default), or the mean of all rows. */
  readonly classifier_pooling?: 'cls' | 'mean' | undefined;
}

/** What an encoder computes; rows are tokens, position first. */
export interface Encoded {
  /**
   * Summed embeddings before their norm [tokens, hidden], a perturbation among them. Undefined where the first layers were computed before.
   */
  readonly embedded: Value | undefined;
  /** The output of each layer that is computed here [tokens, hidden], the first layer's first. */
  readonly layers: readonly Value[];
  /** What the self-attention of each layer compares and mixes, in the same order. */
  readonly attention: readonly AttentionParts[];
  /** The output of the last layer [tokens, hidden]. */
  readonly hidden: Value;
  /** [batch, 1, 1, length]: 0 for real tokens and very negative for padding. */
  readonly bias: Value;
  /** Number and segment of each token [tokens], as they were fed. */
  readonly ids: Value;
  readonly segments: Value;
}

/** What was computed of an encoder before: its embeddings and first layers. */
export interface EncoderStart {
  /** Layers that were. */
  readonly layers: number;
  /** The output of the last of them [tokens, hidden]; of none, what the first layer reads. */
  readonly hidden: Value;
}

/** What heads read of it; the insides of an encoder that was computed before are not there. */
export type EncodedRows = Pick<Encoded, 'hidden' | 'bias' | 'ids' | 'segments'> &
  Partial<Pick<Encoded, 'layers' | 'attention'>>;

export interface HeadOptions {
  /** Number of classes. */
  readonly labels: number;
  /** What the bias of the classes starts from where no checkpoint has it, one number a class; default zeros. */
  readonly initialBias?: readonly number[];
  /** Module that holds the head; default none, as in Hugging Face's files. Where several heads share an encoder, each has its own. */
  readonly at?: string;
}

export interface MaskedHeadOptions {
  /** Token rows to predict [masked], int64; default all. The vocabulary is projected for these alone. */
  readonly maskedRows?: Value;
}

/**
 * An architecture: its config, encoder and heads. Parameters of the encoder are named under `prefix` where the file is a task model's
 * ('bert.encoder...'), and bare where it is the encoder alone.
 */
export interface Architecture {
  /** What Hugging Face's class names begin with ('Bert' of BertForMaskedLM). */
  readonly className: string;
  /** Module of the encoder inside task models. */
  readonly prefix: string;
  /** Fills in defaults; unknown keys are kept. */
  readonly config: z.ZodType<ModelConfig>;
  /** Whether a config that names neither type nor class is of this architecture. */
  recognizes(config: Readonly<Record<string, unknown>>): boolean;

  /** Module of a layer inside the encoder, counted from 0. */
  layerModule(layer: number): string;
  /**
   * Tells parameters their layer: embeddings 0, the layers of the encoder from 1, and whatever is built after it one more than the last.
   * With `start` only the layers behind it are built.
   */
  encode(b: Builder, config: ModelConfig, inputs: SequenceInputs, prefix: string, start?: EncoderStart): Encoded;
  /** One vector a sequence [batch, hidden]. */
  pool(b: Builder, config: ModelConfig, hidden: Value, prefix: string): Value;
  /** Class scores of each sequence [batch, labels]. */
  sequenceHead(b: Builder, config: ModelConfig, hidden: Value, prefix: string, options: HeadOptions): Value;
  /** Class scores of each token [tokens, labels]. */
  tokenHead(b: Builder, config: ModelConfig, hidden: Value, options: HeadOptions): Value;
  /** Scores of each position to start or end the answer, both [batch, length]. */
  spanHead(
    b: Builder,
    config: ModelConfig,
    hidden: Value,
    options: Pick<HeadOptions, 'at'>,
  ): { start: Value; end: Value };
  /** Scores of each word of the vocabulary [tokens or masked, vocabulary]. */
  maskedHead(b: Builder, config: ModelConfig, hidden: Value, prefix: string, options: MaskedHeadOptions): Value;
}
