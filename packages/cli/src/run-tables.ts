/** The tables of a run: its data before it starts, its plan, and its result at the end. */
import { formatCount, formatDuration, summarise, type RunEvent, type RunReport } from '@fieldcraft/core';
import type { Screen } from './screen.js';
import { layOut, wrap, type Column, type Table } from './tables.js';

type DataEvent = Extract<RunEvent, { kind: 'data' }>;
type PlanEvent = Extract<RunEvent, { kind: 'plan' }>;

export const left = (head: string): Column => ({ head, align: 'left' });
export const right = (head: string): Column => ({ head, align: 'right' });

/** A heading, and under it a table. */
export function drawTable(
  screen: Screen,
  title: string,
  table: Table,
  styleRow?: (line: string, row: number) => string,
) {
  return [
    '',
    screen.style('bold', title),
    ...layOut(table, {
      width: screen.width(),
      styleHead: (line) => screen.style('dim', line),
      ...(styleRow === undefined ? {} : { styleRow }),
    }),
  ];
}

export type Fact = readonly [name: string, value: string];

/** Values that are wider than the screen go on under themselves. */
export function drawFacts(screen: Screen, title: string, facts: readonly Fact[]): string[] {
  const width = Math.max(...facts.map(([name]) => name.length)) + 4;
  return [
    '',
    screen.style('bold', title),
    ...facts.flatMap(([name, value]) =>
      wrap(value, screen.width() - width).map(
        (line, i) => screen.style('dim', `  ${i === 0 ? name : ''}`.padEnd(width)) + line,
      ),
    ),
  ];
}

/** Sizes of all tasks' data, and under them what the checks found. */
export function drawData(screen: Screen, events: readonly DataEvent[]): string[] {
  const columns = [left('Task'), left('From'), ...['Train', 'Dev', 'Test', 'Labels'].map(right)];
  const rows = events.map(({ task, origin, train, dev, test, labels }) => [
    task,
    origin,
    ...[train, dev, test, labels].map(formatCount),
  ]);
  const findings = events.flatMap(({ task, findings }) => findings.map((finding) => ({ task, ...finding })));
  return [
    ...drawTable(screen, 'Data', { columns, rows }),
    ...(findings.length === 0 ? [] : drawFindings(screen, findings)),
  ];
}

export interface ShownFinding {
  readonly task?: string;
  readonly severity: 'info' | 'warning' | 'stop';
  readonly what: string;
}

/** What the checks found, the worst first. */
export function drawFindings(screen: Screen, findings: readonly ShownFinding[]): string[] {
  const order = ['stop', 'warning', 'info'];
  const sorted = [...findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const named = sorted.some(({ task }) => task !== undefined);
  const table = {
    columns: [left('Severity'), ...(named ? [left('Task')] : []), left('Finding')],
    rows: sorted.map(({ severity, task, what }) => [severity, ...(named ? [task ?? ''] : []), what]),
  };
  return drawTable(screen, 'Data checks', table, (line, row) => toneOf(screen, sorted[row]?.severity, line));
}

function toneOf(screen: Screen, severity: ShownFinding['severity'] | undefined, line: string): string {
  if (severity === 'stop') return screen.style('red', line);
  return severity === 'warning' ? screen.style('yellow', line) : line;
}

/** What the run will do, and how long each part will take. */
export function drawPlan(screen: Screen, { steps, totalSeconds, folder }: PlanEvent): string[] {
  const table = {
    columns: [left('Step'), left('Amount'), right('Time')],
    rows: [
      ...steps.map(({ name, amount, seconds }) => [name, amount, formatDuration(seconds)]),
      ['total', '', formatDuration(totalSeconds)],
    ],
  };
  const styleRow = (line: string, row: number) => (row === steps.length ? screen.style('bold', line) : line);
  return [...drawTable(screen, 'Plan', table, styleRow), '', `The run’s folder: ${folder}`, ''];
}

/** The result: every task's score beside its baselines, and what can be done now. */
export function drawResult(screen: Screen, report: RunReport, nextSteps: readonly string[]): string[] {
  const { headline, columns, rows, tones, curves, notes } = summarise(report);
  const colour = { good: 'green', even: 'yellow', bad: 'red', none: undefined } as const;
  const styleRow = (line: string, row: number) => {
    const style = colour[tones[row] ?? 'none'];
    return style === undefined ? line : screen.style(style, line);
  };
  return [
    ...drawTable(screen, headline, { columns, rows }, styleRow),
    ...(curves.rows.length === 0 ? [] : drawTable(screen, 'Score by training examples', curves)),
    ...(notes.length === 0 ? [] : ['', ...notes.flatMap((note) => drawNote(screen, note))]),
    ...drawNextSteps(screen, nextSteps),
  ];
}

/** A sentence behind a mark; what does not fit goes on below it. */
function drawNote(screen: Screen, note: string): string[] {
  const mark = screen.style('yellow', '!');
  return wrap(note, screen.width() - 4).map((line, i) => `  ${i === 0 ? mark : ' '} ${line}`);
}

/** A sentence each; a command at its end stands on a line of its own, to be copied whole. */
function drawNextSteps(screen: Screen, steps: readonly string[]): string[] {
  if (steps.length === 0) return [];
  const lines = steps.flatMap((step) => step.replace(/: `([^`]+)`$/, ':\n  `$1`').split('\n'));
  const dressed = lines.map((line) =>
    line.replace(/`([^`]+)`/g, (_, command: string) => screen.style('cyan', command)),
  );
  return ['', screen.style('bold', 'What to do next'), ...dressed.map((line) => `  ${line}`)];
}
