/** Puts a run's report together from what its steps left behind. */
import { meanAndDeviation } from '../metrics/index.js';
import type { Licence, QualityReport } from '../data/index.js';
import {
  downsampleCurve,
  reportSchemaVersion,
  type RunReport,
  type SeedReport,
  type TaskReport,
} from '../report/index.js';
import type { FalseAlarms, Scores } from '../tasks/index.js';
import type { Base } from './base.js';
import type { Plan } from './plan.js';
import type { BaselineResult, PreparedTask } from './prepared-task.js';
import type { RoundResult } from './round.js';
import type { SourceTask } from './sources.js';

/** What the run knows of one task when everything is done. */
export interface FinishedTask {
  readonly source: SourceTask;
  /** Of each round, in order; one for all where rounds differ by their seed alone. */
  readonly prepared: readonly PreparedTask[];
  readonly quality: QualityReport;
  readonly baselines: readonly BaselineResult[];
  readonly falseAlarms?: { readonly source: string; readonly counts: FalseAlarms } | undefined;
}

export interface ReportParts {
  readonly run: RunReport['run'];
  readonly environment: RunReport['environment'];
  readonly base: Base;
  readonly baseLicence: Licence | undefined;
  readonly encoderParameters: number;
  readonly plan: Plan;
  readonly rounds: readonly RoundResult[];
  readonly tasks: readonly FinishedTask[];
  readonly profileNotes: readonly string[];
  readonly warnings: readonly string[];
  readonly nextSteps: readonly string[];
}

export function buildReport(parts: ReportParts): RunReport {
  const { base, baseLicence, plan, tasks, rounds } = parts;
  const licences = new Map<string, RunReport['licences'][number]>();
  if (baseLicence) licences.set(base.id, { of: base.id, ...baseLicence });
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
      tokenizerHash: base.tokenizer.hash,
      ...(baseLicence ? { licence: baseLicence.name } : {}),
    },
    profileNotes: [...parts.profileNotes, ...plan.notes],
    tasks: tasks.map((task) => describeTask(task, rounds, plan)),
    licences: [...licences.values()],
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    warnings: [...parts.warnings],
    nextSteps: [...parts.nextSteps],
  };
}

function describeTask(task: FinishedTask, rounds: readonly RoundResult[], plan: Plan): TaskReport {
  const { source, prepared, quality, baselines, falseAlarms } = task;
  const [first] = prepared as [PreparedTask];
  const { dataset } = source;
  const folds = dataset.folds;
  const results = rounds.map((round) => ({ round, result: round.tasks[first.name] as RoundResult['tasks'][string] }));
  const planned = plan.tasks.find(({ name }) => name === first.name);
  const seeds = results.map(({ round, result }): SeedReport => {
    const steps = round.progress.visits[first.name] ?? 0;
    return {
      seed: round.seed,
      steps,
      epochs: steps / (planned?.updatesPerEpoch ?? 1),
      seconds: round.progress.seconds,
      trainingTokens: round.progress.tokens,
      tokensPerSecond: round.progress.tokens / round.progress.seconds,
      curve: downsampleCurve(
        round.progress.losses
          .filter((point) => point.task === first.name)
          .map(({ update, loss }) => ({ step: update, loss })),
      ),
      evaluations: round.progress.evaluations.map(({ update, scores }) => ({
        step: update,
        value: scores[first.name] ?? 0,
      })),
      ...(round.progress.best ? { bestStep: round.progress.best.update } : {}),
      tuning: {
        ...(result.tuning.thresholds ? { thresholds: [...result.tuning.thresholds] } : {}),
        ...(result.tuning.temperature === undefined ? {} : { temperature: result.tuning.temperature }),
      },
      test: plainScores(result.test.scores),
    };
  });
  const interval = results[0]?.result.test.intervals ?? {};
  const summary = Object.fromEntries(
    Object.keys(results[0]?.result.test.scores.metrics ?? {}).map((name) => {
      const { mean, deviation } = meanAndDeviation(results.map(({ result }) => result.test.scores.metrics[name] ?? 0));
      const range = interval[name];
      return [
        name,
        {
          mean,
          ...(deviation === null ? {} : { std: deviation }),
          // Of the first round: an interval speaks of the test part, a deviation of the seeds.
          ...(range ? { interval: [range.low, range.high] as [number, number] } : {}),
          n: results.length,
        },
      ];
    }),
  );
  const own = summary[first.mainMetric]?.mean ?? 0;
  const beats = Object.fromEntries(
    baselines.map(({ name, scores }) => [name, own > (scores.metrics[first.mainMetric] ?? 0)]),
  );
  const lost = Object.keys(beats).filter((name) => !beats[name]);
  const grouped = dataset.splits.test.length > 0 && dataset.splits.test.every(({ group }) => group !== undefined);
  return {
    name: first.name,
    kind: first.kind,
    labels: [...first.labels],
    mainMetric: first.mainMetric,
    data: describeData(source, first, quality),
    seeds,
    summary,
    intervalRule: `percentile bootstrap, 1,000 resamples of ${grouped ? 'documents' : 'examples'}${results.length > 1 ? ', of the first round' : ''}`,
    baselines: baselines.map(({ name, scores, intervals, seconds }) => {
      const range = intervals[first.mainMetric];
      return {
        name,
        metrics: { ...scores.metrics },
        ...(range ? { interval: [range.low, range.high] as [number, number] } : {}),
        seconds,
      };
    }),
    beats,
    ...(lost.length > 0 ? { notBeaten: reasonNotBeaten(lost, first, dataset.splits.train.length) } : {}),
    ...(falseAlarms ? { falseAlarms: describeFalseAlarms(falseAlarms) } : {}),
    errors: (results[0]?.result.test.mistakes ?? []).map(excerpt),
    ...(folds
      ? {
          crossValidation: {
            folds: results.map(({ result }, fold) => ({
              fold,
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

function describeData({ dataset }: SourceTask, prepared: PreparedTask, quality: QualityReport): TaskReport['data'] {
  const used = { train: prepared.trainExamples, dev: prepared.dev.examples, test: prepared.test.examples };
  const counts = new Map(quality.parts.map(({ part, labels }) => [part, labels]));
  return {
    dataset: dataset.name,
    language: 'en',
    origin: dataset.origin,
    ...(dataset.card ? { source: dataset.card.source } : {}),
    licence: dataset.licence.name,
    splitRule: dataset.splitRule,
    parts: quality.parts.map(({ part, examples, groups }) => ({
      part,
      available: examples,
      used: used[part],
      ...(groups === undefined ? {} : { groups }),
    })),
    labelCounts: dataset.labels.map((label) => ({
      label,
      train: counts.get('train')?.[label] ?? 0,
      dev: counts.get('dev')?.[label] ?? 0,
      test: counts.get('test')?.[label] ?? 0,
    })),
    notes: [...dataset.notes, ...prepared.notes],
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

function reasonNotBeaten(baselines: readonly string[], { trainExamples }: PreparedTask, available: number): string {
  const few = trainExamples < 500 ? `only ${trainExamples} examples to learn from` : undefined;
  const capped =
    trainExamples < available ? `the profile used ${trainExamples} of ${available} training examples` : undefined;
  const reasons = [few, capped].filter((reason) => reason !== undefined);
  return `Not above ${baselines.join(' and ')}: ${reasons.join('; ') || 'no cause is apparent from the data; a longer profile or another base may help'}`;
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

/** Characters of a text that a report shows. */
const shownText = 600;

/** A mistake with its text cut to what a report can show; entities beyond the cut are left out. */
function excerpt(
  mistake: RoundResult['tasks'][string]['test']['mistakes'][number],
): NonNullable<TaskReport['errors']>[number] {
  const { id, text, gold, predicted, goldEntities, predictedEntities, confidence } = mistake;
  const within = (entities: typeof goldEntities) =>
    entities?.filter(({ end }) => end <= shownText).map((entity) => ({ ...entity }));
  const [shownGold, shownPredicted] = [within(goldEntities), within(predictedEntities)];
  return {
    id,
    text: text.slice(0, shownText),
    gold: [...gold],
    predicted: [...predicted],
    ...(shownGold ? { goldEntities: shownGold } : {}),
    ...(shownPredicted ? { predictedEntities: shownPredicted } : {}),
    confidence,
  };
}
