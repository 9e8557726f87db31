/** Scores between 0 and 1 on a track as wide as its place: bars, and points with their intervals. */
import { html, type Markup } from '../markup.js';

const percent = (share: number) => html`${100 * Math.min(1, Math.max(0, share))}%`;

/** A bar from 0 to `value`; with `range`, a whisker from its low to its high end. Decoration: the figure stands beside it. */
export function bar(value: number, range?: readonly [low: number, high: number]): Markup {
  return html`<svg class="track" width="100%" height="14" aria-hidden="true">
    <rect class="rail" width="100%" height="8" y="3" rx="2" />
    <rect class="fill" width="${percent(value)}" height="8" y="3" rx="2" />
    ${range && range[1] > range[0] && whisker(range, 7)}
  </svg>`;
}

/** A mark at `value` on a band for its interval. Decoration: the figures stand beside it. */
export function point(value: number, interval: readonly [low: number, high: number] | undefined): Markup {
  return html`<svg class="track" width="100%" height="14" aria-hidden="true">
    <line class="thread" x1="0" x2="100%" y1="7" y2="7" />
    ${interval && whisker(interval, 7)}
    <line class="point" x1="${percent(value)}" x2="${percent(value)}" y1="1" y2="13" />
  </svg>`;
}

/** A mark at `value` on a band for its interval, zero in the middle and `limit` at either end. Decoration: the figures stand beside it. */
export function difference(value: number, [low, high]: readonly [low: number, high: number], limit: number): Markup {
  const share = (at: number) => (limit === 0 ? 0.5 : 0.5 + at / (2 * limit));
  return html`<svg class="track" width="100%" height="14" aria-hidden="true">
    <line class="thread" x1="0" x2="100%" y1="7" y2="7" />
    <line class="axis" x1="50%" x2="50%" y1="0" y2="14" />
    ${whisker([share(low), share(high)], 7)}
    <line class="point" x1="${percent(share(value))}" x2="${percent(share(value))}" y1="1" y2="13" />
  </svg>`;
}

function whisker([low, high]: readonly [number, number], y: number): Markup {
  return html`<line class="whisker" x1="${percent(low)}" x2="${percent(high)}" y1="${y}" y2="${y}" />`;
}
