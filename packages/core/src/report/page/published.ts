/** What others published for the same dataset, and whether it may be held against this run. */
import { html } from '../markup.js';
import { formatScore } from '../numbers.js';
import type { TaskReport } from '../task-schema.js';
import { capitalise, metricName } from '../words.js';
import type { Part } from './part.js';
import { prose, table } from './table.js';

export function publishedTable({ published = [], summary }: TaskReport): Part | undefined {
  if (published.length === 0) return undefined;
  const body = table({
    caption: 'As others published them; the last column says whether this run’s score stands beside them',
    rows: published,
    columns: [
      { head: 'Model', cell: (row) => row.model },
      { head: 'Metric', cell: (row) => html`<span class="whole">${metricName(row.metric)}</span>` },
      { head: 'Figure', kind: 'number', cell: (row) => formatScore(row.value) },
      {
        head: 'This run',
        kind: 'number',
        cell: ({ metric }) => {
          const own = summary[metric];
          return own === undefined ? '–' : formatScore(own.mean);
        },
      },
      { head: 'Source', cell: (row) => html`${prose(row.source)} <small class="quiet">read: ${row.read}</small>` },
      {
        head: 'Comparable',
        cell: ({ notComparable }) =>
          notComparable === undefined
            ? 'yes'
            : html`<span class="chip none">not comparable</span> <small>${capitalise(notComparable)}</small>`,
      },
    ],
  });
  return { title: 'Published figures', body };
}
