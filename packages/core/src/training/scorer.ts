/** Prediction: logits of many tokenised windows, in batches of similar length, from the weights in a store. */
import { planEvalBatches } from '../data/index.js';
import { output } from '../graph/index.js';
import type { ModelConfig, SequenceBatch } from '../models/index.js';
import type { Parameter } from '../nn/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import type { FrozenEncoder } from './frozen-encoder.js';
import type { ParameterStore } from './parameter-store.js';
import {
  batchOf,
  buildObjective,
  sequenceFeeds,
  weightFeeds,
  type EncoderOptions,
  type Objective,
} from './objective.js';

/** A window to score, or to learn from. */
export interface ScorableFeature {
  readonly ids: Int32Array;
  readonly typeIds: ArrayLike<number>;
  /** Which word each token belongs to; -1 for special tokens. */
  readonly wordIds?: Int32Array;
  /** The truth as numbers; -100 leaves an element out of the loss. Absent when predicting. */
  readonly target?: Float32Array | Int32Array;
  /** Neighbours with the same number are learnt from together. */
  readonly group?: number;
}

/** How a batch's logits fall apart into one array a feature. */
export type SplitLogits<F extends ScorableFeature> = (
  logits: Float32Array,
  features: readonly F[],
  layout: SequenceBatch,
) => Float32Array[];

/** A head as it predicts. */
export interface Scorable<F extends ScorableFeature> extends Objective {
  splitLogits: SplitLogits<F>;
  /** What the head reads besides the encoder's output. */
  headFeeds?(features: readonly F[], layout: SequenceBatch, config: ModelConfig): Record<string, Tensor>;
}

export interface Scorer<F extends ScorableFeature> {
  /** The parameters that the store must hold. */
  readonly parameters: readonly Parameter[];
  /** Logits of each feature, in order. `progress` is called after each batch with the features done. */
  score(
    store: Pick<ParameterStore, 'slot'>,
    features: readonly F[],
    progress?: (done: number) => void,
  ): Promise<Float32Array[]>;
  release(): Promise<void>;
}

/** Real and padding tokens of a prediction batch: enough to fill the cores, few enough to stay in their caches. */
const tokensPerBatch = 2048;

export interface ScorerOptions extends Pick<EncoderOptions, 'adapters'> {
  /** The encoder's first layers, where they learn no more: they are not computed anew. */
  readonly frozen?: Pick<FrozenEncoder, 'layers' | 'hidden'> | undefined;
}

/** Compiles the encoder, or the layers behind those that are frozen, and one head, without dropout. */
export async function createScorer<F extends ScorableFeature>(
  engine: Engine,
  objective: Scorable<F>,
  config: ModelConfig,
  { frozen, adapters }: ScorerOptions = {},
): Promise<Scorer<F>> {
  const parts = { training: false, frozenLayers: frozen?.layers, adapters };
  const { graph, builder, logits } = buildObjective(objective, config, parts);
  output('logits', logits);
  const program = await engine.compile(graph);
  return {
    parameters: [...builder.parameters.values()],
    async score(store, features, progress) {
      const weights = weightFeeds(program, builder, store);
      const results = new Array<Float32Array>(features.length);
      let done = 0;
      const plan = planEvalBatches(
        features.map(({ ids }) => ids.length),
        { maxTokens: tokensPerBatch },
      );
      for (const indices of plan) {
        const members = Array.from(indices, (index) => features[index] as F);
        const batch = batchOf(members, config);
        const rows = frozen && { hidden: await frozen.hidden(members, batch) };
        const ofHead = objective.headFeeds?.(members, batch, config);
        const fed = await program.run({ ...weights, ...sequenceFeeds(batch), ...ofHead, ...rows }, { logits: null });
        const data = fed['logits']?.data as Float32Array;
        objective.splitLogits(data, members, batch).forEach((own, i) => (results[indices[i] as number] = own));
        done += members.length;
        progress?.(done);
      }
      return results;
    },
    release: () => program.release(),
  };
}
