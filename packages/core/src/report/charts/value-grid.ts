/** A line across a chart for each tick of its upright scale, with the tick's value beside it. */
import { html, type Markup } from '../markup.js';
import type { Scale } from './scale.js';

/** `left` and `right`: where the lines begin and end, in the chart's own units. */
export const valueGrid = (y: Scale, { left, right }: { left: number; right: number }): Markup[] =>
  y.ticks.map(
    (tick) =>
      html`<line class="grid" x1="${left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}" />
        <text class="tick" x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${y.label(tick)}</text>`,
  );
