/** One run from options to a finished folder: data, base, plan, rounds, baselines, report, exported model. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { resolveDataset } from '../checkpoint/index.js';
import {
  assertQuality,
  checkQuality,
  findDataCard,
  foldSplits,
  planBatches,
  saveSplit,
  type Example,
  type Licence,
  type Splits,
} from '../data/index.js';
import { saveHuggingFaceFolders, saveModelFolder, type TrainedModel } from '../export/index.js';
import { FieldcraftError, workspaceRoot, writeFileAtomic } from '../foundation/index.js';
import { renderModelCard, saveReport, type RunReport } from '../report/index.js';
import { createOnnxRuntimeEngine, type Engine } from '../runtime/index.js';
import { countFalseAlarms, loadFalseAlarmSet, readFalseAlarmSet, type MultiLabelPrediction } from '../tasks/index.js';
import { batchOf, createAdamW, createDropoutMasks } from '../training/index.js';
import { defaultBase, openBase, type Base } from './base.js';
import { buildReport, type FinishedTask } from './build-report.js';
import { describeEnvironment } from './environment.js';
import type { RunEvent } from './events.js';
import { trainOptionsSchema, type TrainOptions, type TrainOptionsInput } from './options.js';
import { makePlan, planSchema, type Plan } from './plan.js';
import { prepareTask, type PreparedTask } from './prepared-task.js';
import { profileTable, updatesOf, type Profile } from './profiles.js';
import { compileModel, loadRound, runRound, startWeights, type CompiledModel, type RoundResult } from './round.js';
import {
  createRunFolder,
  findUnfinished,
  isAlive,
  pointLatest,
  runName,
  takeRunFolder,
  type RunFolder,
} from './run-folder.js';
import { fingerprint, loadSources, loadVertical, type LoadedVertical, type SourceTask } from './sources.js';

export interface RunRequest {
  readonly options: TrainOptionsInput;
  /** File URL of the vertical's module, for a run of a vertical. */
  readonly verticalModule?: string | undefined;
  /** What a person would type to repeat the run. */
  readonly command?: string | undefined;
}

export interface RunOutcome {
  readonly folder: string;
  readonly report: RunReport;
  readonly nextSteps: readonly string[];
}

export interface RunHooks {
  readonly emit: (event: RunEvent) => void;
  readonly stopRequested: () => boolean;
}

const savedConfigSchema = z.strictObject({
  version: z.literal(1),
  /** With every default filled in. */
  options: z.record(z.string(), z.unknown()),
  vertical: z.string().nullable(),
  command: z.string(),
  started: z.string(),
  base: z
    .strictObject({ id: z.string(), source: z.string(), revision: z.string().nullable(), tokenizerHash: z.string() })
    .nullable(),
  /** Of each task: a hash over its examples. Null until they were read. */
  data: z.record(z.string(), z.string()).nullable(),
});
type SavedConfig = z.output<typeof savedConfigSchema>;

/** Seconds between checkpoints. A setting of its own so that a test of kills can ask for many. */
const checkpointSeconds = (): number => Number(process.env['FIELDCRAFT_CHECKPOINT_SECONDS'] ?? 60);

/** Tokens of a window where neither the task nor the options say otherwise. */
const defaultMaxLength = 256;

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
  const { folder, saved } = openFolder(given, name);
  try {
    const options = saved ? resumedOptions(saved) : given;
    const config: SavedConfig = saved ?? {
      version: 1,
      options: JSON.parse(JSON.stringify(options)) as Record<string, unknown>,
      vertical: source?.vertical.name ?? null,
      command: request.command ?? `fieldcraft train ${name}`,
      started: new Date().toISOString(),
      base: null,
      data: null,
    };
    if (saved) emit({ kind: 'note', level: 'info', text: `going on with ${folder.path}` });
    saveConfig(folder.path, config);
    return await runIn({ folder, options, config, source, name, startedAt, emit, enter, warnings, stopRequested });
  } catch (error) {
    if (error instanceof FieldcraftError && error.code === 'FC_INTERRUPTED') {
      const where = given.out === undefined ? '' : ` --out ${given.out}`;
      const resume = source
        ? `npx nx train ${name} --resume${where}`
        : `npx --no-install fieldcraft train --resume --out ${relative(process.cwd(), folder.path) || '.'}`;
      emit({ kind: 'stopped', folder: folder.path, step, resume });
    } else if (!existsSync(join(folder.path, 'plan.json'))) {
      // Nothing was trained yet: leave no empty run behind, for --resume to stumble over.
      folder.release();
      rmSync(folder.path, { recursive: true, force: true });
    }
    throw error;
  } finally {
    folder.release();
  }
}

/** Random weights have further to go than pretrained ones, and wide encoders forget what they know at rates that narrow ones need. */
const defaultLearningRate = ({ source, config }: Base): number =>
  source === 'scratch' ? 5e-4 : config.hidden_size <= 512 ? 1e-4 : 3e-5;

interface RunContext {
  readonly folder: RunFolder;
  readonly options: TrainOptions;
  readonly config: SavedConfig;
  readonly source: LoadedVertical | undefined;
  readonly name: string;
  readonly startedAt: number;
  readonly emit: (event: RunEvent) => void;
  /** Begins a phase, or stops the run before it where that was asked for: everything so far is saved. */
  readonly enter: (phase: string, detail?: string) => void;
  /** Warnings so far: they go into the report too. */
  readonly warnings: readonly string[];
  readonly stopRequested: () => boolean;
}

async function runIn(context: RunContext): Promise<RunOutcome> {
  const { folder, options, config, source, emit, enter } = context;
  const cards = join(workspaceRoot(), 'data-cards');
  const sources = await loadSources(options, source, { cards, emit });
  const data = Object.fromEntries(sources.map(({ name, dataset }) => [name, fingerprint(dataset)]));
  if (config.data) assertSameData(config.data, data);
  warnOfSamples(sources, emit);
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
    saveSplit(join(folder.path, 'data', `${name}.split.json`), { splits: dataset.splits, rule: dataset.splitRule });
  }
  qualities.forEach((quality) => assertQuality(quality, { allow: options.allow }));
  const datasets = sources.map(({ dataset }) => dataset);

  enter('opening the base model');
  const base = await openBase({
    options,
    preferred: source
      ? { base: source.vertical.base, bases: source.vertical.bases.map((entry) => entry.name) }
      : { base: defaultBase, bases: [defaultBase] },
    datasets,
    saved: config.base ?? undefined,
    emit,
  });
  if (config.base && config.base.tokenizerHash !== base.tokenizer.hash) {
    throw new FieldcraftError('FC_TOKENIZER', {
      what: 'the base’s tokenizer is not the one this run began with',
      where: base.id,
      expected: config.base.tokenizerHash,
      got: base.tokenizer.hash,
      fix: 'bring the base back as it was, or start a new run',
    });
  }
  const { id, revision = null, source: origin, tokenizer } = base;
  saveConfig(folder.path, { ...config, data, base: { id, source: origin, revision, tokenizerHash: tokenizer.hash } });

  enter('tokenising');
  const profile = profileTable[options.profile];
  const rounds = roundsOf(options, datasets);
  const prepared = new Map<number, PreparedTask[]>();
  const prepareRound = async (index: number): Promise<PreparedTask[]> => {
    const key = rounds[index]?.fold ?? -1;
    const known = prepared.get(key);
    if (known) return known;
    const tasks: PreparedTask[] = [];
    for (const task of sources) tasks.push(await prepareSource(task, key, { base, profile, options }));
    prepared.set(key, tasks);
    return tasks;
  };
  const first = await prepareRound(0);

  enter('compiling');
  const engine = createOnnxRuntimeEngine({
    device: options.device,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  const model = await compileModel(engine, base.config, first, options);
  try {
    const { fresh } = startWeights(model, base.folder, options.seed);
    const encoderFresh = base.folder === undefined ? [] : fresh.filter((parameter) => !parameter.startsWith('heads.'));
    if (encoderFresh.length > 0)
      emit({
        kind: 'note',
        level: 'warning',
        text: `not in the base’s weights, started at random: ${encoderFresh.join(', ')}`,
      });
    const plan = await planRun(context, { model, tasks: first, profile, rounds: rounds.length });
    emit({ kind: 'plan', steps: plan.steps, totalSeconds: plan.totalSeconds, folder: folder.path });

    const learningRate = options.learningRate ?? defaultLearningRate(base);
    const results: RoundResult[] = [];
    for (const [index, { seed, fold }] of rounds.entries()) {
      const label = fold === undefined ? `seed ${seed}` : `fold ${fold + 1} of ${rounds.length}`;
      enter('training', rounds.length === 1 ? '' : label);
      results.push(
        await runRound({
          model,
          tasks: await prepareRound(index),
          options,
          plan,
          learningRate,
          base: base.folder,
          seed,
          folder: roundFolder(folder.path, index),
          checkpointSeconds: checkpointSeconds(),
          emit,
          stopRequested: context.stopRequested,
        }),
      );
    }
    return await finish(context, {
      base,
      engine,
      model,
      plan,
      results,
      sources,
      qualities,
      prepared: await Promise.all(rounds.map((_, i) => prepareRound(i))),
      profile,
    });
  } finally {
    await model.release();
  }
}

interface Round {
  readonly seed: number;
  readonly fold: number | undefined;
}

/** Seeds, or the folds of small data. */
function roundsOf({ seed, seeds }: TrainOptions, datasets: readonly SourceTask['dataset'][]): Round[] {
  const folds = datasets.length === 1 ? datasets[0]?.folds : undefined;
  if (folds) return folds.map((_, fold) => ({ seed, fold }));
  return Array.from({ length: seeds }, (_, i) => ({ seed: seed + i, fold: undefined }));
}

async function prepareSource(
  task: SourceTask,
  fold: number,
  { base, profile, options }: { base: Base; profile: Profile; options: TrainOptions },
): Promise<PreparedTask> {
  const { dataset, name, loss } = task;
  const maxLength = Math.min(
    options.maxLength ?? task.maxLength ?? defaultMaxLength,
    base.config.max_position_embeddings,
  );
  const splits: Splits<Example> =
    fold >= 0 && dataset.folds
      ? foldSplits<Example>(dataset.splits.train, dataset.folds[fold] ?? { train: [], dev: [], test: [] })
      : dataset.splits;
  // A quarter of a window in common gives every token some context on both sides.
  const stride = Math.floor(maxLength / 4);
  return prepareTask({ name, dataset, loss, maxLength, stride }, splits, {
    tokenizer: base.tokenizer,
    profile,
    seed: options.seed,
  });
}

const roundFolder = (folder: string, index: number): string => join(folder, 'checkpoints', `round-${index}`);

/** The saved plan of a resumed run; otherwise a new one from a speed probe. */
async function planRun(
  context: RunContext,
  parts: { model: CompiledModel; tasks: readonly PreparedTask[]; profile: Profile; rounds: number },
): Promise<Plan> {
  const { folder, options, startedAt, enter } = context;
  const path = join(folder.path, 'plan.json');
  if (existsSync(path)) return planSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  enter('probing speed');
  const { tasks, profile, rounds, model } = parts;
  const speeds = await probeSpeeds(model, tasks[0] as PreparedTask, options);
  const plan = makePlan({
    tasks: tasks.map((task) => {
      const features = task.trainFeatures(0);
      const perEpoch = Math.ceil(features.length / options.batchSize) / options.accumulate;
      const tokens = features.reduce((sum, { ids }) => sum + ids.length, 0);
      return {
        name: task.name,
        updates: updatesOf(profile, perEpoch, options.epochs),
        updatesPerEpoch: perEpoch,
        tokensPerUpdate: tokens / perEpoch,
        devExamples: task.dev.examples,
        devTokens: task.dev.tokens,
        testWindows: task.test.features.length,
        testTokens: task.test.tokens,
        // About what the linear baseline takes: linear in the tokens and, beyond two, in the labels.
        baselineSeconds: (tokens / 100_000) * (1 + task.labels.length / 10),
      };
    }),
    speeds,
    evaluations: profile.evaluations,
    rounds,
    budget: options.timeBudget === undefined ? undefined : options.timeBudget - (performance.now() - startedAt) / 1000,
  });
  writeFileAtomic(path, JSON.stringify(plan, null, 2));
  return plan;
}

/** A few updates at rate 0 and a few predictions on typical batches. The weights are loaded again when a round starts. */
async function probeSpeeds(
  model: CompiledModel,
  task: PreparedTask,
  options: TrainOptions,
): Promise<{ training: number; prediction: number }> {
  const compiled = model.tasks.find(({ name }) => name === task.name) as CompiledModel['tasks'][number];
  const optimizer = createAdamW(model.store);
  const masks = createDropoutMasks(options.seed);
  const features = task.trainFeatures(0);
  const lengths = features.map(({ ids }) => ids.length);
  const typical = planBatches(lengths, { batchSize: options.batchSize, seed: options.seed, epoch: 0 }).sort(
    (a, b) => (lengths[a[0] as number] ?? 0) - (lengths[b[0] as number] ?? 0),
  );
  const middle = Math.floor(typical.length / 2);
  const batches = [middle, middle, Math.floor(typical.length / 4), Math.floor((typical.length * 3) / 4)].map(
    (i) => typical[i] as Int32Array,
  );
  let tokens = 0;
  let started = 0;
  for (const [i, members] of batches.entries()) {
    // The first warms the engine up.
    if (i === 1) started = performance.now();
    const chosen = Array.from(members, (index) => features[index] as (typeof features)[number]);
    const batch = batchOf(chosen, model.config);
    await compiled.step.run({
      store: model.store,
      batch,
      feeds: task.targetFeeds(chosen, batch),
      masks,
      update: i,
      accumulate: false,
    });
    optimizer.step(compiled.program.trained, 0);
    if (i > 0) tokens += chosen.reduce((sum, { ids }) => sum + ids.length, 0);
  }
  const training = tokens / ((performance.now() - started) / 1000);
  const sample = task.dev.features.slice(0, 128);
  await compiled.scorer.score(model.store, sample.slice(0, 8));
  const scoring = performance.now();
  await compiled.scorer.score(model.store, sample);
  const prediction = sample.reduce((sum, { ids }) => sum + ids.length, 0) / ((performance.now() - scoring) / 1000);
  return { training, prediction };
}

interface FinishParts {
  readonly base: Base;
  readonly engine: Engine;
  readonly model: CompiledModel;
  readonly plan: Plan;
  readonly results: readonly RoundResult[];
  readonly sources: readonly SourceTask[];
  readonly qualities: readonly FinishedTask['quality'][];
  /** Of each round. */
  readonly prepared: readonly PreparedTask[][];
  readonly profile: Profile;
}

/** Baselines, the best round's weights, the exported model, the report. */
async function finish(context: RunContext, parts: FinishParts): Promise<RunOutcome> {
  const { folder, options, config, source, name, startedAt, enter } = context;
  const { base, model, plan, results, sources, qualities, prepared } = parts;
  const best = results.reduce(
    (a, b, i) => ((b.progress.best?.mean ?? 0) > (results[a]?.progress.best?.mean ?? 0) ? i : a),
    0,
  );
  loadRound(model, roundFolder(folder.path, best));
  const bestTasks = prepared[best] as PreparedTask[];

  const finished: FinishedTask[] = [];
  for (const [i, task] of sources.entries()) {
    enter(`baselines for ${task.name}`);
    const own = prepared.map((round) => round[i] as PreparedTask);
    finished.push({
      source: task,
      prepared: own,
      quality: qualities[i] as FinishedTask['quality'],
      baselines: (own[0] as PreparedTask).baselines(options.seed),
      falseAlarms: await falseAlarmsOf(task, bestTasks[i] as PreparedTask, {
        model,
        base,
        result: results[best] as RoundResult,
      }),
    });
  }

  enter('exporting');
  const exported: TrainedModel = {
    config: base.config,
    base:
      base.source === 'scratch'
        ? null
        : { id: base.id, ...(base.revision === undefined ? {} : { revision: base.revision }) },
    tasks: bestTasks.map((task) => ({
      name: task.name,
      kind: task.kind,
      labels: [...task.labels],
      maxLength: task.maxLength,
      stride: task.stride,
      mainMetric: task.mainMetric,
      tuning: (results[best] as RoundResult).tasks[task.name]?.tuning ?? {},
    })),
    tokenizer: base.tokenizer,
    weight: (parameter) => model.store.slot(parameter).weight,
  };
  saveModelFolder(join(folder.path, 'model'), exported);
  // A resumed run spent part of its time before this session.
  const trained = results.reduce((sum, { progress }) => sum + progress.seconds, 0);
  const seconds = Math.max(trained, (performance.now() - startedAt) / 1000);
  const shown = relative(process.cwd(), folder.path) || '.';
  const latest = options.out === undefined ? join(dirname(shown), 'latest') : shown;
  const mainTask = bestTasks[0] as PreparedTask;
  const nextSteps = [
    `npx --no-install fieldcraft predict ${latest} --task ${mainTask.name} "..."`,
    `npx --no-install fieldcraft evaluate ${latest}`,
    `open ${join(shown, 'report.html')}`,
  ];
  const report = buildReport({
    run: {
      name: relative(dirname(folder.path), folder.path),
      ...(source ? { vertical: source.vertical.name } : {}),
      status: 'complete',
      started: config.started,
      finished: new Date().toISOString(),
      seconds,
      profile: options.profile,
      command: config.command,
      options: plainOptions(options),
    },
    environment: describeEnvironment(options),
    base,
    baseLicence: licenceOfBase(base, source),
    encoderParameters: [...model.store.slots]
      .filter(([parameter]) => !parameter.startsWith('heads.'))
      .reduce((sum, [, { count }]) => sum + count, 0),
    plan,
    rounds: results,
    tasks: finished,
    profileNotes: profileNotes(parts.profile, options),
    warnings: context.warnings,
    nextSteps,
  });
  saveHuggingFaceFolders(join(folder.path, 'hf'), exported, { readme: (task) => renderModelCard(report, task.name) });
  writeFileAtomic(join(folder.path, 'README.md'), renderModelCard(report));
  if (source) publish(folder.path, join(workspaceRoot(), 'dist', 'models', name), report);
  if (options.out === undefined) pointLatest(folder.path);
  // Near the end, because a report is what makes a run count as complete; only then are its checkpoints of no more use.
  saveReport(folder.path, report);
  rmSync(join(folder.path, 'checkpoints'), { recursive: true, force: true });
  return { folder: folder.path, report, nextSteps };
}

async function falseAlarmsOf(
  { falseAlarms, dataset }: SourceTask,
  task: PreparedTask,
  { model, base, result }: { model: CompiledModel; base: Base; result: RoundResult },
): Promise<FinishedTask['falseAlarms']> {
  if (falseAlarms === undefined || dataset.origin === 'samples') return undefined;
  const set = readFalseAlarmSet(falseAlarms);
  const card = findDataCard(set.dataset, join(workspaceRoot(), 'data-cards'));
  const place = resolveDataset({ field: card.field, name: card.name });
  const compiled = model.tasks.find(({ name }) => name === task.name);
  if (!place || !compiled) return undefined;
  const examples = loadFalseAlarmSet(set, { folder: place.folder, labels: task.labels });
  const features = await task.task.features(examples, base.tokenizer, {
    maxLength: task.maxLength,
    stride: task.stride,
    targets: false,
  });
  const logits = await compiled.scorer.score(model.store, features);
  const predictions = task.task.decode(
    examples,
    features,
    logits,
    result.tasks[task.name]?.tuning ?? {},
  ) as MultiLabelPrediction[];
  return {
    source: `${set.paragraphs.length} paragraphs of ${set.dataset}`,
    counts: countFalseAlarms(examples, predictions),
  };
}

/** Replaces dist/models/<vertical> by the finished run without its checkpoints and foreign formats. */
function publish(run: string, target: string, report: RunReport): void {
  const temporary = `${target}.${process.pid}.tmp`;
  mkdirSync(dirname(target), { recursive: true });
  // Copies that killed runs had not finished.
  for (const left of readdirSync(dirname(target))) {
    const [name, pid, ending] = left.split('.');
    const dead =
      name === basename(target) && ending === 'tmp' && (Number(pid) === process.pid || !isAlive(Number(pid)));
    if (dead) rmSync(join(dirname(target), left), { recursive: true });
  }
  for (const part of ['model', 'config.json', 'README.md'])
    cpSync(join(run, part), join(temporary, part), { recursive: true });
  saveReport(temporary, report);
  rmSync(target, { recursive: true, force: true });
  renameSync(temporary, target);
}

function openFolder(options: TrainOptions, name: string): { folder: RunFolder; saved: SavedConfig | undefined } {
  const home = join(workspaceRoot(), 'runs', name);
  const out = options.out === undefined ? undefined : resolve(options.out);
  if (!options.resume)
    return { folder: createRunFolder(out ?? join(home, runName(options.profile))), saved: undefined };
  const found = findUnfinished(out ?? home);
  if (found === undefined) {
    throw new FieldcraftError('FC_RUN_FOLDER', {
      what: 'there is no unfinished run to resume',
      where: out ?? home,
      fix: 'start a new run without --resume',
    });
  }
  const folder = takeRunFolder(found);
  try {
    return { folder, saved: savedConfigSchema.parse(JSON.parse(readFileSync(join(found, 'config.json'), 'utf8'))) };
  } catch (cause) {
    folder.release();
    throw new FieldcraftError('FC_RUN_FOLDER', {
      what: 'the saved configuration of a run cannot be read',
      where: join(found, 'config.json'),
      got: String(cause),
      fix: 'start a new run',
      cause,
    });
  }
}

function saveConfig(folder: string, config: SavedConfig): void {
  writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

/** Saved options are already filled in; the time budget is kept in the plan. */
const resumedOptions = ({ options }: SavedConfig): TrainOptions => {
  const { timeBudget: _, ...rest } = options;
  return parseOptions(rest);
};

function parseOptions(options: TrainOptionsInput): TrainOptions {
  const parsed = trainOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'the options of a run are not valid',
    got: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`).join('; '),
    fix: 'see `fieldcraft train --help`',
  });
}

const plainOptions = (options: TrainOptions): RunReport['run']['options'] =>
  JSON.parse(JSON.stringify(options)) as RunReport['run']['options'];

function licenceOfBase({ id }: Base, source: LoadedVertical | undefined): Licence | undefined {
  const entry = source?.vertical.bases.find(({ name }) => name === id);
  if (!entry) return undefined;
  return {
    name: entry.licence,
    commercial: /^(apache-2\.0|mit|bsd|cc-by-4\.0|cc-by-sa-4\.0|cc0)/i.test(entry.licence) ? true : 'unknown',
  };
}

function profileNotes(
  { maxExamples, maxTokens, maxDev, maxTestWindows }: Profile,
  { profile }: TrainOptions,
): string[] {
  const count = (value: number) => value.toLocaleString('en');
  return [
    Number.isFinite(maxExamples)
      ? `at most ${count(maxExamples)} training examples a task (profile ${profile})`
      : undefined,
    Number.isFinite(maxTokens)
      ? `at most ${count(maxTokens)} training tokens a task${Number.isFinite(maxExamples) ? '' : ' and epoch'} (profile ${profile})`
      : undefined,
    Number.isFinite(maxDev)
      ? `at most ${count(maxDev)} examples of a dev part are scored (profile ${profile})`
      : undefined,
    Number.isFinite(maxTestWindows)
      ? `at most ${count(maxTestWindows)} windows of a test part are scored (profile ${profile})`
      : undefined,
  ].filter((note) => note !== undefined);
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
