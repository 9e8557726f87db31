/** A task's scores: every metric beside the baselines, every label as a bar, and cross-validation rounds. */
import { bar } from '../charts/tracks.js';
import { html, type Markup } from '../markup.js';
import { formatCount, formatInterval, formatPercent, formatScore, plural } from '../numbers.js';
import { meanPerLabel, type LabelScores } from '../seeds.js';
import type { EnsembleReport, TaskReport } from '../task-schema.js';
import { baselineName, capitalise, isLessBetter, metricName } from '../words.js';
import { filterable } from './filter.js';
import { metricLink } from './glossary.js';
import { largeLabelSpace } from './large-label-space.js';
import type { Part } from './part.js';
import { table, type Column } from './table.js';

export function scoresTable(task: TaskReport): Part {
  const names = Object.keys(task.summary).sort(
    (a, b) =>
      Number(b === task.mainMetric) - Number(a === task.mainMetric) ||
      Number(isLessBetter(a)) - Number(isLessBetter(b)),
  );
  if (names.length === 0)
    return { title: 'Scores', body: html`<p class="quiet">The test part has not been scored.</p>` };
  const baselines = task.baselines.map((baseline): Column<string> => ({
    head: capitalise(baselineName(baseline.name)),
    kind: 'number',
    cell: (name) => optionalScore(baseline.metrics[name]),
  }));
  const { ensemble } = task;
  const anySpread = names.some((name) => task.summary[name]?.std !== undefined);
  const spread: Column<string> = {
    head: html`<span title="sample standard deviation over the seeds">± seeds</span>`,
    kind: 'number',
    cell: (name) => optionalScore(task.summary[name]?.std),
  };
  return {
    title: 'Scores',
    body: table({
      caption: html`On the test part, ${seedsOf(task)}. Intervals:
      ${task.intervalRule}.${ensemble && html` Ensemble: the models of all ${ensemble.members} seeds together, by the mean of their probabilities.`}`,
      rows: names,
      columns: [
        {
          head: 'Metric',
          cell: (name) =>
            html`${name === task.mainMetric ? html`<b>${metricLink(name)}</b>` : metricLink(name)}${isLessBetter(name) && html` <small class="quiet">less is better</small>`}`,
        },
        { head: 'Model', kind: 'number', cell: (name) => html`<b>${optionalScore(task.summary[name]?.mean)}</b>` },
        ...(anySpread ? [spread] : []),
        {
          head: '95 % interval',
          kind: 'number',
          cell: (name) => {
            const interval = task.summary[name]?.interval;
            return html`<span class="whole">${interval === undefined ? '–' : formatInterval(interval)}</span>`;
          },
        },
        ...(ensemble === undefined ? [] : [ensembleColumn(ensemble)]),
        ...baselines,
      ],
    }),
  };
}

const ensembleColumn = ({ metrics }: EnsembleReport): Column<string> => ({
  head: 'Ensemble',
  kind: 'number',
  cell: (name) => optionalScore(metrics[name]),
});

/** More labels than this are folded away, but for the weakest. */
const mostLabels = 20;
const weakestShown = 10;

/** F1 of each label as a bar beside precision, recall and support: the most frequent first, of very many the weakest. */
export function labelBars(task: TaskReport): Part | undefined {
  const rows = meanPerLabel(task).sort((a, b) => b.support - a.support);
  if (rows.length === 0) return undefined;
  if (task.kind === 'code-assignment') return largeLabelSpace(task);
  const spread = rows.some((row) => row.range[1] > row.range[0]);
  const draw = (order: string, shown: readonly LabelScores[], attributes?: readonly Markup[]) =>
    table({
      caption: html`F1 on the test part,
      ${order}${spread && html`; bars are means over the seeds, whiskers their lowest and highest`}. Support: true
      members in the test part.`,
      rows: shown,
      sortable: true,
      ...(attributes && { attributes }),
      columns: labelColumns,
    });
  if (rows.length <= mostLabels) return { title: 'By label', body: draw('most frequent label first', rows) };
  const weakest = rows.filter(({ support }) => support > 0).sort((a, b) => a.f1 - b.f1);
  const body = html`${draw(`the ${weakestShown} weakest labels`, weakest.slice(0, weakestShown))}
    <details>
      <summary>All ${plural(rows.length, 'label')}</summary>
      ${filterable({
        what: 'labels',
        labels: task.labels,
        items: rows.map(({ label }) => [label]),
        place: (attributes) => draw('most frequent label first', rows, attributes),
      })}
    </details>`;
  return { title: 'By label', body };
}

const labelColumns: Column<LabelScores>[] = [
  { head: 'Label', cell: (row) => row.label },
  { head: 'F1', kind: 'number', cell: (row) => html`<b>${formatScore(row.f1)}</b>` },
  { head: html`<span class="hidden">F1 as a bar</span>`, kind: 'bar', cell: (row) => bar(row.f1, row.range) },
  { head: 'Precision', kind: 'number', wideOnly: true, cell: (row) => formatScore(row.precision) },
  { head: 'Recall', kind: 'number', wideOnly: true, cell: (row) => formatScore(row.recall) },
  { head: 'Support', kind: 'number', cell: (row) => formatCount(row.support), sortBy: (row) => row.support },
];

export function crossValidationTable({ crossValidation, mainMetric }: TaskReport): Part | undefined {
  if (crossValidation === undefined) return undefined;
  return {
    title: 'Cross-validation',
    body: table({
      caption: crossValidation.note,
      rows: crossValidation.folds,
      columns: [
        { head: 'Fold', cell: (row) => formatCount(row.fold) },
        { head: 'Train', kind: 'number', cell: (row) => formatCount(row.train) },
        { head: 'Test', kind: 'number', cell: (row) => formatCount(row.test) },
        {
          head: capitalise(metricName(mainMetric)),
          kind: 'number',
          cell: (row) => optionalScore(row.metrics[mainMetric]),
        },
        {
          head: html`<span class="hidden">Score as a bar</span>`,
          kind: 'bar',
          cell: (row) => bar(row.metrics[mainMetric] ?? 0),
        },
      ],
    }),
  };
}

export function falseAlarmsTable({ falseAlarms }: TaskReport): Part | undefined {
  if (falseAlarms === undefined) return undefined;
  const { paragraphs, flagged, rate, interval, perLabel, source } = falseAlarms;
  const body = html`<p>
      Of ${plural(paragraphs, 'paragraph')} (${source}), <b>${formatCount(flagged)}</b> got at least one label that is
      not theirs:
      <b>${formatPercent(rate)}</b
      >${interval && html` (95 % interval ${formatPercent(interval[0])}–${formatPercent(interval[1])})`}.
    </p>
    ${
      perLabel.length > 0 &&
      table({
        caption: 'False alarms by label',
        quietCaption: true,
        rows: [...perLabel].sort((a, b) => b.flagged - a.flagged),
        sortable: true,
        columns: [
          { head: 'Label', cell: (row) => row.label },
          { head: 'Paragraphs', kind: 'number', cell: (row) => formatCount(row.flagged), sortBy: (row) => row.flagged },
          { head: 'Rate', kind: 'number', cell: (row) => formatPercent(row.rate), sortBy: (row) => row.rate },
        ],
      })
    }`;
  return { title: 'False alarms', body };
}

function seedsOf(task: TaskReport): string {
  const n = Math.max(...Object.values(task.summary).map((row) => row.n));
  return n === 1 ? '1 seed' : `mean over ${n} seeds`;
}

function optionalScore(value: number | undefined): string {
  return value === undefined ? '–' : formatScore(value);
}
