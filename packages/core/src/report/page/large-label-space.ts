/** Scores of labels that are too many for a table of all: those that training has beside the others, the most frequent, and the most missed. */
import { bar } from '../charts/tracks.js';
import { html, type Markup } from '../markup.js';
import { formatCount, formatScore } from '../numbers.js';
import { meanPerLabel, type LabelScores } from '../seeds.js';
import type { TaskReport } from '../task-schema.js';
import type { Part } from './part.js';
import { table, type Column } from './table.js';

/** More rows than this are no longer read from top to bottom. */
const mostRows = 60;
const shownFrequent = 25;
const shownMissed = 15;

export const isLarge = (rows: readonly unknown[]): boolean => rows.length > mostRows;

export function largeLabelSpace(task: TaskReport): Part | undefined {
  const rows = meanPerLabel(task).sort((a, b) => b.support - a.support);
  if (rows.length === 0) return undefined;
  const missed = (row: LabelScores) => row.support * (1 - row.f1);
  const body = html`${seenAndUnseen(task)}
  ${labelTable(
    task,
    rows.slice(0, shownFrequent),
    `The most frequent of ${formatCount(rows.length)} codes that the test part bears or that were assigned to it`,
  )}
  ${labelTable(
    task,
    [...rows].sort((a, b) => missed(b) - missed(a)).slice(0, shownMissed),
    'The codes that cost most: frequent and with a low F1',
  )}`;
  return { title: 'By code', body };
}

function labelTable(task: TaskReport, rows: readonly LabelScores[], caption: string): Markup {
  const inTraining = new Map(task.data.labelCounts.map(({ label, train }) => [label, train]));
  const columns: Column<LabelScores>[] = [
    { head: 'Code', cell: (row) => named(task, row.label) },
    { head: 'F1', kind: 'number', cell: (row) => html`<b>${formatScore(row.f1)}</b>` },
    { head: html`<span class="hidden">F1 as a bar</span>`, kind: 'bar', cell: (row) => bar(row.f1, row.range) },
    { head: 'Precision', kind: 'number', wideOnly: true, cell: (row) => formatScore(row.precision) },
    { head: 'Recall', kind: 'number', wideOnly: true, cell: (row) => formatScore(row.recall) },
    { head: 'Support', kind: 'number', cell: (row) => formatCount(row.support), sortBy: (row) => row.support },
    {
      head: 'In training',
      kind: 'number',
      cell: (row) => formatCount(inTraining.get(row.label) ?? 0),
      sortBy: (row) => inTraining.get(row.label) ?? 0,
    },
  ];
  return table({ caption, rows, columns, sortable: true });
}

/** A label, and what it stands for. */
export const named = ({ titles }: Pick<TaskReport, 'titles'>, label: string): Markup =>
  titles?.[label] === undefined ? html`${label}` : html`${label} <small class="quiet">${titles[label]}</small>`;

/** Codes that training has and those that only their titles speak of; undefined for tasks that do not tell them apart. */
function seenAndUnseen({ summary, data: { labelCounts } }: TaskReport): Markup | undefined {
  if (summary['unseenMap'] === undefined) return undefined;
  const score = (name: string) => formatScore(summary[name]?.mean ?? 0);
  const groups = (['seen', 'unseen'] as const).map((part) => {
    const codes = labelCounts.filter(({ train, test }) => train > 0 === (part === 'seen') && test > 0);
    return {
      part,
      name: part === 'seen' ? 'Codes that training has' : 'Codes never seen, by their titles alone',
      codes: codes.length,
      occurrences: codes.reduce((sum, { test }) => sum + test, 0),
    };
  });
  return table({
    caption: html`Codes that training has and others, on the test part. MAP: mean average precision of the ranking among
    codes of the row, over documents that bear one. The segment with the most attention for a code is shown with
    predictions and is not evaluated.`,
    rows: groups,
    columns: [
      { head: 'Codes', cell: (row) => row.name },
      { head: 'In test', kind: 'number', cell: (row) => formatCount(row.codes) },
      { head: 'Times', kind: 'number', cell: (row) => formatCount(row.occurrences) },
      { head: 'Precision', kind: 'number', wideOnly: true, cell: (row) => score(`${row.part}Precision`) },
      { head: 'Recall', kind: 'number', wideOnly: true, cell: (row) => score(`${row.part}Recall`) },
      { head: 'F1', kind: 'number', cell: (row) => score(`${row.part}F1`) },
      { head: 'MAP', kind: 'number', cell: (row) => score(`${row.part}Map`) },
    ],
  });
}
