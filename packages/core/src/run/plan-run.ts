/** Makes the plans of a run's stages from the sizes of their tasks and a speed probe, or reads those of a run that is gone on with. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { planBatches } from '../data/index.js';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import { createAdamW, createDropoutMasks, runBatch } from '../training/index.js';
import { adversarialOf, describeAdversarial } from './adversarial-options.js';
import type { TrainOptions } from './options.js';
import { batchTaskOf, type CompiledModel } from './compiled-model.js';
import {
  makePlans,
  plannedEpochs,
  readPlan,
  shareUpdates,
  type Plan,
  type PlanRequest,
  type TaskSize,
} from './plan.js';
import type { PreparedTask } from './prepared-task.js';
import { batchWithin, updatesOf, type Profile } from './profiles.js';
import type { RunContext } from './run-context.js';
import { firstSeed, stageName } from './stages.js';
import { companionOf, type TargetDomain } from './target-domain.js';

export interface PlanParts {
  readonly model: CompiledModel;
  /** What speed is probed on: the tasks of the main stage's first round. */
  readonly tasks: readonly PreparedTask[];
  readonly target?: TargetDomain | undefined;
  /** Passes in which heads alone learn first. */
  readonly headPasses: number;
  /** The main one last. */
  readonly stages: readonly StageToPlan[];
}

export interface StageToPlan {
  /** Undefined for the main stage. */
  readonly name: string | undefined;
  /** The tasks of its first round, read only where there is no saved plan. */
  readonly tasks: () => Promise<readonly PreparedTask[]>;
  readonly profile: Profile;
  /** Times that everything is trained: seeds, or folds. */
  readonly rounds: number;
  /** Times that the baselines are: once, or for each fold or draw. */
  readonly baselineRounds: number;
}

/** The file of the plan of a stage. */
const planFile = (stage: string | undefined): string => (stage === undefined ? 'plan.json' : `plan-${stage}.json`);

/**
 * The plan of each stage: the saved ones of a resumed run; otherwise new ones, saved. A time budget is shared out among them: see
 * `makePlans`.
 * @throws FieldcraftError FC_DATA for a task without training examples; FC_CONFIG for a time budget that is too short; FC_RUN_FOLDER for a saved
 * plan that cannot be read.
 */
export async function planRun(context: RunContext, parts: PlanParts): Promise<Plan[]> {
  const { folder, options, startedAt, enter } = context;
  const { tasks, model, stages, target, headPasses } = parts;
  const paths = stages.map(({ name }) => join(folder.path, planFile(name)));
  // That of the main stage is written last.
  if (existsSync(paths.at(-1) as string)) return paths.map(readPlan);
  enter('probing speed');
  const speeds = await probeSpeeds(model, tasks[0] as PreparedTask, { options, target });
  const requests: PlanRequest[] = [];
  for (const stage of stages) {
    const sizes = (await stage.tasks()).map((task) => sizeOf(task, stage, options));
    const { profile, rounds } = stage;
    requests.push({
      ...{ tasks: shareUpdates(sizes, options), speeds, evaluations: profile.evaluations, rounds, headPasses },
      besides: `${describeAdversarial(adversarialOf(options))}${target ? ', beside a discriminator of domains' : ''}`,
    });
  }
  const left =
    options.timeBudget === undefined ? undefined : options.timeBudget - (performance.now() - startedAt) / 1000;
  const plans = makePlans(requests, left);
  plans.forEach((plan, i) => writeFileAtomic(paths[i] as string, JSON.stringify(plan, null, 2)));
  return plans;
}

/** What a run will do, in one list: a line for each stage before the main one, then the steps of that. */
export function listSteps(
  stages: readonly Pick<StageToPlan, 'name' | 'rounds'>[],
  plans: readonly Plan[],
): Plan['steps'] {
  return plans.flatMap((plan, i) => {
    const { name, rounds } = stages[i] as StageToPlan;
    if (name === undefined) return plan.steps;
    const updates = plan.tasks.reduce((sum, task) => sum + task.updates, 0);
    return [
      {
        name: stageName(name),
        amount: `${updates} updates${rounds > 1 ? ` x ${rounds}` : ''}`,
        seconds: plan.totalSeconds,
      },
    ];
  });
}

export function sizeOf(
  task: PreparedTask,
  { profile, baselineRounds }: Pick<StageToPlan, 'profile' | 'baselineRounds'>,
  options: TrainOptions,
): TaskSize {
  const features = task.trainFeatures(0);
  if (features.length === 0)
    throw new FieldcraftError('FC_DATA', { what: `task ${task.name} has no training examples`, where: task.name });
  const tokens = features.reduce((sum, { ids }) => sum + ids.length, 0);
  const { largestGroup } = task;
  const { batchWindows = batchWithin(profile, options, { tokensPerWindow: tokens / features.length, largestGroup }) } =
    task;
  const updatesPerEpoch = Math.ceil(features.length / batchWindows) / options.accumulate;
  // A task with larger batches shows as much in fewer updates.
  const minUpdates = Math.ceil(profile.minUpdates * Math.min(1, options.batchSize / batchWindows));
  const tokensPerUpdate = tokens / updatesPerEpoch;
  const updates = updatesOf({ ...profile, minUpdates }, updatesPerEpoch, options.epochs, tokensPerUpdate);
  const seen = task.trainExamples(plannedEpochs({ updates, updatesPerEpoch })) / task.trainExamples(1);
  return {
    name: task.name,
    updates,
    updatesPerEpoch,
    batchWindows,
    tokensPerUpdate,
    devExamples: task.dev.examples,
    devTokens: task.dev.tokens,
    testWindows: task.test.features.length,
    testTokens: task.test.tokens,
    // About what the linear baseline takes: linear in the tokens and, beyond two, in the labels.
    baselineSeconds: baselineRounds * seen * (tokens / 100_000) * (1 + task.labels.length / 10),
    notes:
      task.batchWindows === undefined && batchWindows < options.batchSize
        ? [
            `${task.name}: ${batchWindows} windows a batch instead of ${options.batchSize}, so that its share of training tokens makes enough updates`,
          ]
        : [],
  };
}

/** A few updates at rate 0 and a few predictions on typical batches. The weights are loaded again when a round starts. */
async function probeSpeeds(
  model: CompiledModel,
  task: PreparedTask,
  { options, target }: { options: TrainOptions; target: TargetDomain | undefined },
): Promise<{ training: number; prediction: number }> {
  const compiled = model.tasks.find(({ name }) => name === task.name) as CompiledModel['tasks'][number];
  const optimizer = createAdamW(model.store);
  const companion = companionOf(model, [task], { target, options, seed: firstSeed(options) });
  const masks = createDropoutMasks(firstSeed(options));
  const features = task.trainFeatures(0);
  const lengths = features.map(({ ids }) => ids.length);
  const { batchWindows: batchSize = options.batchSize } = task;
  const groups = features.map(({ group }) => group);
  const typical = planBatches(lengths, { batchSize, seed: firstSeed(options), epoch: 0, groups }).sort(
    (a, b) => (lengths[a[0] as number] ?? 0) - (lengths[b[0] as number] ?? 0),
  );
  const middle = Math.floor(typical.length / 2);
  const batches = [middle, middle, Math.floor(typical.length / 4), Math.floor((typical.length * 3) / 4)].map(
    (i) => typical[i] as Int32Array,
  );
  // What a frozen encoder says is computed once: a second look at the same batches is what an update takes.
  model.frozen?.keep(task.windows);
  const warmUp = model.frozen ? batches.length : 1;
  let tokens = 0;
  let started = 0;
  for (const [i, members] of [...(model.frozen ? batches : []), ...batches].entries()) {
    // The first warms the engine up.
    if (i === warmUp) started = performance.now();
    const chosen = Array.from(members, (index) => features[index] as (typeof features)[number]);
    await runBatch({
      task: batchTaskOf(task, model),
      members: chosen,
      config: model.config,
      store: model.store,
      masks,
      batchNumber: i,
      batchSize,
      share: 1,
      accumulate: false,
    });
    const beside = companion?.at(i, batches.length);
    if (beside) {
      const { config, store } = model;
      await runBatch({ ...beside, config, store, masks, batchNumber: i, batchSize, share: 1, accumulate: true });
    }
    optimizer.step(compiled.program.trained, 0);
    if (i >= warmUp) tokens += chosen.reduce((sum, { ids }) => sum + ids.length, 0);
  }
  const training = tokens / ((performance.now() - started) / 1000);
  const scored = task.dev.examples > 0 ? task.dev : task.test;
  const sample = scored.features.slice(0, 128);
  await compiled.scorer.score(model.store, sample.slice(0, 8));
  const scoring = performance.now();
  await compiled.scorer.score(model.store, sample);
  const read = sample.reduce((sum, { ids }) => sum + ids.length, 0);
  return { training, prediction: read === 0 ? 0 : read / ((performance.now() - scoring) / 1000) };
}
