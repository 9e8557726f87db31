/** `fieldcraft compare`: which differences between two runs are more than chance. */
import {
  compareRuns,
  formatDifference,
  formatPValue,
  formatScore,
  metricName,
  saveComparison,
  verdictOn,
  type RunComparison,
} from '@fieldcraft/core';
import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { drawTable, left, right } from '../run-tables.js';
import type { Screen } from '../screen.js';
import { wrap } from '../tables.js';

export function addCompare(program: Command, context: CommandContext): void {
  program
    .command('compare')
    .summary('which of two runs is better, task by task')
    .description(
      'Compares two finished runs on the test examples that both were scored on: the main score of each task, the difference with its 95 % ' +
        'interval (paired bootstrap), and how often chance alone would show as large a one (p, approximate randomisation, corrected for the ' +
        'number of tasks). Of several seeds the first is compared.',
    )
    .argument('<runA>', 'run folder such as runs/legal/latest')
    .argument('<runB>', 'the run to hold beside it')
    .option('--out <page.html>', 'also write a page that draws the differences')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft compare runs/legal/2026-11-23_15-57-13_quick runs/legal/latest
  $ fieldcraft compare minilm legal-bert --out compared.html`,
    )
    .action((a: string, b: string, values: { json?: boolean; out?: string }) => {
      compare(context, [a, b], values);
    });
}

function compare(
  { stdout, stderr }: CommandContext,
  [a, b]: readonly [string, string],
  { json = false, out }: { json?: boolean; out?: string },
): void {
  const comparison = compareRuns(a, b);
  if (json) stdout.line(JSON.stringify(comparison, null, 2));
  else for (const line of drawComparison(stdout, comparison)) stdout.line(line);
  if (out === undefined) return;
  saveComparison(out, comparison);
  stderr.line(`The differences are drawn in ${out}`);
}

/** Both runs, a row a task, and what could not be compared. */
export function drawComparison(screen: Screen, { a, b, tasks, notCompared }: RunComparison): string[] {
  const rows = tasks.map((task) => [
    task.task,
    metricName(task.metric),
    formatScore(task.a),
    formatScore(task.b),
    formatDifference(task.difference),
    task.interval.map(formatDifference).join(' to '),
    formatPValue(task.pAdjusted),
    verdictOn(task),
  ]);
  const columns = [
    ...['Task', 'Score'].map(left),
    ...['A', 'B', 'B − A', '95 % interval', 'p'].map(right),
    left('Verdict'),
  ];
  const bold = (line: string, row: number) => (tasks[row]?.better === 'neither' ? line : screen.style('bold', line));
  return [
    '',
    `A  ${a.folder}`,
    `B  ${b.folder}`,
    ...drawTable(screen, 'Main scores on the same test examples', { columns, rows }, bold),
    ...(notCompared.length === 0 ? [] : ['', screen.style('bold', 'Not compared')]),
    ...notCompared.flatMap(({ task, why }) => wrap(`${task}: ${why}`, screen.width() - 2).map((line) => `  ${line}`)),
  ];
}
