/** What a task learnt from: sizes, split, checks, labels and notes. */
import { html } from '../markup.js';
import { formatCount } from '../numbers.js';
import type { TaskReport } from '../task-schema.js';
import { capitalise, originName } from '../words.js';
import { isLarge, named } from './large-label-space.js';
import type { Part } from './part.js';
import { bullets, definitions, prose, table } from './table.js';

type Severity = TaskReport['data']['findings'][number]['severity'];

const tones: Readonly<Record<Severity, { tone: string; text: string }>> = {
  info: { tone: 'none', text: 'note' },
  warning: { tone: 'even', text: 'warning' },
  stop: { tone: 'bad', text: 'serious, allowed' },
};

/** Labels whose counts are shown, where there are more than a table can take. */
const shownLabels = 60;

export function dataSection(task: TaskReport): Part {
  const { data, kind } = task;
  const isCut = isLarge(data.labelCounts);
  const labelCounts = isCut
    ? [...data.labelCounts].sort((a, b) => b.train - a.train).slice(0, shownLabels)
    : data.labelCounts;
  const groups = data.parts.some((part) => part.groups !== undefined);
  const bearers = kind === 'token-classification' ? 'Entities' : 'Examples';
  const body = html`${definitions([
    ['Dataset', html`${data.dataset}${data.language !== undefined && html` (${data.language})`}`],
    ['Read from', originName(data.origin)],
    ...(data.source === undefined
      ? []
      : [['Published at', html`<span class="address">${data.source}</span>`] as const]),
    ['Licence', data.licence],
    ['Split', prose(data.splitRule)],
  ])}
  ${table({
    caption: 'Examples by part',
    rows: data.parts,
    columns: [
      { head: 'Part', cell: (row) => row.part },
      { head: 'Available', kind: 'number', cell: (row) => formatCount(row.available) },
      { head: 'Used', kind: 'number', cell: (row) => formatCount(row.used) },
      ...(groups
        ? [
            {
              head: 'Documents',
              kind: 'number' as const,
              cell: (row: (typeof data.parts)[number]) => (row.groups === undefined ? '–' : formatCount(row.groups)),
            },
          ]
        : []),
    ],
  })}
  ${
    data.findings.length === 0
      ? html`<p>The checks found no duplicates across parts, conflicting labels, damaged or empty texts.</p>`
      : table({
          caption: 'What the data checks found',
          rows: data.findings,
          columns: [
            { head: 'Finding', cell: (row) => prose(capitalise(row.what)) },
            {
              head: 'Kind',
              cell: (row) => html`<span class="chip ${tones[row.severity].tone}">${tones[row.severity].text}</span>`,
            },
            { head: 'Count', kind: 'number', cell: (row) => formatCount(row.count) },
            { head: 'Such as', cell: (row) => html`<small>${row.examples.slice(0, 3).join(', ')}</small>` },
          ],
        })
  }
  ${
    data.notes.length > 0 &&
    html`<p class="above">What was done while reading</p>
      ${bullets(data.notes)}`
  }
  ${
    data.labelCounts.length > 0 &&
    html`<details>
      <summary>
        ${bearers} by label (${isCut && `the ${shownLabels} most frequent of `}${formatCount(data.labelCounts.length)})
      </summary>
      ${table({
        caption: `${bearers} with each label in the parts as used`,
        quietCaption: true,
        rows: labelCounts,
        sortable: true,
        columns: [
          { head: 'Label', cell: (row) => named(task, row.label) },
          ...(['train', 'dev', 'test'] as const).map((part) => ({
            head: capitalise(part),
            kind: 'number' as const,
            cell: (row: Record<typeof part, number>) => formatCount(row[part]),
            sortBy: (row: Record<typeof part, number>) => row[part],
          })),
        ],
      })}
    </details>`
  }`;
  return { title: 'Data', body };
}
