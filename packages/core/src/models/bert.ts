/**
 * BERT (Devlin et al. 2019): also MiniLM, SciBERT, FinBERT, BioBERT, LegalBERT and TinyBERT. Read top to bottom: config, encoder, heads.
 * Modules have the names of Hugging Face's state dicts.
 */
import { z } from 'zod';
import { add, gatherRows, gemm, reshape, slice, transpose, type Value } from '../graph/index.js';
import {
  activatedLinear,
  activations,
  dropout,
  embedding,
  embeddingTable,
  feedForward,
  inModule,
  linear,
  norm,
  parameter,
  qualify,
  selfAttention,
  type ActivationName,
  type AttentionParts,
  type Builder,
} from '../nn/index.js';
import type { Architecture, Encoded, EncoderStart, HeadOptions, MaskedHeadOptions } from './architecture.js';
import type { SequenceInputs } from './inputs.js';

const size = (largest: number) => z.number().int().min(1).max(largest);
const rate = z.number().min(0).lt(1);

/** config.json with Hugging Face's defaults. Variants whose arithmetic differs are refused rather than computed wrongly. */
export const bertConfig = z
  .looseObject({
    model_type: z.literal('bert').default('bert'),
    vocab_size: size(10_000_000),
    hidden_size: size(65_536),
    num_hidden_layers: size(1_000),
    num_attention_heads: size(1_024),
    intermediate_size: size(1_000_000),
    hidden_act: z.enum(Object.keys(activations) as [ActivationName, ...ActivationName[]]).default('gelu'),
    hidden_dropout_prob: rate.default(0.1),
    attention_probs_dropout_prob: rate.default(0.1),
    classifier_dropout: rate.nullish(),
    max_position_embeddings: size(1_000_000).default(512),
    type_vocab_size: size(1_000).default(2),
    initializer_range: z.number().min(0).default(0.02),
    layer_norm_eps: z.number().positive().default(1e-12),
    pad_token_id: z
      .number()
      .int()
      .min(0)
      .nullish()
      .transform((id) => id ?? 0),
    position_embedding_type: z.literal('absolute').optional(),
    is_decoder: z.literal(false).optional(),
    add_cross_attention: z.literal(false).optional(),
    id2label: z.record(z.string(), z.string()).optional(),
    classifier_pooling: z.enum(['cls', 'mean']).optional(),
  })
  .refine((config) => config.hidden_size % config.num_attention_heads === 0, {
    path: ['num_attention_heads'],
    message: 'the hidden size does not split into this many heads',
  })
  .refine((config) => config.pad_token_id < config.vocab_size, {
    path: ['pad_token_id'],
    message: 'the padding token is outside the vocabulary',
  });

export type BertConfig = z.infer<typeof bertConfig>;

/** What the parameters of the encoder have in common, and those of the heads. */
const baseOf = (config: BertConfig) => ({ kind: 'base', std: config.initializer_range }) as const;
const headOf = (config: BertConfig) => ({ kind: 'head', std: config.initializer_range }) as const;

const tableOf = (config: BertConfig, rows: number) => ({ ...baseOf(config), rows, width: config.hidden_size });
const wordsOf = (config: BertConfig) => ({ ...tableOf(config, config.vocab_size), paddingRow: config.pad_token_id });

function embed(b: Builder, config: BertConfig, inputs: SequenceInputs): Value {
  const words = embedding(b, 'word_embeddings', inputs.inputIds, wordsOf(config));
  const segments = embedding(b, 'token_type_embeddings', inputs.tokenTypeIds, tableOf(config, config.type_vocab_size));
  const places = tableOf(config, config.max_position_embeddings);
  const sum = add(add(words, segments), embedding(b, 'position_embeddings', inputs.positionIds, places));
  return inputs.perturbation ? add(sum, inputs.perturbation) : sum;
}

const standardize = (b: Builder, config: BertConfig, x: Value): Value =>
  norm(b, 'LayerNorm', x, { kind: 'base', epsilon: config.layer_norm_eps });

/** norm(x + dropout(y)): how each half of a layer ends, in its `output` module. */
function finish(b: Builder, config: BertConfig, module: string, x: Value, y: Value): Value {
  return inModule(b, module, () => standardize(b, config, add(dropout(b, y, config.hidden_dropout_prob), x)));
}

function layer(
  b: Builder,
  config: BertConfig,
  x: Value,
  bias: Value,
): { readonly hidden: Value; readonly attention: AttentionParts } {
  const { hidden_size: outputs } = config;
  const base = baseOf(config);
  const { attended, attention } = inModule(b, 'attention', () => {
    const { context, ...attention } = inModule(b, 'self', () =>
      selfAttention(b, x, bias, {
        ...base,
        heads: config.num_attention_heads,
        dropout: config.attention_probs_dropout_prob,
      }),
    );
    const mixed = linear(b, 'output.dense', context, { ...base, outputs, role: 'attention-output' });
    return { attended: finish(b, config, 'output', x, mixed), attention };
  });
  const transformed = feedForward(b, attended, {
    ...base,
    names: ['intermediate.dense', 'output.dense'],
    inner: config.intermediate_size,
    outputs,
    activation: config.hidden_act,
  });
  return { hidden: finish(b, config, 'output', attended, transformed), attention };
}

const layerModule = (layer: number): string => `encoder.layer.${layer}`;

function encode(b: Builder, config: BertConfig, inputs: SequenceInputs, prefix: string, start?: EncoderStart): Encoded {
  return inModule(b, prefix, () => {
    b.layer = 0;
    const { embedded, read } = inModule(b, 'embeddings', () => {
      if (start) return { embedded: undefined, read: start.hidden };
      const embedded = embed(b, config, inputs);
      return { embedded, read: dropout(b, standardize(b, config, embedded), config.hidden_dropout_prob) };
    });
    const layers: Value[] = [];
    const attention: AttentionParts[] = [];
    let hidden = read;
    for (let i = start?.layers ?? 0; i < config.num_hidden_layers; i++) {
      b.layer = i + 1;
      const made = inModule(b, layerModule(i), () => layer(b, config, hidden, inputs.attentionBias));
      hidden = made.hidden;
      layers.push(hidden);
      attention.push(made.attention);
    }
    b.layer = config.num_hidden_layers + 1;
    const { attentionBias: bias, inputIds: ids, tokenTypeIds: segments } = inputs;
    return { embedded, layers, attention, hidden, bias, ids, segments };
  });
}

/** tanh(dense(the [CLS] rows)). */
function pool(b: Builder, config: BertConfig, hidden: Value, prefix: string): Value {
  const outputs = config.hidden_size;
  return inModule(b, prefix, () =>
    inModule(b, 'pooler', () =>
      activatedLinear(b, 'dense', slice(hidden, 0, 0, 'batch'), { ...baseOf(config), outputs, activation: 'tanh' }),
    ),
  );
}

/** classifier(dropout(rows)). */
function classify(b: Builder, config: BertConfig, rows: Value, { labels, at = '', initialBias }: HeadOptions): Value {
  return inModule(b, at, () => {
    const kept = inModule(b, 'classifier', () =>
      dropout(b, rows, config.classifier_dropout ?? config.hidden_dropout_prob),
    );
    return linear(b, 'classifier', kept, { ...headOf(config), outputs: labels, ...(initialBias && { initialBias }) });
  });
}

const sequenceHead = (b: Builder, config: BertConfig, hidden: Value, prefix: string, options: HeadOptions): Value =>
  classify(b, config, pool(b, config, hidden, prefix), options);

function spanHead(b: Builder, config: BertConfig, hidden: Value, { at = '' }: Pick<HeadOptions, 'at'>) {
  return inModule(b, at, () => {
    const rows = linear(b, 'qa_outputs', hidden, { ...headOf(config), outputs: 2 });
    const scores = transpose(reshape(rows, ['length', 'batch', 2]), [2, 1, 0]);
    const score = (i: number) => reshape(slice(scores, 0, i, i + 1), ['batch', 'length']);
    return { start: score(0), end: score(1) };
  });
}

/** The words' own embeddings are the output layer (weight tying, Press & Wolf 2017). */
function maskedHead(
  b: Builder,
  config: BertConfig,
  hidden: Value,
  prefix: string,
  { maskedRows }: MaskedHeadOptions,
): Value {
  const words = inModule(b, prefix, () => embeddingTable(b, 'embeddings.word_embeddings', wordsOf(config)));
  return inModule(b, 'cls.predictions', () => {
    const rows = maskedRows ? gatherRows(hidden, maskedRows) : hidden;
    const transformed = inModule(b, 'transform', () => {
      const dense = { ...headOf(config), outputs: config.hidden_size, activation: config.hidden_act };
      const epsilon = config.layer_norm_eps;
      return norm(b, 'LayerNorm', activatedLinear(b, 'dense', rows, dense), { kind: 'head', epsilon });
    });
    const options = { kind: 'head', decay: false, initial: 'zeros' } as const;
    const bias = parameter(b, qualify(b, 'bias'), [config.vocab_size], options);
    return gemm(transformed, words, { c: bias, transposeB: true });
  });
}

/** Keys that only other descendants of BERT have (ALBERT and ELECTRA factorise their embeddings). */
const foreignKeys = ['embedding_size', 'num_hidden_groups', 'relative_attention', 'emb_dim', 'd_model'];
const ownKeys = ['vocab_size', 'hidden_size', 'num_hidden_layers', 'num_attention_heads', 'intermediate_size'];

export const bert = {
  className: 'Bert',
  prefix: 'bert',
  config: bertConfig,
  recognizes: (config) =>
    ownKeys.every((key) => key in config) &&
    !foreignKeys.some((key) => key in config) &&
    config['type_vocab_size'] !== 1,
  layerModule,
  encode,
  pool,
  sequenceHead,
  tokenHead: classify,
  spanHead,
  maskedHead,
} satisfies Architecture;
