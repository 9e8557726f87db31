/**
 * A batch of sequences as a model sees it. Token rows are ordered position first: row = position * batch + sequence. So the rows of
 * position 0 ([CLS]) are the first `batch` ones, and a head of attention is a strided view of them.
 */
import { FieldcraftError } from '../foundation/index.js';
import { createGraph, input, type Graph, type Value } from '../graph/index.js';

/** A graph over a batch of sequences: sizes `batch`, `length`, and `tokens` = length * batch. */
export const createSequenceGraph = (name: string): Graph => createGraph(name, { tokens: ['length', 'batch'] });

export interface SequenceInputs {
  /** Token numbers [tokens], int64. */
  readonly inputIds: Value;
  /** Segment of each token [tokens], int64. */
  readonly tokenTypeIds: Value;
  /** Position of each token [tokens], int64. */
  readonly positionIds: Value;
  /** [batch, 1, 1, length], added to attention scores: 0 for real tokens, very negative for padding. */
  readonly attentionBias: Value;
  /** [tokens, hidden], added to the sum of the embeddings: where adversarial training perturbs. Default none. */
  readonly perturbation?: Value;
}

/** Declares the inputs that every encoder takes: `input_ids`, `token_type_ids`, `position_ids`, `attention_bias`. */
export const sequenceInputs = (graph: Graph): SequenceInputs => ({
  inputIds: input(graph, 'input_ids', ['tokens'], 'int64'),
  tokenTypeIds: input(graph, 'token_type_ids', ['tokens'], 'int64'),
  positionIds: input(graph, 'position_ids', ['tokens'], 'int64'),
  attentionBias: input(graph, 'attention_bias', ['batch', 1, 1, 'length']),
});

/** What is added to the attention scores of padding, as in the original BERT: exp(-10000) is 0, and a half-precision float can hold it. */
export const paddingBias = -10_000;

/** One tokenized text, special tokens included. */
export interface Sequence {
  readonly ids: ArrayLike<number>;
  /** Segment of each token; default all 0. */
  readonly typeIds?: ArrayLike<number>;
}

/** What `sequenceInputs` is fed for one batch, and the batch's sizes. */
export interface SequenceBatch {
  readonly input_ids: BigInt64Array;
  readonly token_type_ids: BigInt64Array;
  readonly position_ids: BigInt64Array;
  readonly attention_bias: Float32Array;
  readonly batch: number;
  /** Of the longest sequence. */
  readonly length: number;
  readonly tokens: number;
}

/** The token row of a position of a sequence, both from 0, in a batch of `batch` sequences. */
export const rowOf = (position: number, sequence: number, batch: number): number => position * batch + sequence;

/**
 * Lays out sequences position first, padded to the longest with `padId`.
 * @throws FieldcraftError FC_DATA if there is no sequence, or one is empty or has another number of segments than tokens.
 */
export function feedSequences(sequences: readonly Sequence[], { padId }: { padId: number }): SequenceBatch {
  const batch = sequences.length;
  const length = sequences.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
  const tokens = batch * length;
  const fed: SequenceBatch = {
    input_ids: new BigInt64Array(tokens).fill(BigInt(padId)),
    token_type_ids: new BigInt64Array(tokens),
    position_ids: new BigInt64Array(tokens),
    attention_bias: new Float32Array(tokens),
    batch,
    length,
    tokens,
  };
  if (batch === 0) throw new FieldcraftError('FC_DATA', { what: 'a batch has no sequences' });
  sequences.forEach(({ ids, typeIds }, sequence) => {
    if (ids.length === 0 || (typeIds && typeIds.length !== ids.length)) {
      throw new FieldcraftError('FC_DATA', {
        what: 'a sequence is empty, or its segments are not one for each token',
        where: `sequence ${sequence} of the batch`,
        got: `${ids.length} tokens, ${typeIds?.length ?? 'no'} segments`,
      });
    }
    for (let position = 0; position < length; position++) {
      const row = rowOf(position, sequence, batch);
      fed.position_ids[row] = BigInt(position);
      if (position >= ids.length) {
        fed.attention_bias[sequence * length + position] = paddingBias;
        continue;
      }
      fed.input_ids[row] = BigInt(ids[position] ?? padId);
      fed.token_type_ids[row] = BigInt(typeIds?.[position] ?? 0);
    }
  });
  return fed;
}
