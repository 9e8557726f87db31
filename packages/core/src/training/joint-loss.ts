/**
 * Losses that compare the sequences of a batch with each other, such as each pair's with all others: computed in passes all the same. The
 * logits of all passes come first, without gradients; the loss and its gradient at the logits follow; then each pass is computed again, now
 * with gradients, and sends its share back (gradient caching; Gao et al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory
 * Limited Setup"). With the same dropout masks both times the gradient is that of the whole batch in one pass, at the price of one more
 * forward computation; memory does not grow with the batch, and short texts are not padded to the length of long ones.
 */
import { createGraph, gradients, input, mul, output, sumAll, type Value } from '../graph/index.js';
import { FieldcraftError } from '../foundation/index.js';
import type { ModelConfig } from '../models/index.js';
import { createBuilder } from '../nn/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import { compileLogits, type LogitsPass } from './logits-program.js';
import type { EncoderOptions, Objective } from './objective.js';

/** What a pass is fed: the gradient of the batch's loss at its own logits. */
export const upstreamInput = 'upstream_gradient';

/** A scalar whose gradient at the logits is the input `upstreamInput`. */
export const passLoss = (logits: Value): Value => sumAll(mul(logits, input(logits.graph, upstreamInput, logits.shape)));

export interface CompiledJointLoss {
  /** Numbers a row of logits. */
  readonly width: number;
  /** The logits of one pass [batch, width], with dropout and without gradients. */
  logits(pass: LogitsPass): Promise<Float32Array>;
  /** `share` times the loss of all rows, and its gradient at them. `rows` [batch, width], as the feeds expect them. */
  loss(rows: Float32Array, feeds: Readonly<Record<string, Tensor>>, share: number): Promise<JointLoss>;
  release(): Promise<void>;
}

export interface JointLoss {
  readonly loss: number;
  /** [batch, width]. */
  readonly gradient: Float32Array;
}

/** @throws FieldcraftError FC_INTERNAL for logits that have no row of a fixed width for each sequence */
export async function compileJointLoss(
  objective: Objective,
  config: ModelConfig,
  engine: Engine,
  options: EncoderOptions = {},
): Promise<CompiledJointLoss> {
  const encoder = await compileLogits(engine, objective, config, options);
  const [rows, width] = encoder.shape;
  if (rows !== 'batch' || typeof width !== 'number') {
    throw new FieldcraftError('FC_INTERNAL', {
      what: `the loss of ${objective.name} cannot be computed across a batch`,
      expected: 'logits [batch, width]',
      got: encoder.shape.join(', '),
    });
  }
  const graph = createGraph(`${objective.name}.joint-loss`);
  const logits = input(graph, 'logits', ['batch', width]);
  const loss = mul(objective.loss(createBuilder(graph, { training: true }), logits), input(graph, 'loss_share', []));
  output('loss', loss);
  const [found] = gradients(loss, [logits]);
  if (found?.dense === undefined)
    throw new FieldcraftError('FC_INTERNAL', { what: `the loss of ${objective.name} does not depend on its logits` });
  output('gradient', found.dense);
  const comparison = await engine.compile(graph);
  return {
    width,
    logits: async (pass) => (await encoder.run(pass)).data as Float32Array,
    async loss(data, feeds, share) {
      const fed = {
        logits: { data, shape: [data.length / width, width] },
        loss_share: { data: Float32Array.of(share), shape: [] },
        ...feeds,
      };
      const { loss, gradient } = await comparison.run(fed, { loss: null, gradient: null });
      return { loss: Number(loss?.data[0]), gradient: gradient?.data as Float32Array };
    },
    async release() {
      await encoder.release();
      await comparison.release();
    },
  };
}
