/** A report in a few rows for a terminal: plain data, drawn by whoever shows it. */
import { formatCount, formatDuration, formatInterval, formatMean, formatScore } from './numbers.js';
import { figureBeside } from './published.js';
import type { RunReport } from './schema.js';
import { distillationInWords } from './distillation.js';
import { sharingInWords } from './sharing.js';
import type { CurvePoint, TaskReport } from './task-schema.js';
import { verdictOf, type Verdict } from './verdict.js';
import { baselineName, capitalise, metricName, title } from './words.js';

export interface SummaryColumn {
  head: string;
  align: 'left' | 'right';
}

export interface ReportSummary {
  /** One line: what was trained, on what, for how long. */
  headline: string;
  columns: SummaryColumn[];
  /** One row a task, as many cells as columns. */
  rows: string[][];
  /** How each row's task stands to its baselines. */
  tones: Verdict['tone'][];
  /** The scores of learning curves by size; one row a task and method, as many cells as columns; no rows where nothing was drawn. */
  curves: { columns: SummaryColumn[]; rows: string[][] };
  /** Sentences below the table: what the profile left out, why a baseline was not beaten, warnings. */
  notes: string[];
  /** What can be done now. */
  nextSteps: string[];
}

/** The result table of a run: every task's main score with spread and interval beside its baselines. */
export function summarise(report: RunReport): ReportSummary {
  const { run, base, tasks, warnings, profileNotes, nextSteps } = report;
  const baselines = [...new Set(tasks.flatMap((task) => task.baselines.map((baseline) => baseline.name)))];
  const ensembles = tasks.some(({ ensemble }) => ensemble);
  const status = run.status === 'partial' ? ' (stopped before its end)' : '';
  const origin = base.source === 'scratch' ? 'from random weights' : `from ${base.id}`;
  return {
    headline: `${title(run.vertical ?? run.name)}: ${tasks.length === 1 ? '1 task' : `${tasks.length} tasks`} trained ${origin} in ${formatDuration(run.seconds)}${status}`,
    columns: [
      { head: 'Task', align: 'left' },
      { head: 'Test', align: 'right' },
      { head: 'Score', align: 'left' },
      { head: 'Model', align: 'right' },
      { head: '95 % interval', align: 'right' },
      ...(ensembles ? [{ head: 'Ensemble', align: 'right' } as const] : []),
      ...baselines.map((name): SummaryColumn => ({ head: capitalise(baselineName(name)), align: 'right' })),
      ...(tasks.some(figureBeside) ? [{ head: 'Published', align: 'right' } as const] : []),
      { head: 'Verdict', align: 'left' },
    ],
    rows: tasks.map((task) => row(task, { baselines, ensembles, published: tasks.some(figureBeside) })),
    tones: tasks.map((task) => verdictOf(task).tone),
    curves: curvesOf(tasks),
    notes: [
      ...profileNotes,
      ...(ensembles
        ? [
            `Ensemble: the models of all seeds together, by the mean of their probabilities${run.options['ensemble'] === true ? '' : '; --ensemble keeps them to predict with'}`,
          ]
        : []),
      ...[sharingInWords(tasks), distillationInWords(report)].filter((note) => note !== undefined),
      ...tasks.flatMap((task) => (task.notBeaten === undefined ? [] : [`${task.name}: ${task.notBeaten}`])),
      ...tasks.flatMap(publishedNote),
      ...warnings,
    ],
    nextSteps: [...nextSteps],
  };
}

interface RowParts {
  readonly baselines: readonly string[];
  readonly ensembles: boolean;
  readonly published: boolean;
}

function row(task: TaskReport, { baselines, ensembles, published }: RowParts): string[] {
  const main = task.summary[task.mainMetric];
  const test = task.data.parts.find(({ part }) => part === 'test')?.used ?? 0;
  const score = (value: number | undefined) => (value === undefined ? '–' : formatScore(value));
  return [
    task.name,
    formatCount(test),
    metricName(task.mainMetric),
    main === undefined ? '–' : formatMean(main),
    main?.interval === undefined ? '–' : formatInterval(main.interval),
    ...(ensembles ? [score(task.ensemble?.metrics[task.mainMetric])] : []),
    ...baselines.map((name) => score(task.baselines.find((b) => b.name === name)?.metrics[task.mainMetric])),
    ...(published ? [publishedCell(task)] : []),
    verdictOf(task).text,
  ];
}

/** In brackets where the run's score does not stand beside it: a note says why. */
function publishedCell(task: TaskReport): string {
  const figure = figureBeside(task);
  if (figure === undefined) return '–';
  return figure.notComparable === undefined ? formatScore(figure.value) : `(${formatScore(figure.value)})`;
}

function publishedNote(task: TaskReport): string[] {
  const figure = figureBeside(task);
  if (figure === undefined) return [];
  const { model, source, notComparable } = figure;
  return [
    `${task.name}: the published figure is of ${model} (${source})${notComparable === undefined ? '' : `; not comparable: ${notComparable}`}`,
  ];
}

/** A column a size. */
function curvesOf(tasks: readonly TaskReport[]): ReportSummary['curves'] {
  const sizes = [...new Set(tasks.flatMap(({ learningCurve = [] }) => learningCurve.map(({ train }) => train)))].sort(
    (a, b) => a - b,
  );
  const rows = tasks.flatMap(({ name, mainMetric, learningCurve = [] }) => {
    const methods = [...new Set(learningCurve.flatMap(({ baselines }) => baselines.map((baseline) => baseline.name)))];
    const cells = (figure: (point: CurvePoint) => { mean: number; std?: number | undefined } | undefined) =>
      sizes.map((size) => {
        const point = learningCurve.find(({ train }) => train === size);
        const found = point && figure(point);
        return found === undefined ? '–' : formatMean(found);
      });
    if (learningCurve.length === 0) return [];
    return [
      [name, `model, ${metricName(mainMetric)}`, ...cells((point) => point)],
      ...methods.map((method) => [
        name,
        baselineName(method),
        ...cells(({ baselines }) => baselines.find((baseline) => baseline.name === method)),
      ]),
    ];
  });
  const columns: SummaryColumn[] = [
    { head: 'Task', align: 'left' },
    { head: 'Method', align: 'left' },
    ...sizes.map((size): SummaryColumn => ({ head: formatCount(size), align: 'right' })),
  ];
  return { columns, rows };
}
