/** Where tasks gain from sharing an encoder with others, and where they lose: each against the same task trained alone. */
import { difference } from './charts/tracks.js';
import { html, type Markup } from './markup.js';
import { formatDifference, formatPValue, formatScore } from './numbers.js';
import { table } from './page/table.js';
import type { AloneReport, TaskReport } from './task-schema.js';
import { capitalise, enumerate, metricName, title } from './words.js';

interface Row {
  readonly task: TaskReport;
  readonly alone: AloneReport;
}

const rowsOf = (tasks: readonly TaskReport[]): Row[] =>
  tasks.flatMap((task) => (task.alone === undefined ? [] : [{ task, alone: task.alone }]));

const verdicts = { shared: 'sharing helps', alone: 'sharing hurts', neither: 'no difference shown' } as const;

/** One sentence; undefined where no task was trained alone. */
export function sharingInWords(tasks: readonly TaskReport[]): string | undefined {
  const rows = rowsOf(tasks);
  if (rows.length === 0) return undefined;
  const parts = (['shared', 'alone', 'neither'] as const).flatMap((better) => {
    const own = rows.filter(({ alone }) => alone.better === better);
    const names = own.map(({ task, alone }) => `${task.name} (${formatDifference(alone.difference)})`);
    return own.length === 0 ? [] : [`${verdicts[better]}${better === 'neither' ? ' on' : ''} ${enumerate(names)}`];
  });
  return `${capitalise(parts.join('; '))}: each task beside itself trained alone.`;
}

export function sharingSection(tasks: readonly TaskReport[]): Markup | undefined {
  const rows = rowsOf(tasks);
  if (rows.length === 0) return undefined;
  const limit = Math.max(...rows.flatMap(({ alone }) => [alone.difference, ...alone.interval].map(Math.abs)));
  const spread = (mean: number, std: number | undefined) =>
    html`${formatScore(mean)}${std !== undefined && html` <small>± ${formatScore(std)}</small>`}`;
  return html`<section>
    <h2>Where sharing helps and where it hurts</h2>
    ${table({
      caption: `The main score of each task among the others and trained alone, with the same updates, data and seeds. Differences are those of the first seed, with a 95 % interval by paired bootstrap on the same test examples; a verdict needs p below 0.05 of approximate randomisation, Holm’s correction over the tasks. The drawing goes from ${formatDifference(-limit)} (alone is better) to ${formatDifference(limit)} (sharing is better).`,
      rows,
      columns: [
        {
          head: 'Task',
          cell: ({ task }) =>
            html`${title(task.name)}<br /><small class="quiet">${metricName(task.mainMetric)}</small>`,
        },
        {
          head: 'Verdict',
          cell: ({ alone: { better } }) =>
            html`<span class="chip whole ${{ shared: 'good', alone: 'bad', neither: 'even' }[better]}"
              >${verdicts[better]}</span
            >`,
        },
        {
          head: 'Difference',
          kind: 'number',
          cell: ({ alone }) =>
            html`<b>${formatDifference(alone.difference)}</b><br /><small class="quiet whole"
                >${alone.interval.map(formatDifference).join(' to ')}</small
              >`,
        },
        {
          head: html`<span class="hidden">Difference as a drawing</span>`,
          kind: 'bar',
          cell: ({ alone }) => html`<div class="own">${difference(alone.difference, alone.interval, limit)}</div>`,
        },
        {
          head: 'Among others',
          kind: 'number',
          cell: ({ task }) => {
            const main = task.summary[task.mainMetric];
            return main === undefined ? '–' : spread(main.mean, main.std);
          },
        },
        { head: 'Alone', kind: 'number', cell: ({ alone }) => spread(alone.mean, alone.std) },
        { head: 'p', kind: 'number', cell: ({ alone }) => formatPValue(alone.pAdjusted) },
      ],
    })}
  </section>`;
}
