/** The published split beside the cleaned one: what a leak does to a score. */
import { html } from '../markup.js';
import { formatCount, formatMean } from '../numbers.js';
import type { TaskReport } from '../task-schema.js';
import { baselineName, capitalise, metricName } from '../words.js';
import type { Part } from './part.js';
import { table } from './table.js';

export function splitsTable({ splits, mainMetric }: TaskReport): Part | undefined {
  if (splits === undefined) return undefined;
  const { seen, test } = splits;
  const rows = splits.rows.flatMap(({ trainedOn, train, test, unseen, baselines }) => [
    { method: 'model', trainedOn, train, test, unseen },
    ...baselines.map(({ name, ...scores }) => ({ method: baselineName(name), trainedOn, train, ...scores })),
  ]);
  const body = table({
    caption: html`${capitalise(metricName(mainMetric))}. ${formatCount(seen)} of the ${formatCount(test)} test examples
    also stand in train or dev as published, word for word or nearly, or their document does; cleaning drops them there,
    never from test.`,
    rows,
    columns: [
      {
        head: 'Trained on',
        cell: (row) => (row.trainedOn === 'cleaned' ? 'the cleaned split' : 'the published split, with its leak'),
      },
      { head: 'Method', cell: (row) => (row.method === 'model' ? html`<b>model</b>` : row.method) },
      { head: 'Train', kind: 'number', cell: (row) => formatCount(row.train) },
      { head: `All ${formatCount(test)} test`, kind: 'number', cell: (row) => formatMean(row.test) },
      {
        head: `${formatCount(test - seen)} unseen`,
        kind: 'number',
        cell: (row) => (row.unseen === undefined ? '–' : formatMean(row.unseen)),
      },
    ],
  });
  return { title: 'Published split and cleaned split', body };
}
