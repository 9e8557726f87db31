/** What is taken for what: a matrix with numbers where it fits on a page, else the most confused pairs. */
import { html, type Markup } from '../markup.js';
import { formatCount, formatPercent } from '../numbers.js';
import { sumConfusion } from '../seeds.js';
import type { TaskReport } from '../task-schema.js';
import { bullets, table } from './table.js';

/** More classes than this make a matrix that nobody reads. */
const largestMatrix = 15;
const pairsShown = 15;

export function confusion(task: TaskReport): Markup | undefined {
  const summed = sumConfusion(task);
  if (summed === undefined) return undefined;
  const { matrix, seeds } = summed;
  const added = seeds > 1 ? `, added up over ${seeds} seeds` : '';
  return html`<h3>Confusion</h3>
    ${task.labels.length <= largestMatrix ? heatMap(task.labels, matrix, added) : confusedPairs(task.labels, matrix, added)}`;
}

function heatMap(labels: readonly string[], matrix: readonly (readonly number[])[], added: string): Markup {
  const cell = (count: number, total: number, right: boolean) => {
    const share = total === 0 ? 0 : count / total;
    // Errors are shaded twice as strongly: a tenth of a row is already worth seeing.
    const shade = count === 0 ? 0 : Math.min(10, Math.max(1, Math.round(share * (right ? 10 : 20))));
    return html`<td class="${right ? 'right' : 'wrong'} heat-${shade}" title="${formatPercent(share)} of the row">
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

function confusedPairs(labels: readonly string[], matrix: readonly (readonly number[])[], added: string): Markup {
  const pairs = matrix
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
    .sort((a, b) => b.count - a.count)
    .slice(0, pairsShown);
  if (pairs.length === 0) return bullets(['No text of the test part got a wrong label.']);
  return table({
    caption: `The most confused pairs among ${labels.length} labels on the test part${added}`,
    rows: pairs,
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
