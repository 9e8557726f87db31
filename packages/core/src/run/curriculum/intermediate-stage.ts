/** A stage that is fine-tuning: another task is learnt first, as a round of a run is, and the encoder is what it leaves behind. */
import { withoutEvaluated } from '../../data/index.js';
import { saveEncoderFolder } from '../../export/index.js';
import type { StageReport } from '../../report/index.js';
import type { Engine } from '../../runtime/index.js';
import { newHeadSettings, type IntermediateStage } from '../../tasks/index.js';
import { depthOf } from '../../training/index.js';
import { defaultLearningRate, type Base } from '../base.js';
import { compileModel } from '../compiled-model.js';
import { trainOptionsSchema, type TrainOptions } from '../options.js';
import { sizeOf } from '../plan-run.js';
import { prepareTask } from '../prepared-task.js';
import { profileTable } from '../profiles.js';
import { loadRound, runRound } from '../round.js';
import type { RunContext } from '../run-context.js';
import { windowOf } from '../run-rounds.js';
import type { SourceTask } from '../sources.js';
import type { StagePlace } from './stage-folder.js';

export interface IntermediateParts {
  readonly stage: IntermediateStage;
  readonly task: SourceTask;
  /** Texts of dev and test parts that must not be learnt from. */
  readonly evaluated: readonly string[];
  readonly base: Base;
  readonly engine: Engine;
  readonly place: StagePlace;
  readonly seed: number;
  readonly checkpointSeconds: number;
}

/** Scores of the stage's own test part tell whether it was learnt; more windows would only take time. */
const maxTestWindows = 2_000;

/** What a run may say of a stage: all else are its own settings, so that runs which differ elsewhere share it. */
export const optionsOf = (stage: IntermediateStage, options: TrainOptions, seed: number): TrainOptions => ({
  ...trainOptionsSchema.parse({ epochs: stage.epochs, batchSize: stage.batchSize, seed }),
  weightDecay: options.weightDecay,
  clipNorm: options.clipNorm,
  licence: options.licence,
  arithmetic: options.arithmetic,
});

/** Trains the stage, or goes on with it, and leaves the encoder in the stage's place. */
export async function runIntermediateStage(context: RunContext, parts: IntermediateParts): Promise<StageReport> {
  const { stage, task, evaluated, engine, place, seed, checkpointSeconds } = parts;
  const { emit, stopRequested, enter } = context;
  const base: Base = { ...parts.base, adapter: undefined };
  const options = optionsOf(stage, context.options, seed);
  const profile = { ...profileTable[options.profile], maxExamples: stage.examples ?? Infinity, maxTestWindows };
  const { dataset, removed } = withoutEvaluated(task.dataset, evaluated);
  enter('tokenising', dataset.name);
  const maxLength = windowOf(task, options, base);
  const settings = await newHeadSettings(dataset.kind, task.settings, base.tokenizer);
  const prepared = await prepareTask(
    { ...task, settings, dataset, maxLength, stride: Math.floor(maxLength / 4) },
    dataset.splits,
    { tokenizer: base.tokenizer, profile, seed },
  );
  const size = sizeOf(prepared, { profile, baselineRounds: 0 }, options);
  const depth = depthOf({ name: 'full', layers: undefined, adapters: undefined }, base.config.num_hidden_layers);
  const model = await compileModel(engine, base.config, [prepared], { options, depth });
  try {
    const { progress, tasks } = await runRound({
      ...{ model, tasks: [prepared], options, base, seed, checkpointSeconds, emit, stopRequested },
      plan: {
        tasks: [size],
        evaluateEvery: Math.max(1, Math.ceil(size.updates / profile.evaluations)),
      },
      learningRate: stage.learningRate ?? defaultLearningRate(base),
      folder: place.work,
      keepIn: undefined,
      keepWeights: true,
    });
    loadRound(model, place.work, base);
    const own = [...model.parameters.values()].filter(({ kind }) => kind === 'base');
    saveEncoderFolder(place.model, {
      ...{ config: base.config, tokenizer: base.tokenizer, from: base.folder },
      tensors: own.map(({ name, shape }) => ({ name, shape, data: model.store.slot(name).weight })),
    });
    const report: StageReport = {
      ...{ name: stage.name, kind: stage.kind, key: place.key, cached: false, seconds: progress.seconds },
      finetuning: {
        ...{ task: dataset.name, kind: dataset.kind, origin: dataset.origin, licence: dataset.licence },
        examples: prepared.trainExamples(Math.max(1, Math.ceil(stage.epochs))),
        ...{ removed, evaluationTexts: evaluated.length },
        ...{ updates: progress.update, trainedTokens: progress.tokens },
        best: progress.best?.update ?? progress.update,
        metric: prepared.mainMetric,
        curve: progress.evaluations.map(({ update, mean }) => ({ step: update, score: mean })),
        test: tasks[prepared.name]?.test.scores.metrics[prepared.mainMetric] ?? NaN,
      },
    };
    return report;
  } finally {
    await model.release();
  }
}
