/** Two runs beside each other: what a comparison found, and the page that draws it. */
import { difference } from './charts/tracks.js';
import { html } from './markup.js';
import { formatCount, formatDifference, formatPValue, formatScore, plural } from './numbers.js';
import { pageOf } from './page/frame.js';
import { bullets, definitions, table, type Column } from './page/table.js';
import type { TaskReport } from './task-schema.js';
import { kindName, metricName, title } from './words.js';

/** Two runs on the same test examples, by task. */
export interface RunComparison {
  readonly a: ComparedRun;
  readonly b: ComparedRun;
  /** Of each interval and each p-value. */
  readonly resamples: number;
  readonly tasks: readonly TaskComparison[];
  /** Tasks of either run that could not be compared. */
  readonly notCompared: readonly { readonly task: string; readonly why: string }[];
}

export interface ComparedRun {
  readonly folder: string;
  readonly name: string;
  readonly base: string;
  readonly profile: string;
}

/** The main score of both runs on the same test examples, of the first seed or fold. */
export interface TaskComparison {
  readonly task: string;
  readonly kind: TaskReport['kind'];
  readonly metric: string;
  readonly examples: number;
  /** Documents that the examples come from, where they are known: they were drawn and swapped whole. */
  readonly groups?: number;
  readonly a: number;
  readonly b: number;
  /** `b` - `a`, and its 95 % interval by paired bootstrap. */
  readonly difference: number;
  readonly interval: readonly [low: number, high: number];
  /** Of approximate randomisation, two-sided. */
  readonly p: number;
  /** After Holm's correction over the tasks. */
  readonly pAdjusted: number;
  /** By `pAdjusted` below 0.05. */
  readonly better: 'a' | 'b' | 'neither';
}

/** B is better, A is better, or no difference shown. */
export function verdictOn({ better }: Pick<TaskComparison, 'better'>): string {
  return better === 'neither' ? 'no difference shown' : `${better.toUpperCase()} is better`;
}

/** One self-contained HTML page: every task with both scores, and the difference drawn with its interval. */
export function renderComparison(comparison: RunComparison): string {
  const { a, b, tasks, notCompared, resamples } = comparison;
  const limit = Math.max(...tasks.flatMap(({ difference, interval }) => [difference, ...interval].map(Math.abs)));
  const run = ({ folder, base, profile }: ComparedRun) =>
    html`<code>${folder}</code><br /><span class="quiet">from ${base}, profile ${profile}</span>`;
  return pageOf({
    title: `${a.name} and ${b.name} compared`,
    body: html`<main>
      <header>
        <p class="eyebrow">Comparison of two runs</p>
        <h1>${headlineOf(tasks)}</h1>
        ${definitions([
          ['Run A', run(a)],
          ['Run B', run(b)],
        ])}
      </header>
      <section>
        <h2>Differences</h2>
        ${table({
          caption: `The main score of each task on the same test examples. The drawing goes from ${formatDifference(-limit)} (A is better) to ${formatDifference(limit)} (B is better), zero in the middle.`,
          rows: tasks,
          columns: columnsOf(limit),
        })}
      </section>
      ${
        notCompared.length > 0 &&
        html`<section>
          <h2>Not compared</h2>
          ${bullets(notCompared.map(({ task, why }) => `${task}: ${why}`))}
        </section>`
      }
      <section>
        <h2>How to read this</h2>
        ${bullets(methodOf(resamples))}
      </section>
    </main>`,
  });
}

function headlineOf(tasks: readonly TaskComparison[]): string {
  const count = (which: TaskComparison['better']) => tasks.filter(({ better }) => better === which).length;
  const [a, b] = [count('a'), count('b')];
  if (a + b === 0) return `No difference shown on ${plural(tasks.length, 'task')}`;
  const parts = [b > 0 && `B is better on ${b}`, a > 0 && `A is better on ${a}`].filter((part) => part !== false);
  return `${parts.join(', ')} of ${plural(tasks.length, 'task')}`;
}

function columnsOf(limit: number): Column<TaskComparison>[] {
  return [
    {
      head: 'Task',
      cell: ({ task, kind, metric }) =>
        html`${title(task)}<br /><small class="quiet">${kindName(kind)}, ${metricName(metric)}</small>`,
    },
    {
      head: 'Verdict',
      cell: (task) =>
        html`<span class="chip whole ${task.better === 'neither' ? 'even' : 'good'}">${verdictOn(task)}</span>`,
    },
    {
      head: 'B − A',
      kind: 'number',
      cell: (task) =>
        html`<b>${formatDifference(task.difference)}</b><br /><small class="quiet whole"
            >${task.interval.map(formatDifference).join(' to ')}</small
          >`,
    },
    {
      head: 'Difference with 95 % interval',
      kind: 'bar',
      cell: (task) => html`<div class="own">${difference(task.difference, task.interval, limit)}</div>`,
    },
    { head: 'A', kind: 'number', cell: ({ a }) => formatScore(a) },
    { head: 'B', kind: 'number', cell: ({ b }) => formatScore(b) },
    {
      head: 'p',
      kind: 'number',
      cell: ({ pAdjusted, p }) =>
        html`${formatPValue(pAdjusted)}<br /><small class="quiet whole">alone ${formatPValue(p)}</small>`,
    },
    {
      head: 'Test',
      kind: 'number',
      wideOnly: true,
      cell: ({ examples, groups }) =>
        html`${formatCount(examples)}${groups !== undefined && html`<br /><small class="quiet">${plural(groups, 'document')}</small>`}`,
    },
  ];
}

const methodOf = (resamples: number): string[] => [
  'Scores are those of the first seed, or of the first fold, of each run: a difference between two trainings may also come from their seeds.',
  `Intervals: paired bootstrap, ${formatCount(resamples)} test sets drawn with replacement, both runs on the same draw.`,
  `p: approximate randomisation, ${formatCount(resamples)} times the answers of the two runs swapped at random. It says how often chance alone would show so large a difference.`,
  'Where the documents of the examples are known, documents are drawn and swapped whole.',
  'The first p has Holm’s correction over all tasks here, and below 0.05 a run is called better; the p of the task alone stands under it.',
  'No difference shown does not mean that there is none: a small test part shows only large ones.',
];
