/** What is taken for what: a matrix with numbers where it fits on a page, else a map, the most confused pairs, and every label with what it was taken for. */
import { confusionMap, shadeOf } from '../charts/confusion-map.js';
import { html, type Markup } from '../markup.js';
import { formatCount, formatPercent } from '../numbers.js';
import { sumConfusion } from '../seeds.js';
import type { TaskReport } from '../task-schema.js';
import { filterable } from './filter.js';
import type { Part } from './part.js';
import { bullets, table, type Column } from './table.js';

/** More classes than this make a matrix of numbers that nobody reads. */
const largestMatrix = 15;
const pairsShown = 10;
/** Labels that a label was taken for, by name. */
const namedShown = 6;

interface Confused {
  labels: readonly string[];
  /** `[gold][predicted]` */
  matrix: readonly (readonly number[])[];
  /** Said of figures that several seeds were added up for. */
  added: string;
}

export function confusion({ labels, ...task }: TaskReport): Part | undefined {
  const summed = sumConfusion({ labels, ...task });
  if (summed === undefined) return undefined;
  const { matrix, seeds } = summed;
  const confused = { labels, matrix, added: seeds > 1 ? `, added up over ${seeds} seeds` : '' };
  const body =
    labels.length <= largestMatrix
      ? heatMap(confused)
      : html`${confusedPairs(confused)} ${map(confused)} ${everyLabel(confused)}`;
  return { title: 'Confusion', body };
}

function heatMap({ labels, matrix, added }: Confused): Markup {
  const cell = (count: number, total: number, right: boolean) => {
    const share = total === 0 ? 0 : count / total;
    return html`<td
      class="${right ? 'right' : 'wrong'} heat-${shadeOf(count, total, right)}"
      title="${formatPercent(share)} of the row"
    >
      ${formatCount(count)}
    </td>`;
  };
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Confusion matrix">
    <table class="matrix">
      <caption>
        <span>
          Texts of the test part by true label (rows) and predicted label (columns)${added}; shades are shares of the
          row.
        </span>
      </caption>
      <thead>
        <tr>
          <th scope="col"><span class="hidden">True label</span></th>
          ${labels.map((label) => html`<th scope="col"><span>${label}</span></th>`)}
        </tr>
      </thead>
      <tbody>
        ${matrix.map((row, gold) => {
          const total = row.reduce((sum, count) => sum + count, 0);
          return html` <tr>
            <th scope="row">${labels[gold]}</th>
            ${row.map((count, predicted) => cell(count, total, gold === predicted))}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

interface Pair {
  gold: string;
  predicted: string;
  count: number;
  share: number;
}

/** Every pair of two labels that were confused, the most frequent first. */
function pairsOf({ labels, matrix }: Confused): Pair[] {
  return matrix
    .flatMap((row, gold) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return row.map((count, predicted) => ({
        gold: labels[gold] ?? '',
        predicted: labels[predicted] ?? '',
        count: gold === predicted ? 0 : count,
        share: total === 0 ? 0 : count / total,
      }));
    })
    .filter((pair) => pair.count > 0)
    .sort((a, b) => b.count - a.count);
}

function confusedPairs(confused: Confused): Markup {
  const pairs = pairsOf(confused);
  if (pairs.length === 0) return bullets(['No text of the test part got a wrong label.']);
  return table({
    caption: `The most confused pairs among ${confused.labels.length} labels on the test part${confused.added}`,
    rows: pairs.slice(0, pairsShown),
    sortable: true,
    columns: [
      { head: 'True label', cell: (pair) => pair.gold },
      { head: 'Predicted', cell: (pair) => pair.predicted },
      { head: 'Texts', kind: 'number', cell: (pair) => formatCount(pair.count), sortBy: (pair) => pair.count },
      {
        head: 'Share of the label',
        kind: 'number',
        cell: (pair) => formatPercent(pair.share),
        sortBy: (pair) => pair.share,
      },
    ],
  });
}

function map({ labels, matrix, added }: Confused): Markup {
  return html`<figure class="map-figure">
    <figcaption>
      All pairs${added}: true labels are rows, predicted ones columns; a square is the darker the more of its row’s
      texts it holds. On the diagonal the prediction is right.
    </figcaption>
    ${confusionMap({ title: `Confusion of ${labels.length} labels; the tables beside it say the same in words`, labels, matrix })}
  </figure>`;
}

interface LabelRow {
  label: string;
  total: number;
  right: number;
  takenFor: Pair[];
  takenFrom: Pair[];
}

/** Every label with what it was taken for and what was taken for it, the least recognised first. */
function everyLabel(confused: Confused): Markup {
  const pairs = pairsOf(confused);
  const rows = confused.labels
    .map((label, i): LabelRow => {
      const total = (confused.matrix[i] ?? []).reduce((sum, count) => sum + count, 0);
      const right = confused.matrix[i]?.[i] ?? 0;
      const takenFor = pairs.filter((pair) => pair.gold === label);
      return { label, total, right, takenFor, takenFrom: pairs.filter((pair) => pair.predicted === label) };
    })
    .sort((a, b) => a.right / a.total - b.right / b.total);
  const named = (all: Pair[], name: (pair: Pair) => string) => {
    const rest = all.slice(namedShown).reduce((sum, { count }) => sum + count, 0);
    const names = all.slice(0, namedShown).map((pair) => `${name(pair)} ${pair.count}`);
    return [...names, ...(rest > 0 ? [`others ${rest}`] : [])].join(', ') || '–';
  };
  const share = ({ right, total }: LabelRow) => (total === 0 ? 0 : right / total);
  const columns: Column<LabelRow>[] = [
    { head: 'Label', cell: ({ label }) => label },
    { head: 'Texts', kind: 'number', cell: ({ total }) => formatCount(total), sortBy: ({ total }) => total },
    {
      head: 'Recognised',
      kind: 'number',
      cell: (row) => (row.total === 0 ? '–' : formatPercent(share(row))),
      sortBy: share,
    },
    { head: 'Taken for', cell: ({ takenFor }) => named(takenFor, ({ predicted }) => predicted) },
    { head: 'Taken for it', cell: ({ takenFrom }) => named(takenFrom, ({ gold }) => gold) },
  ];
  return html`<details>
    <summary>Every label with what it was taken for</summary>
    ${filterable({
      what: 'labels',
      labels: confused.labels,
      items: rows.map(({ label }) => [label]),
      place: (attributes) =>
        table({
          caption: `Texts of each label on the test part${confused.added}, the least recognised label first`,
          rows,
          columns,
          sortable: true,
          attributes,
        }),
    })}
  </details>`;
}
