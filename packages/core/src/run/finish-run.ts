/** The end of a run: baselines, the best round's weights, the exported model, the report, and the place where others find it. */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { drawSplits, summariseParts, type Example, type QualityReport, type TaskKind } from '../data/index.js';
import {
  saveAdapterFolders,
  saveHuggingFaceFolders,
  saveModelFolder,
  writeFolderAtomic,
  type SavedTask,
  type TrainedModel,
} from '../export/index.js';
import { FieldcraftError, workspaceRoot, writeFileAtomic, isAlive } from '../foundation/index.js';
import { renderModelCard, saveReport, type DomainReport, type RunReport, type StageReport } from '../report/index.js';
import type { Engine } from '../runtime/index.js';
import { predictArguments, type Tuning } from '../tasks/index.js';
import type { Base } from './base.js';
import { licenceOfBase } from './base-licence.js';
import { buildReport, type FinishedTask } from './build-report.js';
import { cellOf, type Cell } from './cells.js';
import { startWeights, type CompiledTask } from './compiled-model.js';
import { describeEnsemble, saveSeeds, scoreEnsembles } from './ensemble.js';
import { describeEnvironment } from './environment.js';
import { countOnParagraphs, type FalseAlarmParagraphs } from './false-alarm-sets.js';
import { copyPredictions, joinReports, type ExtendedRun } from './extended-run.js';
import { describeAveraging, describeLearning, encoderParameters, learningOf } from './how-deep.js';
import type { TrainOptions } from './options.js';
import type { Plan } from './plan.js';
import type { BaselineResult, PreparedTask } from './prepared-task.js';
import type { Profile } from './profiles.js';
import { loadRound, roundFolder, type RoundResult } from './round.js';
import type { RunContext } from './run-context.js';
import { pointLatest } from './run-folder.js';
import { createPreparation, epochsOf, type Models } from './run-rounds.js';
import type { SourceTask } from './sources.js';
import { firstSeed, publishedStage, seedsOf, type Round } from './stages.js';
import { compareWithTeacher, type Teaching } from './teacher.js';
import { compareAlone, type AloneRounds } from './train-alone.js';

export interface RunOutcome {
  readonly folder: string;
  readonly report: RunReport;
  readonly nextSteps: readonly string[];
}

/** A stage before the main one, of which only figures are kept. */
export interface SideStage {
  readonly name: string;
  readonly cells: readonly Cell[];
}

export interface FinishParts {
  readonly base: Base;
  readonly engine: Engine;
  /** The base as it was before the stages of the curriculum. */
  readonly opened: Base;
  readonly curriculum: readonly StageReport[];
  readonly models: Models;
  readonly plan: Plan;
  readonly results: readonly RoundResult[];
  /** Each task trained alone, where that was asked for. */
  readonly alone: AloneRounds | undefined;
  readonly sources: readonly SourceTask[];
  readonly qualities: readonly FinishedTask['quality'][];
  /** Of each round. */
  readonly prepared: readonly (readonly PreparedTask[])[];
  /** The first of the main stage. */
  readonly round: Round;
  /** What was trained besides, in the order of training. */
  readonly sideStages: readonly SideStage[];
  /** The run whose encoder and heads these heads are added to. */
  readonly extended: ExtendedRun | undefined;
  /** The run that the tasks were learnt from. */
  readonly teacher: Teaching | undefined;
  /** By the name of the task. */
  readonly falseAlarms: ReadonlyMap<string, FalseAlarmParagraphs>;
  readonly domains: DomainReport | undefined;
  readonly profile: Profile;
}

/** Writes everything that a finished run's folder holds; a report, which makes it count as complete, last. */
export async function finishRun(context: RunContext, parts: FinishParts): Promise<RunOutcome> {
  const { folder, options, config, source, name, startedAt, emit, enter } = context;
  const { base, plan, results, sources, qualities, prepared, extended, teacher } = parts;
  const best = results.reduce(
    (a, b, i) => ((b.progress.best?.mean ?? 0) > (results[a]?.progress.best?.mean ?? 0) ? i : a),
    0,
  );
  const untouched =
    parts.opened.folder === undefined || parts.opened.tokenizer.hash !== base.tokenizer.hash || teacher
      ? new Map<PreparedTask, BaselineResult[]>()
      : await scoreUntouched(context, parts);
  const bestTasks = prepared[best] as readonly PreparedTask[];
  const model = await parts.models.of(bestTasks);
  const built: Omit<TrainedModel, 'tasks'> = {
    config: base.config,
    base:
      base.source === 'scratch'
        ? null
        : { id: base.id, ...(base.revision === undefined ? {} : { revision: base.revision }) },
    tokenizer: base.tokenizer,
    weight: (parameter) => model.weight(parameter),
  };
  const savedTasks = (tuningOf: (task: string) => Tuning | undefined): SavedTask[] =>
    bestTasks.map(({ name, kind, labels, settings, maxLength, stride, mainMetric }) => ({
      ...{ name, kind, labels: [...labels], settings, maxLength, stride, mainMetric },
      tuning: tuningOf(name) ?? {},
    }));
  // Seeds share what was prepared; each fold and draw has its own.
  if (results.length > 1 && new Set(prepared).size === 1) enter('scoring the seeds together');
  const folders = results.map((_, round) => roundFolder(folder.path, round));
  const ensembles = await scoreEnsembles(folders, bestTasks, { plan, seed: firstSeed(options) });
  if (options.ensemble) {
    enter('keeping the models of all seeds');
    saveSeeds(folder.path, {
      ...{ rounds: results, ensembles, built, savedTasks },
      load: (round) => loadRound(model, folders[round] as string, base),
    });
  }
  loadRound(model, folders[best] as string, base);

  const finished: FinishedTask[] = [];
  for (const [i, task] of sources.entries()) {
    enter(`baselines for ${task.name}`);
    const own = [...new Set(prepared.map((round) => round[i] as PreparedTask))];
    const epochs = epochsOf(plan, task.name);
    const paragraphs = parts.falseAlarms.get(task.name);
    finished.push({
      source: task,
      prepared: own,
      quality: qualityOf(task, qualities[i] as FinishedTask['quality'], options),
      baselines: own.map((one) => [...one.baselines(firstSeed(options), epochs), ...(untouched.get(one) ?? [])]),
      falseAlarms:
        paragraphs &&
        (await countOnParagraphs(paragraphs, bestTasks[i] as PreparedTask, {
          model,
          tokenizer: base.tokenizer,
          result: results[best] as RoundResult,
          emit,
        })),
    });
  }

  const mainCells = results.map((result, round) => {
    const tasks = prepared[round] as readonly PreparedTask[];
    return cellOf(result, tasks, {
      baselines: finished.map((task, i) => task.baselines[task.prepared.indexOf(tasks[i] as PreparedTask)] ?? []),
      epochs: tasks.map((task) => epochsOf(plan, task.name)),
    });
  });

  const { alone } = parts;
  if (alone) enter('comparing with single tasks');
  const shared =
    alone && compareAlone(folder.path, { tasks: prepared[0] as readonly PreparedTask[], shared: results, alone });

  const distillation =
    teacher &&
    (await compareWithTeacher(context, {
      ...{ engine: parts.engine, teacher, tasks: bestTasks, model, results },
      ofTeacher: teacher.tokens ? await asTeacherReads(parts, teacher, options) : bestTasks,
    }));

  enter('exporting');
  const exported: TrainedModel = {
    ...built,
    tasks: [...(extended?.model.tasks ?? []), ...savedTasks((task) => results[best]?.tasks[task]?.tuning)],
  };
  saveModelFolder(join(folder.path, 'model'), exported);
  // A resumed run spent part of its time before this session.
  const trained = results.reduce((sum, { progress }) => sum + progress.seconds, 0);
  const seconds = Math.max(trained, (performance.now() - startedAt) / 1000);
  const shown = relative(process.cwd(), folder.path) || '.';
  const latest = options.out === undefined ? join(dirname(shown), 'latest') : shown;
  const mainTask = bestTasks[0] as PreparedTask;
  const fieldcraft = 'npx --no-install fieldcraft';
  const furtherSteps = [
    `Try it on a text: \`${fieldcraft} predict ${latest} --task ${mainTask.name} ${predictArguments(mainTask.kind, '...')}\``,
    ...(options.ensemble
      ? [`Ask the models of all seeds together, by the same arguments: \`${fieldcraft} predict ${latest}/ensemble\``]
      : []),
    // Over folds there is no test part that the exported model has not seen.
    ...(sources.some(({ dataset }) => dataset.folds)
      ? []
      : [`Score it again, or with --file on labelled texts of your own: \`${fieldcraft} evaluate ${latest}\``]),
    `See what is better than in another run, and whether by more than chance: \`${fieldcraft} compare <the other run> ${latest}\``,
  ];
  const nextSteps = [`Read the report: open \`${join(shown, 'report.html')}\` in a browser`, ...furtherSteps];
  const learning = learningOf(model);
  const own = buildReport({
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
    base: parts.opened,
    baseLicence: licenceOfBase(base.id, source),
    curriculum: parts.curriculum,
    domains: parts.domains,
    encoderParameters: encoderParameters(model),
    learning,
    plan,
    rounds: results,
    tasks: finished,
    curve: options.curve ? [...parts.sideStages.map(({ cells }) => cells), mainCells] : [],
    splits: [
      { trainedOn: options.split === 'published' ? 'published' : 'cleaned', cells: mainCells },
      ...parts.sideStages.flatMap(({ name, cells }) =>
        name === publishedStage ? [{ trainedOn: 'published' as const, cells }] : [],
      ),
    ],
    alone: shared,
    ensembles: new Map(
      bestTasks.flatMap(({ name, mainMetric }) => {
        const together = ensembles.get(name);
        return together ? [[name, describeEnsemble(together, mainMetric)]] : [];
      }),
    ),
    distillation,
    profileNotes: [
      ...profileNotes(parts.profile, options, new Set(bestTasks.map(({ kind }) => kind))),
      describeLearning(learning),
      describeAveraging(options, results),
    ].filter((note) => note !== undefined),
    warnings: context.warnings,
    nextSteps: furtherSteps,
  });
  const report = extended ? joinReports(extended, own) : own;
  if (extended) copyPredictions(extended, folder.path);
  saveHuggingFaceFolders(join(folder.path, 'hf'), exported, { readme: ({ name }) => renderModelCard(report, name) });
  const { adapters } = model.depth;
  if (adapters) {
    // An encoder that stages of a curriculum have changed is no longer the one of its name.
    const beside = parts.curriculum.length > 0 && base.folder !== undefined ? { id: base.folder } : exported.base;
    saveAdapterFolders(
      join(folder.path, 'adapter'),
      { ...exported, base: beside },
      {
        ...{ adapters, modules: model.adapted, weight: (name: string) => model.store.slot(name).weight },
        readme: ({ name }) => renderModelCard(report, name, { adapter: true }),
      },
    );
  }
  writeFileAtomic(join(folder.path, 'README.md'), renderModelCard(report));
  // A run that has a place of its own is nobody else's: neither the model in use nor the latest run.
  if (source && options.out === undefined) publish(folder.path, join(workspaceRoot(), 'dist', 'models', name), report);
  if (options.out === undefined) pointLatest(folder.path);
  // Near the end, because a report is what makes a run count as complete; only then are its checkpoints of no more use.
  saveReport(folder.path, report);
  rmSync(join(folder.path, 'checkpoints'), { recursive: true, force: true });
  return { folder: folder.path, report, nextSteps };
}

/** The tasks by the teacher's own tokens. */
const asTeacherReads = (
  { sources, base, round }: FinishParts,
  teacher: Teaching,
  options: TrainOptions,
): Promise<readonly PreparedTask[]> =>
  createPreparation({ sources, base: { ...base, tokenizer: teacher.model.tokenizer }, options, teacher }).once(round);

/** What the checks found in all data, with the labels of the parts as used: of draws, those of the first. */
function qualityOf({ dataset }: SourceTask, quality: QualityReport, options: TrainOptions): QualityReport {
  if (options.shots === undefined) return quality;
  const splits = drawSplits<Example>(dataset.splits, { shots: options.shots }, firstSeed(options));
  const drawn = summariseParts({ ...dataset, splits });
  return { ...quality, parts: quality.parts.map((part, i) => ({ ...part, labels: drawn[i]?.labels ?? part.labels })) };
}

/** The encoder as it was before training, on the tasks that it does without: what training is worth is the difference. */
async function scoreUntouched(
  { options, enter, emit, stopRequested }: RunContext,
  { opened, models, prepared }: FinishParts,
): Promise<Map<PreparedTask, BaselineResult[]>> {
  const scored = new Map<PreparedTask, BaselineResult[]>();
  for (const tasks of new Set(prepared)) {
    const untrained = tasks.filter(({ task }) => task.worksUntrained);
    if (untrained.length === 0) continue;
    const model = await models.of(tasks);
    startWeights(model, opened, { seed: firstSeed(options), reinitLayers: 0 });
    for (const task of untrained) {
      const what = `scoring the untouched encoder on ${task.name}`;
      enter(what);
      const started = performance.now();
      const total = task.test.features.length;
      const compiled = model.tasks.find(({ name }) => name === task.name) as CompiledTask;
      const read = await task.read('test', (features) =>
        compiled.scorer.score(model.store, features, (done) => {
          emit({ kind: 'progress', what, done, total });
          if (stopRequested()) throw new FieldcraftError('FC_INTERRUPTED', { what: `stopped while ${what}` });
        }),
      );
      const { mistakes: _, answers: __, ...result } = task.scoreTest(read, {}, firstSeed(options));
      const seconds = (performance.now() - started) / 1000;
      scored.set(task, [{ name: 'untouched', ...result, seconds }]);
    }
  }
  return scored;
}

/** Replaces dist/models/<vertical> by the finished run without its checkpoints and foreign formats. */
function publish(run: string, target: string, report: RunReport): void {
  writeFolderAtomic(target, (temporary) => {
    for (const part of ['model', 'config.json', 'README.md'])
      cpSync(join(run, part), join(temporary, part), { recursive: true });
    saveReport(temporary, report);
  });
  // Copies that killed runs had not finished.
  for (const left of readdirSync(dirname(target))) {
    const [, name, pid] = /^\.(.+)\.(\d+)\.(?:new|old)$/.exec(left) ?? [];
    if (name === basename(target) && !isAlive(Number(pid)))
      rmSync(join(dirname(target), left), { recursive: true, force: true });
  }
}

const plainOptions = (options: TrainOptions): RunReport['run']['options'] =>
  JSON.parse(JSON.stringify(options)) as RunReport['run']['options'];

function profileNotes(limits: Profile, options: TrainOptions, kinds: ReadonlySet<TaskKind>): string[] {
  const { maxExamples, maxTokens, maxRunTokens, maxDev, maxDevWindows, maxTestWindows, windows } = limits;
  const { profile, shots, curve } = options;
  const count = (value: number) => value.toLocaleString('en');
  const seeds = seedsOf(options);
  const each = seeds.length === 1 ? `with seed ${seeds.join()}` : `anew with each of the seeds ${seeds.join(', ')}`;
  return [
    shots === undefined
      ? undefined
      : `few-shot: ${count(shots)} examples of each class to learn from and as many to tune on, drawn ${each}; the test part is whole`,
    curve &&
      `learning curve: so many examples a task to learn from, and at most as many to tune on, drawn ${each}; what is told of the model is of the last size`,
    Number.isFinite(maxExamples)
      ? `at most ${count(maxExamples)} training examples a task (profile ${profile})`
      : undefined,
    Number.isFinite(maxTokens)
      ? `at most ${count(maxTokens)} training tokens a task${Number.isFinite(maxExamples) ? '' : ' and epoch'} (profile ${profile})`
      : undefined,
    Number.isFinite(maxRunTokens)
      ? `no task makes more updates than ${count(maxRunTokens)} training tokens allow (profile ${profile})`
      : undefined,
    Number.isFinite(maxDev)
      ? `at most ${count(maxDev)} examples${Number.isFinite(maxDevWindows) ? ` and ${count(maxDevWindows)} windows` : ''} of a dev part are scored (profile ${profile})`
      : undefined,
    Number.isFinite(maxTestWindows)
      ? `at most ${count(maxTestWindows)} windows of a test part are scored (profile ${profile})`
      : undefined,
    windows['pair-classification'] && kinds.has('pair-classification')
      ? `of a text that is too long for one window the part is read that is most like the one beside it (profile ${profile})`
      : undefined,
    windows['span-selection'] && kinds.has('span-selection')
      ? `of a text that is too long for one window the ${windows['span-selection'].readWindows} parts are read that are most like the question (profile ${profile})`
      : undefined,
  ].filter((note) => note !== undefined);
}
