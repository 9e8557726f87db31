/** The mean loss of the weights in a store on windows that stay the same, without dropout and without gradients. */
import { planEvalBatches } from '../data/index.js';
import { output } from '../graph/index.js';
import type { ModelConfig, SequenceBatch } from '../models/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import { batchOf, buildObjective, sequenceFeeds, weightFeeds, type Objective } from './objective.js';
import type { ParameterStore } from './parameter-store.js';
import { countTargets } from './run-batch.js';
import type { ScorableFeature } from './scorer.js';

export interface LossMeter<F extends ScorableFeature> {
  /** Over the windows' targets, each counting the same; NaN where there are none. */
  measure(store: ParameterStore, windows: readonly F[]): Promise<number>;
  release(): Promise<void>;
}

export interface LossMeterParts<F extends ScorableFeature> {
  readonly objective: Objective;
  /** What the head and the loss read besides the sequences, and what frozen layers say of them. */
  readonly feeds: (
    windows: readonly F[],
    batch: SequenceBatch,
  ) => Record<string, Tensor> | Promise<Record<string, Tensor>>;
  /** The encoder's first layers that are computed before, and fed as `hidden`. Default 0. */
  readonly frozenLayers?: number;
}

/** Tokens of a batch, padding included, as those of predictions. */
const tokensPerBatch = 2048;

/** Compiles the objective and its loss. */
export async function createLossMeter<F extends ScorableFeature>(
  engine: Engine,
  config: ModelConfig,
  { objective, feeds: own, frozenLayers = 0 }: LossMeterParts<F>,
): Promise<LossMeter<F>> {
  const { graph, builder, logits } = buildObjective(objective, config, { training: false, frozenLayers });
  output('loss', objective.loss(builder, logits));
  const program = await engine.compile(graph);
  return {
    async measure(store, windows) {
      const weights = weightFeeds(program, builder, store);
      const lengths = windows.map(({ ids }) => ids.length);
      let [sum, count] = [0, 0];
      for (const indices of planEvalBatches(lengths, { maxTokens: tokensPerBatch })) {
        const members = Array.from(indices, (index) => windows[index] as F);
        const batch = batchOf(members, config);
        const feeds = { ...weights, ...sequenceFeeds(batch), ...(await own(members, batch)) };
        const { loss } = await program.run(feeds, { loss: null });
        const targets = countTargets(members);
        sum += Number(loss?.data[0]) * targets;
        count += targets;
      }
      return sum / count;
    },
    release: () => program.release(),
  };
}
