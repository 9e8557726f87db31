/** Puts a run's report together from what its steps left behind. */
import { meanAndDeviation } from '../metrics/index.js';
import type { AnyDataset, Licence, QualityReport, Splits } from '../data/index.js';
import { chooseMistakes, worstFirst } from '../evaluation/index.js';
import {
  baselineName,
  downsampleCurve,
  formatCount,
  reportSchemaVersion,
  type AloneReport,
  type DistillationReport,
  type EnsembleReport,
  type RunReport,
  type SeedReport,
  type DomainReport,
  type StageReport,
  type TaskReport,
} from '../report/index.js';
import type { FalseAlarms, Scores } from '../tasks/index.js';
import type { Base } from './base.js';
import type { Learning } from './how-deep.js';
import type { Cell } from './cells.js';
import { plannedEpochs, type Plan } from './plan.js';
import type { BaselineResult, PreparedTask } from './prepared-task.js';
import { describeShares } from './lexical-share.js';
import { publishedFigures } from './published-figures.js';
import { compareSplits, learningCurve, spreadOf, type SplitStage } from './report-stages.js';
import { keptMistakes, type RoundResult } from './round.js';
import type { SourceTask } from './sources.js';

/** What the run knows of one task when everything is done. */
export interface FinishedTask {
  readonly source: SourceTask;
  /** Of each fold, in order; one for all where rounds differ by their seed alone. */
  readonly prepared: readonly PreparedTask[];
  readonly quality: QualityReport;
  /** Of each fold; one list for all where rounds differ by their seed alone. */
  readonly baselines: readonly (readonly BaselineResult[])[];
  readonly falseAlarms?: { readonly source: string; readonly counts: FalseAlarms } | undefined;
}

export interface ReportParts {
  readonly run: RunReport['run'];
  readonly environment: RunReport['environment'];
  readonly base: Base;
  readonly baseLicence: Licence | undefined;
  readonly curriculum: readonly StageReport[];
  readonly domains: DomainReport | undefined;
  readonly encoderParameters: number;
  readonly learning: Learning;
  readonly plan: Plan;
  readonly rounds: readonly RoundResult[];
  readonly tasks: readonly FinishedTask[];
  /** The cells of a learning curve, a list a size, ascending; none of another run. */
  readonly curve: readonly (readonly Cell[])[];
  /** The cells by the form of published splits that was trained on, the main stage first. */
  readonly splits: readonly SplitStage[];
  /** By the name of the task. */
  readonly alone?: ReadonlyMap<string, AloneReport> | undefined;
  /** The same; empty where there is one seed. */
  readonly ensembles: ReadonlyMap<string, EnsembleReport>;
  readonly distillation?: DistillationReport | undefined;
  readonly profileNotes: readonly string[];
  readonly warnings: readonly string[];
  readonly nextSteps: readonly string[];
}

export function buildReport(parts: ReportParts): RunReport {
  const { base, baseLicence, curriculum, plan, tasks } = parts;
  const licences = new Map<string, RunReport['licences'][number]>();
  if (baseLicence) licences.set(base.id, { of: base.id, ...baseLicence });
  for (const { name, licence } of curriculum.flatMap(({ pretraining }) => [
    ...(pretraining?.corpora ?? []),
    ...(pretraining?.replay?.corpora ?? []),
  ]))
    if (licence) licences.set(name, { of: name, ...licence });
  for (const { finetuning } of curriculum)
    if (finetuning) licences.set(finetuning.task, { of: finetuning.task, ...finetuning.licence });
  for (const { name, licence } of parts.domains?.target ?? []) licences.set(name, { of: name, ...licence });
  for (const { source } of tasks)
    licences.set(source.dataset.name, { of: source.dataset.name, ...source.dataset.licence });
  return {
    schemaVersion: reportSchemaVersion,
    run: parts.run,
    environment: parts.environment,
    base: {
      id: base.id,
      source: base.source,
      ...(base.revision === undefined ? {} : { revision: base.revision }),
      architecture: base.config.model_type,
      parameters: parts.encoderParameters,
      pooling: base.config.classifier_pooling ?? 'cls',
      tokenizerHash: base.tokenizer.hash,
      ...(baseLicence ? { licence: baseLicence.name } : {}),
    },
    learning: parts.learning,
    profileNotes: [...parts.profileNotes, ...plan.notes],
    ...(curriculum.length > 0 ? { curriculum: [...curriculum] } : {}),
    ...(parts.domains ? { domains: parts.domains } : {}),
    tasks: tasks.map((task) => {
      const [alone, ensemble] = [parts.alone?.get(task.source.name), parts.ensembles.get(task.source.name)];
      return { ...describeTask(task, parts), ...(alone ? { alone } : {}), ...(ensemble ? { ensemble } : {}) };
    }),
    ...(parts.distillation ? { distillation: parts.distillation } : {}),
    licences: [...licences.values()],
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    warnings: [...parts.warnings],
    nextSteps: [...parts.nextSteps],
  };
}

function describeTask(task: FinishedTask, { rounds, plan, curve, splits }: ReportParts): TaskReport {
  const { source, prepared, quality, falseAlarms } = task;
  const [first] = prepared as [PreparedTask];
  const { dataset } = source;
  const folds = dataset.folds;
  const results = rounds.map((round) => ({ round, result: round.tasks[first.name] as RoundResult['tasks'][string] }));
  const planned = plan.tasks.find(({ name }) => name === first.name) as Plan['tasks'][number];
  const baselines = summariseBaselines(task.baselines, first.mainMetric);
  const sizes = sizesOf(dataset, prepared, plannedEpochs(planned));
  const seeds = results.map(({ round, result }): SeedReport => {
    const steps = round.progress.visits[first.name] ?? 0;
    return {
      seed: round.seed,
      steps,
      epochs: steps / planned.updatesPerEpoch,
      seconds: round.progress.seconds,
      trainingTokens: round.progress.taskTokens[first.name] ?? 0,
      tokensPerSecond: round.progress.tokens / round.progress.seconds,
      curve: downsampleCurve(
        round.progress.losses
          .filter((point) => point.task === first.name)
          .map(({ update, loss }) => ({ step: update, loss })),
      ),
      evaluations: round.progress.evaluations.flatMap(({ update, scores }) => {
        const value = scores[first.name];
        return value === undefined ? [] : [{ step: update, value }];
      }),
      ...(round.progress.best ? { bestStep: round.progress.best.update } : {}),
      tuning: {
        ...(result.tuning.thresholds ? { thresholds: [...result.tuning.thresholds] } : {}),
        ...(result.tuning.scopeThreshold === undefined ? {} : { scopeThreshold: result.tuning.scopeThreshold }),
        ...(result.tuning.titleOffset === undefined ? {} : { titleOffset: result.tuning.titleOffset }),
        ...(result.tuning.temperature === undefined ? {} : { temperature: result.tuning.temperature }),
        ...(result.tuning.agreement === undefined ? {} : { agreement: result.tuning.agreement }),
        ...(result.tuning.transitions ? { transitions: result.tuning.transitions.weight } : {}),
        ...(result.tuning.words ? { wordShare: result.tuning.words.share } : {}),
      },
      test: plainScores(result.test.scores),
    };
  });
  // An interval speaks of one model on one test part: folds and draws differ by more.
  const interval = prepared.length > 1 ? {} : (results[0]?.result.test.intervals ?? {});
  const summary = Object.fromEntries(
    [...valuesByName(results.map(({ result }) => result.test.scores.metrics))].map(([name, values]) => {
      const range = interval[name];
      return [
        name,
        {
          ...spreadOf(values),
          // Of the first round: an interval speaks of the test part, a deviation of the seeds.
          ...(range ? { interval: [range.low, range.high] as [number, number] } : {}),
          n: values.length,
        },
      ];
    }),
  );
  const own = summary[first.mainMetric]?.mean ?? 0;
  const beats = Object.fromEntries(
    baselines.map(({ name, metrics }) => [name, own > (metrics[first.mainMetric] ?? 0)]),
  );
  const lost = Object.keys(beats).filter((name) => !beats[name]);
  const split = dataset.seen === undefined ? undefined : compareSplits(first.name, first.mainMetric, splits);
  const grouped = dataset.splits.test.length > 0 && dataset.splits.test.every(({ group }) => group !== undefined);
  const notes = [...first.notes, ...describeShares(results, first.mainMetric)];
  const data = describeData(source, { notes, sizes }, quality);
  const trainedOn = splits[0]?.trainedOn ?? 'cleaned';
  const published = publishedFigures({ dataset, parts: data.parts, trainedOn });
  return {
    name: first.name,
    kind: first.kind,
    labels: [...first.labels],
    ...(dataset.titles && { titles: titlesOf(dataset, quality) }),
    mainMetric: first.mainMetric,
    data,
    seeds,
    summary,
    intervalRule: folds
      ? 'the deviation over the folds of cross-validation instead'
      : prepared.length > 1
        ? 'the deviation over the draws of training examples instead'
        : `percentile bootstrap, 1,000 resamples of ${grouped ? 'documents' : 'examples'}${results.length > 1 ? ', of the first round' : ''}`,
    baselines,
    beats,
    ...(lost.length > 0 ? { notBeaten: reasonNotBeaten(lost, sizes.train) } : {}),
    ...(falseAlarms ? { falseAlarms: describeFalseAlarms(falseAlarms) } : {}),
    ...describeMistakes(rounds, first, folds !== undefined),
    ...(published ? { published } : {}),
    ...(split === undefined ? {} : { splits: split }),
    ...(curve.length > 0 ? { learningCurve: learningCurve(first.name, first.mainMetric, curve) } : {}),
    ...(folds
      ? {
          crossValidation: {
            folds: results.map(({ result }, fold) => ({
              fold: fold + 1,
              train: folds[fold]?.train.length ?? 0,
              test: folds[fold]?.test.length ?? 0,
              metrics: { ...result.test.scores.metrics },
            })),
            note: dataset.splitRule,
          },
        }
      : {}),
  };
}

/** Every score's values, in the order of the rounds; a round in which a score is undefined has none. */
function valuesByName(rounds: readonly Readonly<Record<string, number | undefined>>[]): Map<string, number[]> {
  const values = new Map<string, number[]>();
  for (const metrics of rounds) {
    for (const [name, value] of Object.entries(metrics))
      if (value !== undefined) values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

/** Over folds and draws the mean, as the model's own scores are. */
function summariseBaselines(
  rounds: readonly (readonly BaselineResult[])[],
  mainMetric: string,
): TaskReport['baselines'] {
  return (rounds[0] ?? []).map(({ name, intervals }) => {
    const own = rounds.flatMap((round) => round.filter((baseline) => baseline.name === name));
    const values = valuesByName(own.map(({ scores }) => scores.metrics));
    const range = rounds.length === 1 ? intervals[mainMetric] : undefined;
    const { std } = spreadOf(values.get(mainMetric) ?? []);
    return {
      name,
      metrics: Object.fromEntries([...values].map(([metric, all]) => [metric, meanAndDeviation(all).mean])),
      ...(std === undefined ? {} : { std }),
      ...(range ? { interval: [range.low, range.high] as [number, number] } : {}),
      seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
    };
  });
}

/** The titles of codes that some example bears. */
function titlesOf({ titles = {} }: AnyDataset, { parts }: QualityReport): Record<string, string> {
  const borne = parts.flatMap(({ labels }) => Object.keys(labels).filter((label) => labels[label]! > 0));
  return Object.fromEntries(
    [...new Set(borne)].sort().flatMap((code) => (titles[code] === undefined ? [] : [[code, titles[code]]])),
  );
}

type PartSizes = Record<keyof Splits<unknown>, { used: number; available: number }>;

/** Examples of each part: of folds and draws the mean, but of the test parts of folds all, since each example is tested once. */
function sizesOf({ folds, splits }: AnyDataset, prepared: readonly PreparedTask[], epochs: number): PartSizes {
  const add = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const mean = (values: readonly number[]) => Math.round(add(values) / values.length);
  const rounds = folds ?? [splits];
  return {
    train: {
      used: mean(prepared.map((task) => task.trainExamples(epochs))),
      available: mean(rounds.map(({ train }) => train.length)),
    },
    dev: { used: mean(prepared.map(({ dev }) => dev.examples)), available: mean(rounds.map(({ dev }) => dev.length)) },
    test: {
      used: (folds ? add : mean)(prepared.map(({ test }) => test.examples)),
      available: add(rounds.map(({ test }) => test.length)),
    },
  };
}

/** Of folds the mistakes of all; of rounds that differ by their seed, those of the first. */
function describeMistakes(
  rounds: readonly RoundResult[],
  { name, labels }: Pick<PreparedTask, 'name' | 'labels'>,
  pooled: boolean,
): Pick<TaskReport, 'errors' | 'errorCount'> {
  const tested = rounds.flatMap((round) => round.tasks[name]?.test ?? []);
  const shown = pooled ? tested : tested.slice(0, 1);
  const mistakes = worstFirst(shown.flatMap((test) => test.mistakes));
  return {
    errors: chooseMistakes(mistakes, labels, keptMistakes) as NonNullable<TaskReport['errors']>,
    errorCount: shown.reduce((sum, { mistaken }) => sum + mistaken, 0),
  };
}

function describeData(
  { dataset, extra }: SourceTask,
  { notes, sizes }: { notes: readonly string[]; sizes: PartSizes },
  quality: QualityReport,
): TaskReport['data'] {
  const counts = new Map(quality.parts.map(({ part, labels }) => [part, labels]));
  const labelCounts = dataset.labels
    .map((label) => ({
      label,
      train: counts.get('train')?.[label] ?? 0,
      dev: counts.get('dev')?.[label] ?? 0,
      test: counts.get('test')?.[label] ?? 0,
    }))
    // Of a table of codes most are borne by nothing here.
    .filter(({ train, dev, test }) => dataset.titles === undefined || train + dev + test > 0);
  return {
    dataset: dataset.name,
    ...(dataset.card ? { language: dataset.card.language } : {}),
    origin: dataset.origin,
    // A file of the workspace's own is published nowhere.
    ...(dataset.card && !dataset.card.source.startsWith('file:') ? { source: dataset.card.source } : {}),
    licence: dataset.licence.name,
    ...(extra && { extra }),
    splitRule: dataset.splitRule,
    parts: quality.parts.map(({ part, groups }) => ({
      part,
      ...sizes[part],
      ...(groups === undefined ? {} : { groups }),
    })),
    labelCounts: labelCounts,
    notes: [...dataset.notes, ...notes],
    findings: quality.findings.map(({ code, severity, what, count, examples, allow }) => ({
      code,
      severity,
      what,
      count,
      examples,
      ...(allow === undefined ? {} : { allow }),
    })),
  };
}

const plainScores = ({ metrics, perLabel, confusion, reliability }: Scores): NonNullable<SeedReport['test']> => ({
  metrics: { ...metrics },
  perLabel: perLabel.map(({ label, precision, recall, f1, support }) => ({ label, precision, recall, f1, support })),
  ...(confusion ? { confusion: confusion.map((row) => [...row]) } : {}),
  ...(reliability
    ? { reliability: reliability.map(({ confidence, accuracy, count }) => ({ confidence, accuracy, count })) }
    : {}),
});

function reasonNotBeaten(baselines: readonly string[], { used, available }: PartSizes['train']): string {
  const reason =
    used < available
      ? `it learnt from ${used < 500 ? 'only ' : ''}${formatCount(used)} of ${formatCount(available)} training examples`
      : used < 500
        ? `there are only ${formatCount(used)} examples to learn from`
        : 'no cause is apparent from the data; a longer profile or another base may help';
  return `Not above ${baselines.map(baselineName).join(' and ')}: ${reason}`;
}

function describeFalseAlarms({
  source,
  counts,
}: NonNullable<FinishedTask['falseAlarms']>): NonNullable<TaskReport['falseAlarms']> {
  return {
    source,
    paragraphs: counts.paragraphs,
    flagged: counts.alarmed,
    rate: counts.rate,
    perLabel: counts.perLabel.map(({ label, count }) => ({ label, flagged: count, rate: count / counts.paragraphs })),
  };
}
