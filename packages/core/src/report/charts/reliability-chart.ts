/** The reliability diagram: how often predictions come true against how sure they are (Guo et al. 2017). */
import { html, type Markup } from '../markup.js';
import { formatCount, formatPercent } from '../numbers.js';

export interface ReliabilityLine {
  name: string;
  bins: readonly { confidence: number; accuracy: number; count: number }[];
}

const width = 400;
const height = 250;
const box = { left: 42, right: 22, top: 28, bottom: 40 };
const right = width - box.right;
const bottom = height - box.bottom;
const x = (share: number) => box.left + share * (right - box.left);
const y = (share: number) => bottom - share * (bottom - box.top);

/** A static SVG: a dot a bin, its area as the bin's share of predictions; on the diagonal, confidence is honest. */
export function reliabilityChart(lines: readonly ReliabilityLine[]): Markup {
  const title = 'Reliability diagram: share that came true against stated confidence';
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
    <title>${title}</title>
    ${[0, 0.25, 0.5, 0.75, 1].map(
      (tick) =>
        html`<line class="grid" x1="${box.left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}" />
          <text class="tick" x="${box.left - 6}" y="${y(tick) + 4}" text-anchor="end">${tick.toFixed(2)}</text>
          <text class="tick" x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${tick.toFixed(2)}</text>`,
    )}
    <line class="axis" x1="${box.left}" x2="${right}" y1="${bottom}" y2="${bottom}" />
    <line class="diagonal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" />
    <text class="name" x="${right}" y="${height - 6}" text-anchor="end">stated confidence</text>
    <text class="name" x="${0}" y="${14}">share that came true</text>
    ${lines.map((line, i) => drawLine(line, i))}
  </svg>`;
}

function drawLine({ name, bins }: ReliabilityLine, index: number): Markup {
  const filled = bins.filter((bin) => bin.count > 0);
  const total = filled.reduce((sum, bin) => sum + bin.count, 0);
  const path = filled.map((bin, i) => html`${i > 0 && ' '}${x(bin.confidence)},${y(bin.accuracy)}`);
  return html`<g class="line-${index % 6}">
    <title>${name}</title>
    <polyline points="${path}" />
    ${filled.map(
      (bin) =>
        html`<circle cx="${x(bin.confidence)}" cy="${y(bin.accuracy)}" r="${2 + 7 * Math.sqrt(bin.count / total)}">
          <title>
            ${formatCount(bin.count)} predictions: stated ${formatPercent(bin.confidence)}, true
            ${formatPercent(bin.accuracy)}
          </title>
        </circle>`,
    )}
  </g>`;
}
