/** One training batch, computed in passes of bounded size, so that a batch of long texts needs no more memory than one of short ones. */
import { planEvalBatches } from '../data/index.js';
import type { ModelConfig, SequenceBatch } from '../models/index.js';
import type { Tensor } from '../runtime/index.js';
import type { DropoutMasks } from './dropout-masks.js';
import type { HiddenRows } from './frozen-encoder.js';
import type { ParameterStore } from './parameter-store.js';
import type { ScorableFeature } from './scorer.js';
import { batchOf, type CompiledStep } from './step-program.js';

/** Products of this many rows already run at full speed, and the engine's memory, which never shrinks, is decided by the largest pass. */
const defaultTokensPerPass = 1024;

/** What a task brings to its batches. */
export interface BatchTask<F extends ScorableFeature = ScorableFeature> {
  readonly step: CompiledStep;
  targetFeeds(features: readonly F[], batch: SequenceBatch): Record<string, Tensor>;
  /** What the head reads besides the encoder's output. */
  headFeeds?(features: readonly F[], batch: SequenceBatch, config: ModelConfig): Record<string, Tensor>;
  /** What the encoder says of a batch, where the step is that of a head on one that learns no more. */
  readonly hidden?: HiddenRows | undefined;
}

export interface BatchRequest {
  readonly task: BatchTask;
  readonly members: readonly ScorableFeature[];
  readonly config: ModelConfig;
  readonly store: ParameterStore;
  readonly masks: DropoutMasks;
  /** The number of the batch in the whole run: dropout masks are chosen by it. */
  readonly batchNumber: number;
  /** No batch has more members. */
  readonly batchSize: number;
  /** The factor of this batch's loss: 1 / batches where an update accumulates several. */
  readonly share: number;
  /** Adds to the gradients that are in the store. */
  readonly accumulate: boolean;
  /** The most tokens of a pass, padding included; one longer window is a pass alone. Default 1024. */
  readonly tokensPerPass?: number;
}

/**
 * Leaves the gradient of `share` times the batch's mean loss in the store and returns that loss. Cutting the batch into passes changes it
 * by rounding only; where classes have weights, the mean of a pass is over its own weights.
 */
export async function runBatch(request: BatchRequest): Promise<number> {
  const { task, members, config, store, masks, batchNumber, batchSize, share } = request;
  const { tokensPerPass = defaultTokensPerPass } = request;
  const all = countTargets(members);
  let loss = 0;
  for (const [pass, part] of passesOf(members, tokensPerPass).entries()) {
    const batch = batchOf(part, config);
    loss += await task.step.run({
      store,
      batch,
      feeds: {
        ...task.headFeeds?.(part, batch, config),
        ...task.targetFeeds(part, batch),
        ...(task.hidden && { hidden: await task.hidden(part, batch) }),
      },
      masks,
      maskNumber: batchNumber * batchSize + pass,
      share: all === 0 ? 0 : (share * countTargets(part)) / all,
      accumulate: request.accumulate || pass > 0,
    });
  }
  return loss;
}

function passesOf(members: readonly ScorableFeature[], maxTokens: number): (readonly ScorableFeature[])[] {
  const lengths = members.map(({ ids }) => ids.length);
  if (members.length * Math.max(...lengths) <= maxTokens) return [members];
  const groups = members.map(({ group }) => group);
  return planEvalBatches(lengths, { maxTokens, groups }).map((part) =>
    Array.from(part, (i) => members[i] as ScorableFeature),
  );
}

/** How many things the loss of these windows is the mean of. */
export function countTargets(features: readonly ScorableFeature[]): number {
  let count = 0;
  for (const { target = [] } of features) for (const value of target) if (value !== -100) count++;
  return count;
}
