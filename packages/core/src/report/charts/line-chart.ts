/** Lines over steps, one a seed: losses and dev scores. */
import { html, type Markup } from '../markup.js';
import { formatCount } from '../numbers.js';
import { linearScale } from './scale.js';
import { valueGrid } from './value-grid.js';

export interface Line {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** The x of a point that is ringed, such as the evaluation whose weights were kept. */
  ringed?: number | undefined;
}

const width = 400;
const height = 250;
const box = { left: 42, right: 22, top: 28, bottom: 40 };

/** A static SVG of at least one point; the places of a line's colour are the CSS classes `line-0` to `line-5`. */
export function lineChart(options: { title: string; xLabel: string; yLabel: string; lines: readonly Line[] }): Markup {
  const { title, xLabel, yLabel } = options;
  const lines = options.lines.filter((line) => line.points.length > 0);
  if (lines.length === 0) return html`<p class="quiet">Nothing was recorded.</p>`;
  const points = lines.flatMap((line) => line.points);
  const right = width - box.right;
  const bottom = height - box.bottom;
  const x = linearScale([0, ...points.map(([value]) => value)], { from: box.left, to: right, ticks: 4, whole: true });
  const y = linearScale(
    points.map(([, value]) => value),
    { from: bottom, to: box.top },
  );
  const path = (line: Line) => line.points.map(([px, py], i) => html`${i > 0 && ' '}${x.at(px)},${y.at(py)}`);
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
    <title>${title}</title>
    ${valueGrid(y, { left: box.left, right })}
    ${x.ticks.map(
      (tick) =>
        html`<text class="tick" x="${x.at(tick)}" y="${bottom + 16}" text-anchor="middle">${formatCount(tick)}</text>`,
    )}
    <line class="axis" x1="${box.left}" x2="${right}" y1="${bottom}" y2="${bottom}" />
    <text class="name" x="${right}" y="${height - 6}" text-anchor="end">${xLabel}</text>
    <text class="name" x="${0}" y="${14}">${yLabel}</text>
    ${lines.map(
      (line, i) =>
        html`<g class="line-${i % 6}">
          <title>${line.name}</title>
          <polyline points="${path(line)}" />
          ${line.points.length <= 12 && line.points.map(([px, py]) => html`<circle cx="${x.at(px)}" cy="${y.at(py)}" r="2" />`)}
          ${line.points
            .filter(([px]) => px === line.ringed)
            .map(([px, py]) => html`<circle class="ring" cx="${x.at(px)}" cy="${y.at(py)}" r="5" />`)}
        </g>`,
    )}
  </svg>`;
}
