/**
 * Losses that compare the sequences of a batch with each other, such as each pair's with all others: computed in passes all the same. The
 * logits of all passes come first, without gradients; the loss and its gradient at the logits follow; then each pass is computed again, now
 * with gradients, and sends its share back (gradient caching; Gao et al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory
 * Limited Setup"). With the same dropout masks both times the gradient is that of the whole batch in one pass, at the price of one more
 * forward computation; memory does not grow with the batch, and short texts are not padded to the length of long ones.
 */
import { add, createGraph, gradients, input, mul, output, sumAll, type Graph, type Value } from '../graph/index.js';
import { FieldcraftError } from '../foundation/index.js';
import type { ModelConfig, SequenceBatch } from '../models/index.js';
import { createBuilder, type Builder } from '../nn/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import type { DropoutMasks } from './dropout-masks.js';
import {
  buildObjective,
  maskFeeds,
  sequenceFeeds,
  weightFeeds,
  type EncoderOptions,
  type Objective,
} from './objective.js';
import type { ParameterStore } from './parameter-store.js';
import type { ScorableFeature } from './scorer.js';

/** What such a loss is made of: readings of a pass, as it is or changed, and the loss of all rows of all readings. */
export interface LossParts {
  readonly name: string;
  /** Opens a graph of one pass, with logits [batch, width] of each reading. */
  read(): { readonly builder: Builder; readonly logits: readonly Value[] };
  /** Of the logits of each reading, in a graph of its own. */
  loss(builder: Builder, logits: readonly Value[]): Value;
}

/** One reading of the batch as it is. */
export const partsOf = (objective: Objective, config: ModelConfig, options: EncoderOptions): LossParts => ({
  name: objective.name,
  read() {
    const { builder, logits } = buildObjective(objective, config, { training: true, ...options });
    return { builder, logits: [logits] };
  },
  loss: (builder, [logits]) => objective.loss(builder, logits as Value),
});

const logitsName = (reading: number): string => `logits.${reading}`;

/** What a pass is fed: the gradient of the batch's loss at its own logits of a reading. */
const upstreamInput = (reading: number): string => `upstream_gradient.${reading}`;

/** A scalar whose gradient at the logits of each reading is what a pass is fed. */
export const passLoss = (logits: readonly Value[]): Value =>
  logits
    .map((rows, reading) => sumAll(mul(rows, input(rows.graph, upstreamInput(reading), rows.shape))))
    .reduce((sum, one) => add(sum, one));

/** A part of a batch that is computed at once. */
export interface JointPass {
  readonly windows: readonly ScorableFeature[];
  /** Which members of the batch they are. */
  readonly indices: Int32Array;
  readonly batch: SequenceBatch;
  readonly maskNumber: number;
  /** What layers computed before say. */
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** A batch in passes. */
export interface JointRequest {
  readonly store: ParameterStore;
  readonly masks: DropoutMasks;
  readonly passes: readonly JointPass[];
  /** What the loss reads besides logits, of the whole batch: targets, a teacher's answers. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly share: number;
  readonly accumulate: boolean;
}

/** A pass as a step is asked to compute it. */
export type PassRequest = Pick<JointRequest, 'store' | 'masks'> & Pick<JointPass, 'batch' | 'maskNumber' | 'feeds'>;

interface JointLossOptions {
  readonly share: number;
  /** What the loss and a pass read besides what is in the request. */
  readonly lossFeeds?: Readonly<Record<string, Tensor>>;
  readonly passFeeds?: (pass: number) => Readonly<Record<string, Tensor>>;
  /** Computes a pass whose loss is `passLoss`, with the gradients that are wanted. */
  readonly send: (request: PassRequest, pass: number) => Promise<unknown>;
}

interface CompiledJointLoss {
  /** Computes the loss of the batch, sends its gradient to each pass, and returns `share` times the loss. */
  compute(request: JointRequest, options: JointLossOptions): Promise<number>;
  release(): Promise<void>;
}

/** @throws FieldcraftError FC_INTERNAL for logits that have no row of a fixed width for each sequence */
export async function compileJointLoss(engine: Engine, parts: LossParts): Promise<CompiledJointLoss> {
  const { builder, logits } = parts.read();
  logits.forEach((rows, reading) => output(logitsName(reading), rows));
  const encoder = await engine.compile(builder.graph);
  const comparison = await engine.compile(comparisonGraph(parts, logits));

  return {
    async compute(request, { share, lossFeeds, passFeeds, send }) {
      const { store, masks, passes } = request;
      const asked = passes.map((pass, i): PassRequest => ({
        ...{ store, masks, batch: pass.batch, maskNumber: pass.maskNumber },
        feeds: { ...pass.feeds, ...passFeeds?.(i) },
      }));
      const read: Record<string, Tensor>[] = [];
      for (const pass of asked) {
        const feeds = {
          ...weightFeeds(encoder, builder, store),
          ...sequenceFeeds(pass.batch),
          ...maskFeeds(builder, pass),
        };
        const fetches = Object.fromEntries(logits.map((_, reading) => [logitsName(reading), null]));
        read.push(await encoder.run({ ...feeds, ...pass.feeds }, fetches));
      }
      const rows = logits.map((_, reading) =>
        joinRows(
          passes,
          read.map((one) => one[logitsName(reading)] as Tensor),
        ),
      );
      const { loss, ...found } = await comparison.run(
        {
          ...Object.fromEntries(rows.map((joined, reading) => [logitsName(reading), joined])),
          loss_share: { data: Float32Array.of(share), shape: [] },
          ...{ ...request.feeds, ...lossFeeds },
        },
        { loss: null, ...Object.fromEntries(rows.map((_, reading) => [gradientName(reading), null])) },
      );
      for (const [i, pass] of asked.entries()) {
        const { indices } = passes[i] as JointPass;
        const upstream = rows.map((_, reading): [string, Tensor] => [
          upstreamInput(reading),
          pickRows(found[gradientName(reading)] as Tensor, indices),
        ]);
        await send({ ...pass, feeds: { ...pass.feeds, ...Object.fromEntries(upstream) } }, i);
      }
      return Number(loss?.data[0]);
    },
    async release() {
      await encoder.release();
      await comparison.release();
    },
  };
}

const gradientName = (reading: number): string => `gradient.${reading}`;

/** The loss of the rows of all readings, given as inputs, and its gradients there. */
function comparisonGraph(parts: LossParts, logits: readonly Value[]): Graph {
  const graph = createGraph(`${parts.name}.joint-loss`);
  const rows = logits.map(({ shape: [first, width] }, reading) => {
    if (first === 'batch' && typeof width === 'number') return input(graph, logitsName(reading), ['batch', width]);
    throw new FieldcraftError('FC_INTERNAL', {
      what: `the loss of ${parts.name} cannot be computed across a batch`,
      expected: 'logits [batch, width]',
      got: `${first}, ${width}`,
    });
  });
  const loss = mul(parts.loss(createBuilder(graph, { training: true }), rows), input(graph, 'loss_share', []));
  output('loss', loss);
  gradients(loss, rows).forEach((gradient, reading) => {
    if (gradient?.dense === undefined)
      throw new FieldcraftError('FC_INTERNAL', { what: `the loss of ${parts.name} does not depend on its logits` });
    output(gradientName(reading), gradient.dense);
  });
  return graph;
}

/** The rows of passes, each [its windows, width], as those of the batch. */
export function joinRows(passes: readonly Pick<JointPass, 'indices'>[], rows: readonly Tensor[]): Tensor {
  const width = rows[0]?.shape[1] ?? 0;
  const members = passes.reduce((sum, { indices }) => sum + indices.length, 0);
  const data = new Float32Array(members * width);
  passes.forEach(({ indices }, pass) => {
    const own = rows[pass]?.data as Float32Array;
    indices.forEach((member, i) => data.set(own.subarray(i * width, (i + 1) * width), member * width));
  });
  return { data, shape: [members, width] };
}

function pickRows({ data, shape: [, width = 0] }: Tensor, indices: Int32Array): Tensor {
  const own = new Float32Array(indices.length * width);
  indices.forEach((member, i) =>
    own.set((data as Float32Array).subarray(member * width, (member + 1) * width), i * width),
  );
  return { data: own, shape: [indices.length, width] };
}
