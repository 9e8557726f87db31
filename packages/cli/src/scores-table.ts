/** Scores of one task as tables: its figures, and those of each label. */
import { formatCount, formatInterval, formatScore, metricName, type TaskEvaluation } from '@fieldcraft/core';
import { drawTable, left, right } from './run-tables.js';
import type { Screen } from './screen.js';

/** More rows than this nobody reads from top to bottom: of tables of codes. */
const mostRows = 60;

/** All rows, or of very many the most frequent, with a note that says so. */
export function mostFrequent<Row>(
  rows: readonly Row[],
  frequency: (row: Row) => number,
): { rows: readonly Row[]; note: string } {
  if (rows.length <= mostRows) return { rows, note: '' };
  const sorted = [...rows].sort((a, b) => frequency(b) - frequency(a));
  return { rows: sorted.slice(0, mostRows), note: ` (the ${mostRows} most frequent of ${formatCount(rows.length)})` };
}

export function drawScores(
  screen: Screen,
  title: string,
  { scores, intervals, mainMetric }: Pick<TaskEvaluation, 'scores' | 'intervals' | 'mainMetric'>,
): string[] {
  const names = Object.keys(scores.metrics).sort((a, b) => Number(b === mainMetric) - Number(a === mainMetric));
  const figures = names.map((name) => {
    const interval = intervals[name];
    const value = scores.metrics[name] ?? 0;
    return [
      metricName(name),
      formatScore(value),
      interval === undefined ? '' : formatInterval([interval.low, interval.high]),
    ];
  });
  const shown = mostFrequent(scores.perLabel, ({ support }) => support);
  const byLabel = shown.rows.map(({ label, precision, recall, f1, support }) => [
    label,
    ...[precision, recall, f1].map(formatScore),
    formatCount(support),
  ]);
  return [
    ...drawTable(
      screen,
      title,
      { columns: [left('Score'), right('Value'), right('95 % interval')], rows: figures },
      (line, row) => (row === 0 ? screen.style('bold', line) : line),
    ),
    ...(byLabel.length === 0
      ? []
      : drawTable(screen, `By label${shown.note}`, {
          columns: [left('Label'), ...['Precision', 'Recall', 'F1', 'True'].map(right)],
          rows: byLabel,
        })),
  ];
}
