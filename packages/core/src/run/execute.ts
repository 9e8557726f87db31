/** One run from options to a finished folder: data, base, plan, rounds, baselines, report, exported model. */
import { existsSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readAdapter, type LoraAdapter } from '../checkpoint/index.js';
import { assertQuality, checkQuality, saveSplit } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { createOnnxRuntimeEngine } from '../runtime/index.js';
import { fillAdversarial } from './adversarial-options.js';
import { defaultLearningRate, isScratch, openBase, preferredBases, wantedBase } from './base.js';
import { checkBaseLicence } from './base-licence.js';
import { cardsFolder } from './card-places.js';
import { startWeights } from './compiled-model.js';
import { runCurriculum } from './curriculum/curriculum.js';
import { openStages } from './curriculum/open-stages.js';
import { checkEnsemble } from './ensemble.js';
import type { RunEvent } from './events.js';
import { baseOfRun, openExtendedRun } from './extended-run.js';
import { openFalseAlarmSets } from './false-alarm-sets.js';
import { finishRun, type RunOutcome, type SideStage } from './finish-run.js';
import { checkAveraging, depthOfRun, describeLearning, learningOf } from './how-deep.js';
import type { TrainOptions, TrainOptionsInput } from './options.js';
import type { Plan } from './plan.js';
import { listSteps, planRun } from './plan-run.js';
import { headPassesOf } from './heads-first.js';
import type { RunContext } from './run-context.js';
import { createModels, createPreparation, runMainStage, runSideStage } from './run-rounds.js';
import {
  ignoredOptions,
  openFolder,
  parseOptions,
  saveConfig,
  savedOptions,
  type SavedConfig,
} from './saved-config.js';
import {
  fingerprint,
  loadSources,
  loadVertical,
  namesOfTasks,
  type LoadedVertical,
  type SourceTask,
} from './sources.js';
import { firstSeed, profileOf, publishedStage, seedsOf, stagesOf, type Round, type Stage } from './stages.js';
import { checkDann, describeDomains, openTargetText, readTargetDomain } from './target-domain.js';
import { assertTaught, beginStudent, openTeacher } from './teacher.js';
import { trainAlone } from './train-alone.js';

export interface RunRequest {
  readonly options: TrainOptionsInput;
  /** File URL of the vertical's module, for a run of a vertical. */
  readonly verticalModule?: string | undefined;
  /** What a person would type to repeat the run. */
  readonly command?: string | undefined;
}

export interface RunHooks {
  readonly emit: (event: RunEvent) => void;
  readonly stopRequested: () => boolean;
}

/** Seconds between checkpoints. A setting of its own so that a test of kills can ask for many. */
const checkpointSeconds = (): number => Number(process.env['FIELDCRAFT_CHECKPOINT_SECONDS'] ?? 60);

/**
 * Runs to the end, or from where a run stopped.
 * @throws FieldcraftError with everything that can go wrong; FC_INTERRUPTED once a requested stop has saved the state.
 */
export async function executeRun(request: RunRequest, hooks: RunHooks): Promise<RunOutcome> {
  const { stopRequested } = hooks;
  let step = 0;
  const warnings: string[] = [];
  const emit = (event: RunEvent) => {
    if (event.kind === 'step') step = event.step;
    if (event.kind === 'note' && event.level === 'warning') warnings.push(event.text);
    hooks.emit(event);
  };
  const enter = (phase: string, detail?: string) => {
    if (stopRequested()) throw new FieldcraftError('FC_INTERRUPTED', { what: `stopped before ${phase}` });
    emit({ kind: 'phase', phase, ...(detail === undefined ? {} : { detail }) });
  };
  const startedAt = performance.now();
  const given = parseOptions(request.options);
  const source = request.verticalModule === undefined ? undefined : await loadVertical(request.verticalModule);
  const name = source?.vertical.name ?? 'own-data';
  const { folder, saved } = openFolder(given, { name, vertical: source?.vertical.name ?? null });
  const stopping = new AbortController();
  const polling = setInterval(() => {
    if (!stopRequested()) return;
    stopping.abort(
      new FieldcraftError('FC_INTERRUPTED', { what: 'stopped during a download; what came whole is kept' }),
    );
    clearInterval(polling);
  }, 200).unref();
  try {
    const options = saved ? savedOptions(saved) : fillAdversarial(given, source?.vertical.adversarial);
    const config: SavedConfig = saved ?? {
      version: 1,
      options: JSON.parse(JSON.stringify(options)) as Record<string, unknown>,
      vertical: source?.vertical.name ?? null,
      command: request.command ?? `fieldcraft train ${name}`,
      started: new Date().toISOString(),
      base: null,
      data: null,
    };
    if (saved) {
      emit({ kind: 'note', level: 'info', text: `going on with ${folder.path}` });
      warnOfIgnored(ignoredOptions(request.options, given, saved), emit);
    }
    saveConfig(folder.path, config);
    const { signal } = stopping;
    return await runIn({
      folder,
      options,
      config,
      source,
      name,
      startedAt,
      emit,
      enter,
      warnings,
      stopRequested,
      signal,
    });
  } catch (cause) {
    // A wait that was cut short throws an error of its own.
    const cut = stopping.signal.aborted && cause instanceof Error && cause.name === 'AbortError';
    const error: unknown = cut ? stopping.signal.reason : cause;
    if (error instanceof FieldcraftError && error.code === 'FC_INTERRUPTED') {
      const where = given.out === undefined ? '' : ` --out ${given.out}`;
      const resume = source
        ? `npx nx train ${name} --resume${where}`
        : `npx --no-install fieldcraft train --resume --out ${relative(process.cwd(), folder.path) || '.'}`;
      emit({ kind: 'stopped', folder: folder.path, step, resume });
    } else if (!saved && !existsSync(join(folder.path, 'plan.json'))) {
      // Nothing was trained yet: leave no empty run behind, for --resume to stumble over.
      folder.release();
      rmSync(folder.path, { recursive: true, force: true });
    }
    throw error;
  } finally {
    clearInterval(polling);
    folder.release();
  }
}

async function runIn(context: RunContext): Promise<RunOutcome> {
  const { folder, options, config, source, emit, enter, signal } = context;
  checkDann(options);
  const cards = cardsFolder();
  const preferred = preferredBases(source);
  const teacher = openTeacher(options, { preferred });
  const adapter = options.adapter === undefined ? undefined : readAdapter(options.adapter);
  const wanted = adapter ? { ...options, base: options.base ?? baseOfAdapter(adapter, options) } : options;
  const extended = openExtendedRun(options, { offered: namesOfTasks(options, source), preferred });
  const sources = await loadSources(options, source, { cards, emit, signal });
  if (teacher) await assertTaught(teacher, sources);
  const leaking = options.split === 'both' ? await loadPublished(options, source, { cards, signal }) : [];
  const fingerprints = new Map([
    ...sources.map(({ name, dataset }) => [name, fingerprint(dataset)] as const),
    ...leaking.map(({ name, dataset }) => [`${name} as published`, fingerprint(dataset)] as const),
  ]);
  const targetText = await openTargetText(context, sources);
  const adapting = (extended ?? teacher) ? [] : await openStages(context);
  const data = {
    ...extended?.data,
    ...Object.fromEntries(fingerprints),
    ...(targetText && { 'text of the target domain': targetText.hash }),
    ...Object.fromEntries(
      adapting.flatMap(({ stage, task }) => (task ? [[`the stage ${stage.name}`, fingerprint(task.dataset)]] : [])),
    ),
  };
  if (config.data) assertSameData(config.data, data);
  warnOfSamples(sources, emit);
  if (options.split === 'published') warnOfLeaks(sources, emit);
  const ownFiles = source === undefined || adapting.some(({ task }) => task?.dataset.origin === 'files');
  if (options.licence === 'commercial' && ownFiles) {
    const text = 'commercial use was asked for, and the licence of your files is not known here: it is yours to check';
    emit({ kind: 'note', level: 'warning', text });
  }
  enter('checking the data');
  const qualities = sources.map(({ dataset }) => checkQuality(dataset));
  sources.forEach(({ name, dataset }, i) => {
    const { splits, folds, labels, origin } = dataset;
    const sizes = folds
      ? { train: splits.train.length, dev: 0, test: 0 }
      : { train: splits.train.length, dev: splits.dev.length, test: splits.test.length };
    const findings = (qualities[i]?.findings ?? []).map(({ severity, what, count }) => ({ severity, what, count }));
    emit({ kind: 'data', task: name, origin, ...sizes, labels: labels.length, findings });
  });
  for (const { name, dataset } of sources) {
    emit({ kind: 'note', level: 'info', text: `${name}: ${dataset.splitRule}` });
    const { splits, splitRule: rule, folds } = dataset;
    saveSplit(join(folder.path, 'data', `${name}.split.json`), { splits, rule, ...(folds ? { folds } : {}) });
  }
  qualities.forEach((quality) =>
    assertQuality(quality, { allow: options.split === 'published' ? [...options.allow, 'leakage'] : options.allow }),
  );
  const datasets = sources.map(({ dataset }) => dataset);
  const falseAlarms = await openFalseAlarmSets(sources, { emit, signal });

  enter('opening the base model');
  const saved = config.base ?? undefined;
  if (!isScratch(wanted, saved))
    checkBaseLicence(saved?.id ?? (extended ?? teacher)?.report.base.id ?? wantedBase(wanted, preferred), options, {
      source,
      emit,
    });
  const teaching = teacher && (await beginStudent(teacher, sources, context));
  const opened = extended
    ? baseOfRun(extended, options)
    : teaching
      ? teaching.student
      : { ...(await openBase({ options: wanted, preferred, datasets, saved, emit, signal })), adapter };
  const { id, revision = null, source: origin, tokenizer } = opened;
  const { classifier_pooling: pooling = 'cls' } = opened.config;
  if (config.base) assertUnchanged(config.base, { tokenizerHash: tokenizer.hash, pooling }, id);
  saveConfig(folder.path, {
    ...config,
    data,
    base: { id, source: origin, revision, tokenizerHash: tokenizer.hash, pooling },
  });

  const depth = depthOfRun(options, opened);

  const engine = createOnnxRuntimeEngine({
    device: options.device,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  const { base, stages: curriculum } = await runCurriculum(context, {
    ...{ stages: adapting, base: opened, sources, engine, checkpointSeconds: checkpointSeconds() },
  });

  enter('tokenising');
  const stages = stagesOf(options, datasets);
  const main = stages.at(-1) as Stage;
  const folds = main.rounds.some(({ fold }) => fold !== undefined);
  if (folds && seedsOf(options).length > 1) {
    const text = `folds take the place of seeds: the ${main.rounds.length} rounds of cross-validation are trained with one seed each`;
    emit({ kind: 'note', level: 'warning', text });
  }
  if (options.split === 'both' && stages.length === 1)
    emit({
      kind: 'note',
      level: 'info',
      text: 'no published split of these tasks leaks: there is one split to train on',
    });
  const preparation = createPreparation({ sources, base, options, teacher });
  const ofLeaking = createPreparation({ sources: leaking, base, options, teacher });
  const preparationOf = ({ name }: Pick<Stage, 'name'>) => (name === publishedStage ? ofLeaking : preparation);
  const first = await preparation.of(main.rounds[0] as Round);
  checkAveraging(options, first);
  checkEnsemble(options, { stage: main, tasks: first, emit });
  const target = targetText && (await readTargetDomain(targetText, base, first));

  enter('compiling');
  const models = createModels(engine, base, options, { depth, encoder: extended?.model.store, teacher: teaching });
  const compareSingle = options.compareSingle && sources.length > 1;
  if (options.compareSingle && !compareSingle)
    emit({ kind: 'note', level: 'warning', text: 'there is one task alone: nothing is shared that could be compared' });
  try {
    const model = await models.of(first);
    const { fresh } = startWeights(model, base, { seed: firstSeed(options), reinitLayers: 0 });
    const encoderFresh = base.folder === undefined ? [] : fresh.filter((name) => model.kindOf(name) === 'base');
    const learning = describeLearning(learningOf(model));
    if (learning !== undefined) emit({ kind: 'note', level: 'info', text: learning });
    if (encoderFresh.length > 0)
      emit({
        kind: 'note',
        level: 'warning',
        text: `not in the base’s weights, started at random: ${encoderFresh.join(', ')}`,
      });
    const toPlan = stages.map(({ name, rounds }) => ({
      name,
      // Every task alone takes as long as all of them together.
      rounds: rounds.length * (compareSingle && name === undefined ? 2 : 1),
      tasks: () => (name === undefined ? Promise.resolve(first) : preparationOf({ name }).once(rounds[0] as Round)),
      profile: profileOf(options, first.length, rounds[0]?.draw),
      baselineRounds: rounds.some(({ fold, draw }) => fold !== undefined || draw) ? rounds.length : 1,
    }));
    const headPasses = headPassesOf(options, { base, depth });
    const plans = await planRun(context, { model, tasks: first, target, headPasses, stages: toPlan });
    const totalSeconds = plans.reduce((sum, plan) => sum + plan.totalSeconds, 0);
    emit({ kind: 'plan', steps: listSteps(toPlan, plans), totalSeconds, folder: folder.path });

    const learningRate = options.learningRate ?? defaultLearningRate(base);
    const partsOf = (index: number) => ({
      ...{ stage: stages[index] as Stage, plan: plans[index] as Plan },
      preparation: preparationOf(stages[index] as Stage),
      ...{ models, base, learningRate, target, checkpointSeconds: checkpointSeconds() },
    });
    const sideStages: SideStage[] = [];
    for (const [index, { name }] of stages.slice(0, -1).entries())
      sideStages.push({ name: name as string, cells: await runSideStage(context, partsOf(index)) });
    const results = await runMainStage(context, partsOf(stages.length - 1));
    const alone = compareSingle ? await trainAlone(context, partsOf(stages.length - 1)) : undefined;
    return await finishRun(context, {
      ...{ base, opened, curriculum, engine, models, results, alone, extended, teacher: teaching, sideStages, sources },
      ...{ qualities, falseAlarms },
      domains: targetText && describeDomains(targetText, options, results),
      plan: plans.at(-1) as Plan,
      round: main.rounds[0] as Round,
      prepared: await Promise.all(main.rounds.map((round) => preparation.of(round))),
      profile: profileOf(options, first.length, main.rounds[0]?.draw),
    });
  } finally {
    await models.release();
  }
}

/** @throws FieldcraftError where the base of a run to go on with has changed since */
function assertUnchanged(
  saved: NonNullable<SavedConfig['base']>,
  { tokenizerHash, pooling }: { tokenizerHash: string; pooling: 'cls' | 'mean' },
  where: string,
): void {
  const fix = 'bring the base back as it was, or start a new run';
  if (saved.tokenizerHash !== tokenizerHash)
    throw new FieldcraftError('FC_TOKENIZER', {
      what: 'the base’s tokenizer is not the one this run began with',
      ...{ where, expected: saved.tokenizerHash, got: tokenizerHash, fix },
    });
  // Runs of earlier versions do not say it, and their heads read something else of means.
  if ((saved.pooling ?? 'cls') !== pooling)
    throw new FieldcraftError('FC_RUN_FOLDER', {
      what: 'the base says another thing of what heads are to read than when this run began',
      ...{ where, expected: saved.pooling ?? 'cls, or means of an earlier version', got: pooling, fix },
    });
}

/** @throws FieldcraftError FC_CONFIG where the adapter does not say */
function baseOfAdapter({ base }: LoraAdapter, { adapter: where = '' }: TrainOptions): string {
  if (base !== undefined) return base;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'the adapter does not say which model it is for',
    where,
    fix: 'name its base with --base',
  });
}

function warnOfIgnored(options: readonly string[], emit: (event: RunEvent) => void): void {
  if (options.length === 0) return;
  const flags = options.map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  const text = `a resumed run keeps the options that it was started with: ${flags.join(', ')} as given now is ignored`;
  emit({ kind: 'note', level: 'warning', text });
}

/** The tasks' data with published splits as they are; what there is to say of it was said of the cleaned ones. */
function loadPublished(
  options: TrainOptions,
  source: LoadedVertical | undefined,
  { cards, signal }: { cards: string; signal: AbortSignal },
): Promise<SourceTask[]> {
  return loadSources({ ...options, split: 'published' }, source, { cards, emit: () => undefined, signal });
}

function warnOfLeaks(sources: readonly SourceTask[], emit: (event: RunEvent) => void): void {
  for (const { name, dataset } of sources) {
    if (dataset.seen === undefined || dataset.seen.length === 0) continue;
    const text = `${name}: trained on the split as published, in which ${dataset.seen.length} of ${dataset.splits.test.length} test examples stand in train or dev; its score is not one on unseen texts`;
    emit({ kind: 'note', level: 'warning', text });
  }
}

function warnOfSamples(sources: readonly SourceTask[], emit: (event: RunEvent) => void): void {
  const samples = sources.filter(({ dataset }) => dataset.origin === 'samples').map(({ name }) => name);
  if (samples.length === 0) return;
  const text = `trained on the small samples that ship with Fieldcraft, not on the published data: ${samples.join(', ')}`;
  emit({ kind: 'note', level: 'warning', text });
}

/** @throws FieldcraftError FC_RUN_FOLDER where a task's examples, or the tasks themselves, are not those that the run began with. */
function assertSameData(began: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): void {
  const changed = [...new Set([...Object.keys(began), ...Object.keys(now)])].filter(
    (task) => began[task] !== now[task],
  );
  if (changed.length === 0) return;
  throw new FieldcraftError('FC_RUN_FOLDER', {
    what: 'the data is not what this run began with',
    where: changed.join(', '),
    fix: 'bring the data back as it was (is FIELDCRAFT_MIRROR set as it was then?), or start a new run',
  });
}
