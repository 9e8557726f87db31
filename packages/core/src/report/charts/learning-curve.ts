/** The learning curve: a score by how many examples were learnt from, with its spread over the seeds. */
import { html, type Markup } from '../markup.js';
import { formatCompact, formatCount, formatScore } from '../numbers.js';
import { linearScale } from './scale.js';
import { valueGrid } from './value-grid.js';

export interface CurveLine {
  name: string;
  /** In order of `size`, which is at least 1. */
  points: readonly { size: number; mean: number; std?: number | undefined }[];
}

const width = 400;
const height = 250;
const box = { left: 42, right: 22, top: 28, bottom: 40 };

/**
 * A static SVG; sizes stand on a logarithmic axis, each with a tick of its own where there is room. Whiskers reach a deviation up and down; the
 * places of a line's colour are the CSS classes `line-0` to `line-5`.
 */
export function learningCurveChart(options: { title: string; yLabel: string; lines: readonly CurveLine[] }): Markup {
  const { title, yLabel, lines } = options;
  const points = lines.flatMap((line) => line.points);
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b);
  const right = width - box.right;
  const bottom = height - box.bottom;
  const [low, high] = [Math.log(sizes[0] ?? 1), Math.log(sizes.at(-1) ?? 1)];
  const x = (size: number) =>
    high === low
      ? (box.left + right) / 2
      : box.left + 20 + ((Math.log(size) - low) / (high - low)) * (right - box.left - 20);
  const y = linearScale(
    points.flatMap((point) => [lowEnd(point), point.mean + (point.std ?? 0)]),
    { from: bottom, to: box.top },
  );
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
    <title>${title}</title>
    ${valueGrid(y, { left: box.left, right })}
    ${ticksOf(sizes, x).map(
      (size) =>
        html`<text class="tick" x="${x(size)}" y="${bottom + 16}" text-anchor="middle">${formatCompact(size)}</text>`,
    )}
    <line class="axis" x1="${box.left}" x2="${right}" y1="${bottom}" y2="${bottom}" />
    <text class="name" x="${right}" y="${height - 6}" text-anchor="end">training examples (logarithmic)</text>
    <text class="name" x="${0}" y="${14}">${yLabel}</text>
    ${lines.map(
      ({ name, points }, i) =>
        html`<g class="line-${i % 6}">
          <title>${name}</title>
          <polyline points="${points.map(({ size, mean }, at) => html`${at > 0 && ' '}${x(size)},${y.at(mean)}`)}" />
          ${points.map(
            ({ size, mean, std }) =>
              html`${std !== undefined && html`<line class="spread" x1="${x(size)}" x2="${x(size)}" y1="${y.at(lowEnd({ mean, std }))}" y2="${y.at(mean + std)}" />`}<circle
                  cx="${x(size)}"
                  cy="${y.at(mean)}"
                  r="3.5"
                >
                  <title>
                    ${name}, ${formatCount(size)} examples:
                    ${formatScore(mean)}${std !== undefined && ` ± ${formatScore(std)}`}
                  </title>
                </circle>`,
          )}
        </g>`,
    )}
  </svg>`;
}

/** A score that has no negative values has no whisker below zero. */
const lowEnd = ({ mean, std = 0 }: { mean: number; std?: number | undefined }): number =>
  mean >= 0 ? Math.max(0, mean - std) : mean - std;

/** Pixels that a tick's text takes. */
const tickRoom = 40;

/** Sizes whose texts do not run into each other, the largest first. */
function ticksOf(sizes: readonly number[], x: (size: number) => number): number[] {
  const kept: number[] = [];
  for (const size of [...sizes].reverse()) {
    const next = kept.at(-1);
    if (next === undefined || x(next) - x(size) >= tickRoom) kept.push(size);
  }
  return kept;
}
