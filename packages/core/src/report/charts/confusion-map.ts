/** A confusion matrix of many labels as a map: a square a pair of labels, its shade the share of the true label's texts. */
import { html, type Markup } from '../markup.js';

export interface ConfusionMap {
  title: string;
  labels: readonly string[];
  /** `[gold][predicted]` */
  matrix: readonly (readonly number[])[];
}

/** Of a square, and of what labels take beside and above them, in pixels. */
const size = 14;
const beside = 172;
/** Characters of a label that fit there. */
const longestLabel = 23;

/** Shade from 0, nothing, to 10, all; errors are shaded twice as strongly, since a tenth of a row is already worth seeing. */
export function shadeOf(count: number, total: number, right: boolean): number {
  if (count === 0) return 0;
  return Math.min(10, Math.max(1, Math.round((count / total) * (right ? 10 : 20))));
}

/**
 * The squares in one picture, labels in two others that stay in view while it is scrolled. What each square counts is in `data-cells`, as
 * `gold predicted count` between semicolons, for the page's script to tell under the map.
 */
export function confusionMap({ title, labels, matrix }: ConfusionMap): Markup {
  const side = size * labels.length;
  const paths = new Map<string, string[]>();
  const cells: string[] = [];
  matrix.forEach((row, gold) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    row.forEach((count, predicted) => {
      if (count === 0) return;
      const right = gold === predicted;
      const place = `${right ? 'right' : 'wrong'} heat-${shadeOf(count, total, right)}`;
      const square = `M${predicted * size + 1} ${gold * size + 1}h${size - 1}v${size - 1}h-${size - 1}z`;
      paths.set(place, [...(paths.get(place) ?? []), square]);
      cells.push(`${gold} ${predicted} ${count}`);
    });
  });
  const middle = (i: number) => i * size + size / 2 + 4;
  return html`<div
    class="map"
    data-cells="${cells.join(';')}"
    data-labels="${JSON.stringify(labels)}"
    data-size="${size}"
  >
    <div class="scroll" tabindex="0" role="group" aria-label="${title}">
      <div class="map-sheet">
        <svg class="map-columns" width="${beside + side}" height="${beside}" aria-hidden="true">
          ${labels.map(
            (label, i) =>
              html`<text transform="translate(${beside + middle(i)} ${beside - 6}) rotate(-90)">${short(label)}</text>`,
          )}
        </svg>
        <svg class="map-rows" width="${beside}" height="${side}" aria-hidden="true">
          ${labels.map(
            (label, i) => html`<text x="${beside - 6}" y="${middle(i)}" text-anchor="end">${short(label)}</text>`,
          )}
        </svg>
        <svg class="map-cells" width="${side}" height="${side}" role="img" aria-label="${title}">
          ${[...paths].map(([place, squares]) => html`<path class="${place}" d="${squares.join('')}" />`)}
        </svg>
      </div>
    </div>
    <p class="map-said quiet" role="status"></p>
  </div>`;
}

const short = (label: string): string =>
  label.length <= longestLabel ? label : `${label.slice(0, longestLabel - 1)}…`;
