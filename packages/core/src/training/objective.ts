/** What a model is trained or asked for: an objective on an encoder, the graph of both, and what such a graph is fed. */
import { FieldcraftError } from '../foundation/index.js';
import { input, narrowRows, reshape, type Graph, type Value } from '../graph/index.js';
import {
  architectureOf,
  createSequenceGraph,
  feedSequences,
  sequenceInputs,
  type EncodedRows,
  type EncoderStart,
  type ModelConfig,
  type Sequence,
  type SequenceInputs,
  type SequenceBatch,
} from '../models/index.js';
import {
  createBuilder,
  int8Names,
  type Adapters,
  type Arithmetic,
  type Builder,
  type DropoutSite,
} from '../nn/index.js';
import type { Program, Tensor } from '../runtime/index.js';
import type { DropoutMasks } from './dropout-masks.js';
import type { ParameterStore, Slot } from './parameter-store.js';

/** What a graph is built for: a head on the encoder's output, and the loss of its logits. */
export interface Objective {
  readonly name: string;
  head(builder: Builder, encoded: EncodedRows, config: ModelConfig): Value;
  loss(builder: Builder, logits: Value): Value;
  /** How far answers q are from answers p, both as logits; as in a task. */
  divergence?(builder: Builder, p: Value, q: Value): Value;
  /**
   * Whether the loss compares the sequences of a batch with each other, so that it is none of one pass of several. Its logits have a row
   * a sequence, [batch, width]. Default false.
   */
  readonly acrossBatch?: boolean;
}

/** A model before it is compiled: the graph, and what its layers asked for. */
export interface ObjectiveGraph {
  readonly graph: Graph;
  readonly builder: Builder;
  readonly logits: Value;
}

/** What of the encoder is in the graph, and what its layers are given. */
export interface EncoderOptions {
  /**
   * The first layers, and with them the embeddings, that are computed before: the output of the last of them, `hidden` [length, batch, hidden],
   * is an input. Default 0: the whole encoder is in the graph.
   */
  readonly frozenLayers?: number | undefined;
  readonly adapters?: Adapters | undefined;
  /** Of the encoder's linear layers in training; predictions are computed in single precision. Default fp32. */
  readonly arithmetic?: Arithmetic | undefined;
}

/**
 * What encoder and head make of a batch: logits of which all rows are computed, until `narrowRows` leaves out those that nobody reads.
 * @param start of an encoder whose first layers were computed before
 */
export function readLogits(
  builder: Builder,
  objective: Objective,
  config: ModelConfig,
  inputs: SequenceInputs = sequenceInputs(builder.graph),
  start?: EncoderStart,
): Value {
  const architecture = architectureOf(config);
  return objective.head(builder, architecture.encode(builder, config, inputs, architecture.prefix, start), config);
}

/** The encoder, or the layers behind those that are computed before, and one head; with `training` dropout is on. */
export function buildObjective(
  objective: Objective,
  config: ModelConfig,
  { training, frozenLayers = 0, adapters, arithmetic }: EncoderOptions & { training: boolean },
): ObjectiveGraph {
  const graph = createSequenceGraph(`${objective.name}.${training ? 'training' : 'prediction'}`);
  const builder = createBuilder(graph, { training, adapters, ...(training && { arithmetic }) });
  const width = config.hidden_size;
  const start =
    frozenLayers === 0
      ? undefined
      : {
          layers: frozenLayers,
          hidden: reshape(input(graph, 'hidden', ['length', 'batch', width]), ['tokens', width]),
        };
  const [logits] = narrowRows([readLogits(builder, objective, config, undefined, start)]) as [Value];
  return { graph, builder, logits };
}

/** The weights that a program reads, and their copies in 8 bits; by `averages` the moving averages of those that have one. */
export function weightFeeds(
  program: Program,
  builder: Pick<Builder, 'parameters'>,
  store: Pick<ParameterStore, 'slot'>,
  by: 'weights' | 'averages' = 'weights',
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const { name, int8 } of builder.parameters.values()) {
    if (program.inputs.has(name)) {
      const { weight, average, shape } = store.slot(name);
      feeds[name] = { data: (by === 'averages' ? average : undefined) ?? weight, shape };
    }
    if (int8) Object.assign(feeds, int8Feeds(name, store.slot(name)));
  }
  return feeds;
}

/** The copies of a weight in 8 bits, as the last `quantise` made them. */
function int8Feeds(name: string, { shape, int8 }: Slot): Record<string, Tensor> {
  const [outputs, inputs] = shape as readonly [number, number];
  if (!int8) throw new FieldcraftError('FC_INTERNAL', { what: `no copies in 8 bits were planned for ${name}` });
  const { byOutput, byInput } = int8Names(name);
  return {
    [byOutput.numbers]: { data: int8.byOutput.data, shape: [inputs, outputs] },
    [byOutput.scales]: { data: int8.byOutput.scales, shape: [outputs] },
    [byInput.numbers]: { data: int8.byInput.data, shape: [outputs, inputs] },
    [byInput.scales]: { data: int8.byInput.scales, shape: [inputs] },
  };
}

export function sequenceFeeds(batch: SequenceBatch): Record<string, Tensor> {
  const rows = [batch.tokens];
  return {
    input_ids: { data: batch.input_ids, shape: rows },
    token_type_ids: { data: batch.token_type_ids, shape: rows },
    position_ids: { data: batch.position_ids, shape: rows },
    attention_bias: { data: batch.attention_bias, shape: [batch.batch, 1, 1, batch.length] },
  };
}

/** Lays out features as a batch. */
export const batchOf = (sequences: readonly Sequence[], config: ModelConfig): SequenceBatch =>
  feedSequences(sequences, { padId: config.pad_token_id });

/** Masks of every dropout site: equal numbers give equal masks. */
export function maskFeeds(
  { dropouts }: { dropouts: ReadonlyMap<string, DropoutSite> },
  { batch, masks, maskNumber }: { batch: SequenceBatch; masks: DropoutMasks; maskNumber: number },
): Record<string, Tensor> {
  const sizes: Record<string, number> = { batch: batch.batch, length: batch.length, tokens: batch.tokens };
  const feeds: Record<string, Tensor> = {};
  for (const [site, { rate, shape }] of dropouts) {
    const concrete = shape.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim] as number)));
    const count = concrete.reduce((product, size) => product * size, 1);
    feeds[site] = { data: masks.mask(site, rate, count, maskNumber), shape: concrete };
  }
  return feeds;
}
