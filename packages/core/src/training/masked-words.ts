/** Masked language modelling as an objective: hidden words of a text are told from the words around them (Devlin et al. 2019, section 3.1). */
import { input, output } from '../graph/index.js';
import { architectureOf, rowOf, type ModelConfig, type SequenceBatch } from '../models/index.js';
import { crossEntropy, type Parameter } from '../nn/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import { planEvalBatches } from '../data/index.js';
import type { HiddenRows } from './frozen-encoder.js';
import { batchOf, buildObjective, sequenceFeeds, weightFeeds, type Objective } from './objective.js';
import type { ParameterStore } from './parameter-store.js';
import type { ScorableFeature } from './scorer.js';

/** A window of which some tokens are hidden. `target` has the true id where one is to be told, -100 elsewhere. */
export interface MaskedWindow extends ScorableFeature {
  readonly target: Int32Array;
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

/** The mean loss of the weights in a store on windows that are masked once and for all; its exponential is their perplexity. */
export interface HeldOutLoss {
  readonly parameters: readonly Parameter[];
  /** In nats a hidden token; NaN for no windows. */
  measure(store: ParameterStore, windows: readonly MaskedWindow[]): Promise<number>;
  release(): Promise<void>;
}

/** Tokens of a batch, padding included, as those of predictions. */
const tokensPerBatch = 2048;

/** Compiles the encoder, the head and the loss, without dropout and without gradients; with `hidden` the head and the loss alone. */
export async function createHeldOutLoss(
  engine: Engine,
  config: ModelConfig,
  hidden?: HiddenRows,
): Promise<HeldOutLoss> {
  const frozenLayers = hidden ? config.num_hidden_layers : 0;
  const { graph, builder, logits } = buildObjective(maskedWords, config, { training: false, frozenLayers });
  output('loss', maskedWords.loss(builder, logits));
  const program = await engine.compile(graph);
  return {
    parameters: [...builder.parameters.values()],
    async measure(store, windows) {
      const weights = weightFeeds(program, builder, store);
      const plan = planEvalBatches(
        windows.map(({ ids }) => ids.length),
        { maxTokens: tokensPerBatch },
      );
      let [sum, count] = [0, 0];
      for (const indices of plan) {
        const members = Array.from(indices, (index) => windows[index] as MaskedWindow);
        const batch = batchOf(members, config);
        const labels = maskedLabelFeeds(members);
        const rows = hidden && { hidden: await hidden(members, batch) };
        const feeds = { ...weights, ...sequenceFeeds(batch), ...maskedRowFeeds(members, batch), ...labels, ...rows };
        const { loss } = await program.run(feeds, { loss: null });
        const told = labels['labels']?.data.length ?? 0;
        sum += Number(loss?.data[0]) * told;
        count += told;
      }
      return sum / count;
    },
    release: () => program.release(),
  };
}
