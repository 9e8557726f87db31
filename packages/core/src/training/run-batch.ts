/** One training batch, computed in passes of bounded size, so that a batch of long texts needs no more memory than one of short ones. */
import { planEvalBatches } from '../data/index.js';
import type { ModelConfig, SequenceBatch } from '../models/index.js';
import type { Tensor } from '../runtime/index.js';
import type { DropoutMasks } from './dropout-masks.js';
import { teacherInput, type Teacher } from './distillation/teacher.js';
import type { HiddenRows } from './frozen-encoder.js';
import { joinRows, type JointPass } from './joint-loss.js';
import { drawMixing, mixingFeeds, pairOf } from './mixup.js';
import { batchOf } from './objective.js';
import type { ParameterStore } from './parameter-store.js';
import type { ScorableFeature } from './scorer.js';
import type { CompiledStep } from './step-program.js';

/** Products of this many rows already run at full speed, and the engine's memory, which never shrinks, is decided by the largest pass. */
export const defaultTokensPerPass = 1024;

/** What a task brings to its batches. */
export interface BatchTask<F extends ScorableFeature = ScorableFeature> {
  readonly step: CompiledStep;
  targetFeeds(
    features: readonly F[],
    layout: Pick<SequenceBatch, 'batch' | 'length' | 'tokens'>,
  ): Record<string, Tensor>;
  /** What the head reads besides the encoder's output. */
  headFeeds?(features: readonly F[], batch: SequenceBatch, config: ModelConfig): Record<string, Tensor>;
  /** What the encoder's first layers say of a batch, where they learn no more and are not in the step. */
  readonly hidden?: HiddenRows | undefined;
  /** Whose answers the loss compares those of the head with. */
  readonly teacher?: Pick<Teacher<F>, 'answers'> | undefined;
  /** Of the distribution of shares, where the step is that of a mixed objective: see `withMixup`. Default 0: it is not. */
  readonly mixup?: number | undefined;
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
 * by rounding only; where classes have weights, or a loss is a sum of means over different things (words and intents, spans and pairs), each mean
 * is over what is in its pass.
 */
export async function runBatch(request: BatchRequest): Promise<number> {
  const { task, config, store, masks, share } = request;
  // Weights change between updates, of which this is the first batch, whoever changes them.
  if (!request.accumulate) task.step.quantise?.(store);
  const all = countTargets(request.members);
  const { joint } = task.step;
  if (joint) return runJointBatch(request, joint, all === 0 ? 0 : share);
  let loss = 0;
  const mixing = task.mixup
    ? drawMixing(masks.draws('mixup', request.batchNumber), request.members.length, task.mixup)
    : undefined;
  const members = mixing ? pick(request.members, mixing.order) : request.members;
  const groups = members.map(({ group }, i) => (mixing ? pairOf(i) : group));
  for (const [pass, indices] of passesOf(members, request, groups).entries()) {
    const part = pick(members, indices);
    const batch = batchOf(part, config);
    loss += await task.step.run({
      store,
      batch,
      feeds: {
        ...task.headFeeds?.(part, batch, config),
        ...task.targetFeeds(part, batch),
        ...(task.hidden && { hidden: await task.hidden(part, batch) }),
        ...(task.teacher && { [teacherInput]: await task.teacher.answers(part, batch) }),
        ...(mixing && mixingFeeds(mixing, indices)),
      },
      masks,
      maskNumber: maskNumberOf(request, pass),
      windows: part,
      share: all === 0 ? 0 : (share * countTargets(part)) / all,
      accumulate: request.accumulate || pass > 0,
    });
  }
  return loss;
}

/** The same of a loss across the batch. Its windows need not be in one pass with those that they are compared with. */
async function runJointBatch(
  request: BatchRequest,
  joint: NonNullable<CompiledStep['joint']>,
  share: number,
): Promise<number> {
  const { task, members, config, store, masks, accumulate } = request;
  const passes: JointPass[] = [];
  const answers: Tensor[] = [];
  for (const [pass, indices] of passesOf(members, request).entries()) {
    const windows = pick(members, indices);
    const batch = batchOf(windows, config);
    const hidden = await task.hidden?.(windows, batch);
    const feeds: JointPass['feeds'] = hidden ? { hidden } : {};
    passes.push({ windows, indices, batch, maskNumber: maskNumberOf(request, pass), feeds });
    if (task.teacher) answers.push(await task.teacher.answers(windows, batch));
  }
  const longest = Math.max(...members.map(({ ids }) => ids.length));
  const layout = { batch: members.length, length: longest, tokens: members.length * longest };
  const feeds = {
    ...task.targetFeeds(members, layout),
    ...(task.teacher && { [teacherInput]: joinRows(passes, answers) }),
  };
  return joint.run({ store, masks, passes, feeds, share, accumulate });
}

const maskNumberOf = ({ batchNumber, batchSize }: BatchRequest, pass: number): number => batchNumber * batchSize + pass;

const pick = (members: readonly ScorableFeature[], indices: ArrayLike<number>): readonly ScorableFeature[] =>
  Array.from(indices, (i) => members[i] as ScorableFeature);

/** Which members each pass computes; neighbours of one group stay together. */
function passesOf(
  members: readonly ScorableFeature[],
  { task, tokensPerPass = defaultTokensPerPass }: BatchRequest,
  groups?: ArrayLike<number | undefined>,
): Int32Array[] {
  const maxTokens = tokensPerPass / (task.step.readings ?? 1);
  const lengths = members.map(({ ids }) => ids.length);
  if (members.length * Math.max(...lengths) <= maxTokens) return [Int32Array.from(members.keys())];
  return planEvalBatches(lengths, { maxTokens, ...(groups && { groups }) });
}

/** How many things the loss of these windows is the mean of. */
export function countTargets(features: readonly ScorableFeature[]): number {
  let count = 0;
  for (const { target = [] } of features) for (const value of target) if (value !== -100) count++;
  return count;
}
