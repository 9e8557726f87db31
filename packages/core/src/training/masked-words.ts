/** Masked language modelling as an objective: hidden words of a text are told from the words around them (Devlin et al. 2019, section 3.1). */
import { input } from '../graph/index.js';
import { architectureOf, rowOf, type ModelConfig, type SequenceBatch } from '../models/index.js';
import { crossEntropy } from '../nn/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import { maskTokens, type Encoding, type MaskingOptions } from '../text/index.js';
import type { HiddenRows } from './frozen-encoder.js';
import { createLossMeter, type LossMeter } from './loss-meter.js';
import type { Objective } from './objective.js';
import type { ScorableFeature } from './scorer.js';

/** A window of which some tokens are hidden. `target` has the true id where one is to be told, -100 elsewhere. */
export interface MaskedWindow extends ScorableFeature {
  readonly target: Int32Array;
}

/** Draws of masks that no pass over the text makes: those of text that is measured on, and of what a new head learns from. */
export const heldOutDraw = 1_000_000;
export const headDraw = 2_000_000;

/** Windows with tokens hidden; another `draw` hides others. */
export const maskWindows = (
  encodings: readonly Encoding[],
  draw: number,
  masking: Omit<MaskingOptions, 'draw'>,
): MaskedWindow[] =>
  encodings.map((encoding, i) => {
    const { ids, labels } = maskTokens(encoding, { ...masking, draw: [draw, i] });
    return { ids, typeIds: encoding.typeIds, target: labels };
  });

/** The first windows that have so many tokens together. */
export function upToTokens<W extends Pick<ScorableFeature, 'ids'>>(windows: readonly W[], tokens: number): W[] {
  let sum = 0;
  return windows.filter(({ ids }) => (sum += ids.length) <= tokens);
}

/** What the objective and its task are called. */
export const maskedWordsName = 'masked-words';

/**
 * The head and the mean cross entropy over hidden tokens, in nats. Their rows are gathered before the vocabulary is projected: six of seven rows of
 * the largest product of the graph are never computed.
 */
export const maskedWords: Objective = {
  name: maskedWordsName,
  head(builder, { hidden }, config) {
    const architecture = architectureOf(config);
    const maskedRows = input(builder.graph, 'masked_rows', ['masked'], 'int64');
    return architecture.maskedHead(builder, config, hidden, architecture.prefix, { maskedRows });
  },
  loss: (builder, logits) => crossEntropy(logits, input(builder.graph, 'labels', ['masked'], 'int64')),
};

/** The rows to be told, [masked]. */
export function maskedRowFeeds(windows: readonly MaskedWindow[], { batch }: SequenceBatch): Record<string, Tensor> {
  const rows = hiddenTokens(windows).map(({ position, sequence }) => BigInt(rowOf(position, sequence, batch)));
  return { masked_rows: { data: BigInt64Array.from(rows), shape: [rows.length] } };
}

/** The true ids of those rows, [masked]. */
export function maskedLabelFeeds(windows: readonly MaskedWindow[]): Record<string, Tensor> {
  const labels = hiddenTokens(windows).map(({ id }) => BigInt(id));
  return { labels: { data: BigInt64Array.from(labels), shape: [labels.length] } };
}

function hiddenTokens(windows: readonly MaskedWindow[]): { position: number; sequence: number; id: number }[] {
  return windows.flatMap(({ target }, sequence) =>
    Array.from(target, (id, position) => ({ position, sequence, id })).filter(({ id }) => id >= 0),
  );
}

/** How well words are told that are masked once and for all, in nats a hidden token; its exponential is their perplexity. With `hidden` by the head alone. */
export const createMaskedMeter = (
  engine: Engine,
  config: ModelConfig,
  hidden?: HiddenRows,
): Promise<LossMeter<MaskedWindow>> =>
  createLossMeter(engine, config, {
    objective: maskedWords,
    frozenLayers: hidden ? config.num_hidden_layers : 0,
    feeds: async (windows, batch) => ({
      ...maskedRowFeeds(windows, batch),
      ...maskedLabelFeeds(windows),
      ...(hidden && { hidden: await hidden(windows, batch) }),
    }),
  });
