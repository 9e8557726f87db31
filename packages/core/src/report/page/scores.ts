/** A task's scores: every metric beside the baselines, every label as a bar, and cross-validation rounds. */
import { bar } from '../charts/tracks.js';
import { html, type Markup } from '../markup.js';
import { formatCount, formatInterval, formatPercent, formatScore, plural } from '../numbers.js';
import { meanPerLabel } from '../seeds.js';
import type { TaskReport } from '../task-schema.js';
import { baselineName, capitalise, isLessBetter, metricName } from '../words.js';
import { isLarge, largeLabelSpace } from './large-label-space.js';
import { table, type Column } from './table.js';

export function scoresTable(task: TaskReport): Markup {
  const names = Object.keys(task.summary).sort(
    (a, b) =>
      Number(b === task.mainMetric) - Number(a === task.mainMetric) ||
      Number(isLessBetter(a)) - Number(isLessBetter(b)),
  );
  if (names.length === 0) return html`<p class="quiet">The test part has not been scored.</p>`;
  const baselines = task.baselines.map((baseline): Column<string> => ({
    head: capitalise(baselineName(baseline.name)),
    kind: 'number',
    cell: (name) => optionalScore(baseline.metrics[name]),
  }));
  const anySpread = names.some((name) => task.summary[name]?.std !== undefined);
  const spread: Column<string> = {
    head: html`<span title="sample standard deviation over the seeds">± seeds</span>`,
    kind: 'number',
    cell: (name) => optionalScore(task.summary[name]?.std),
  };
  return html`<h3>Scores</h3>
    ${table({
      caption: html`On the test part, ${seedsOf(task)}. Intervals: ${task.intervalRule}.`,
      rows: names,
      columns: [
        {
          head: 'Metric',
          cell: (name) =>
            html`${name === task.mainMetric ? html`<b>${metricName(name)}</b>` : metricName(name)}${isLessBetter(name) && html` <small class="quiet">less is better</small>`}`,
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
        ...baselines,
      ],
    })}`;
}

/** F1 of each label as a bar, most frequent first, beside precision, recall and support. */
export function labelBars(task: TaskReport): Markup | undefined {
  const rows = meanPerLabel(task).sort((a, b) => b.support - a.support);
  if (rows.length === 0) return undefined;
  if (isLarge(rows) || task.kind === 'code-assignment') return largeLabelSpace(task);
  const spread = rows.some((row) => row.range[1] > row.range[0]);
  return html`<h3>By label</h3>
    ${table({
      caption: html`F1 on the test part, most frequent label
      first${spread && html`; bars are means over the seeds, whiskers their lowest and highest`}. Support: true members
      in the test part.`,
      rows,
      sortable: true,
      columns: [
        { head: 'Label', cell: (row) => row.label },
        { head: 'F1', kind: 'number', cell: (row) => html`<b>${formatScore(row.f1)}</b>` },
        { head: html`<span class="hidden">F1 as a bar</span>`, kind: 'bar', cell: (row) => bar(row.f1, row.range) },
        { head: 'Precision', kind: 'number', wideOnly: true, cell: (row) => formatScore(row.precision) },
        { head: 'Recall', kind: 'number', wideOnly: true, cell: (row) => formatScore(row.recall) },
        { head: 'Support', kind: 'number', cell: (row) => formatCount(row.support), sortBy: (row) => row.support },
      ],
    })}`;
}

export function crossValidationTable({ crossValidation, mainMetric }: TaskReport): Markup | undefined {
  if (crossValidation === undefined) return undefined;
  return html`<h3>Cross-validation</h3>
    ${table({
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
    })}`;
}

export function falseAlarmsTable({ falseAlarms }: TaskReport): Markup | undefined {
  if (falseAlarms === undefined) return undefined;
  const { paragraphs, flagged, rate, interval, perLabel, source } = falseAlarms;
  return html`<h3>False alarms</h3>
    <p>
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
}

function seedsOf(task: TaskReport): string {
  const n = Math.max(...Object.values(task.summary).map((row) => row.n));
  return n === 1 ? '1 seed' : `mean over ${n} seeds`;
}

function optionalScore(value: number | undefined): string {
  return value === undefined ? '–' : formatScore(value);
}
