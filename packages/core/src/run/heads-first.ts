/**
 * Heads learn first, on the encoder as it is, which so reads each text once: linear probing, then fine-tuning (Kumar et al. 2022, "Fine-Tuning can
 * Distort Pretrained Features and Underperform Out-of-Distribution", section 3.4). An encoder that is tuned under heads which know nothing yet
 * unlearns much before they do, and a short run has no time to make up for it.
 */
import { planBatches } from '../data/index.js';
import { random } from '../foundation/index.js';
import type { Feature } from '../tasks/index.js';
import {
  createAdamW,
  createDropoutMasks,
  createFrozenEncoder,
  createStepProgram,
  runBatch,
  scheduleFactor,
  withMixup,
} from '../training/index.js';
import type { Base } from './base.js';
import { batchTaskOf, type CompiledModel } from './compiled-model.js';
import type { RunEvent } from './events.js';
import type { TrainOptions } from './options.js';
import { batchWindowsOf, type PlannedBatches } from './plan.js';
import type { PreparedTask } from './prepared-task.js';
import { profileTable } from './profiles.js';

/** Bytes of what the encoder says of a task's windows: no more of them are read. */
const mostBytes = 2 ** 30;

/**
 * Passes that heads make alone, 0 for none: those of the options or of the profile, where a pretrained encoder is to be tuned whole and from the
 * start of the run on.
 */
export function headPassesOf(
  options: TrainOptions,
  { base, depth }: { base: Pick<Base, 'folder'>; depth: CompiledModel['depth'] },
): number {
  const whole = depth.frozenLayers === 0 && depth.adapters === undefined && depth.phases.length === 1;
  if (!whole || base.folder === undefined || (options.teacher ?? options.addTo) !== undefined) return 0;
  return options.headPasses ?? profileTable[options.profile].headPasses;
}

export interface HeadsFirstParts {
  readonly model: CompiledModel;
  readonly tasks: readonly PreparedTask[];
  readonly plan: PlannedBatches;
  readonly options: TrainOptions;
  readonly passes: number;
  /** Parameters that start from nothing: a head that has none of them knows its task. */
  readonly fresh: readonly string[];
  readonly seed: number;
  readonly learningRate: number;
  readonly emit: (event: RunEvent) => void;
  /** Throws where the run is to stop. */
  readonly heedStop: (what: string) => void;
}

/**
 * Trains the heads in the store, one task after the other; all else there stays as it was. Nothing is kept along the way: what is killed begins
 * again, to the same weights.
 */
export async function learnHeadsFirst(parts: HeadsFirstParts): Promise<void> {
  const { model, tasks, passes } = parts;
  if (passes === 0) return;
  const encoder = await createFrozenEncoder(model.engine, model.config, model.store, { memory: mostBytes });
  try {
    for (const task of tasks) await learnHead(parts, task, encoder);
  } finally {
    await encoder.release();
    // The optimizer of all that learns begins anew.
    model.store.clear();
  }
}

async function learnHead(
  { model, plan, options, passes, fresh, seed, learningRate, emit, heedStop }: HeadsFirstParts,
  task: PreparedTask,
  encoder: Awaited<ReturnType<typeof createFrozenEncoder>>,
): Promise<void> {
  const { engine, config, store, kindOf, rateOf, decays } = model;
  const own = model.tasks.find(({ name }) => name === task.name)?.program.parameters ?? [];
  // Those that compare the vectors of a batch's texts have nothing but the encoder to learn.
  if (task.objective.acrossBatch || !own.some(({ name, kind }) => kind === 'head' && fresh.includes(name))) return;
  const batchSize = batchWindowsOf(task, plan) ?? options.batchSize;
  const batches = batchesOf(task, { batchSize, seed, most: mostBytes / (4 * config.hidden_size) });
  encoder.keep(batches.flat());
  const program = createStepProgram(withMixup(task.objective, task.mixup), config, {
    frozenLayers: config.num_hidden_layers,
    trainable: ({ name }) => kindOf(name) === 'head',
  });
  const step = await program.compile(engine);
  const optimizer = createAdamW(store, {
    weightDecay: options.weightDecay,
    clipNorm: options.clipNorm,
    decays,
    rateFactor: (name) => rateOf(name, options),
  });
  const masks = createDropoutMasks(seed);
  const learnt = { ...batchTaskOf(task, model), step, hidden: encoder.hidden, teacher: undefined };
  const what = `the head of ${task.name}`;
  const total = passes * batches.length;
  const warmup = Math.round(options.warmup * total);
  try {
    for (let pass = 0, update = 0; pass < passes; pass++) {
      for (const members of random(seed, 'heads first', pass).shuffle([...batches])) {
        await runBatch({
          ...{
            task: learnt,
            members,
            config,
            store,
            masks,
            batchSize,
            batchNumber: update,
            share: 1,
            accumulate: false,
          },
        });
        optimizer.step(program.trained, learningRate * scheduleFactor(options.schedule, update, { warmup, total }));
        update++;
        if (update % 10 === 0 || update === total) emit({ kind: 'progress', what, done: update, total });
        heedStop(what);
      }
    }
  } finally {
    await step.release();
  }
}

/** The batches of the first epoch, in any order, as many as fit. */
function batchesOf(
  task: PreparedTask,
  { batchSize, seed, most }: { batchSize: number; seed: number; most: number },
): Feature[][] {
  const features = task.trainFeatures(0);
  const batches = planBatches(
    features.map(({ ids }) => ids.length),
    { batchSize, seed, epoch: 0, groups: features.map(({ group }) => group) },
  ).map((indices) => Array.from(indices, (i) => features[i] as Feature));
  let tokens = 0;
  return batches.filter((members) => {
    tokens += members.reduce((sum, { ids }) => sum + ids.length, 0);
    return tokens <= most;
  });
}
