/** Which colour of a chart stands for what. */
import { html, type Markup } from '../markup.js';

export function legend(names: readonly string[]): Markup {
  return html`<p class="legend">
    ${names.map(
      (name, i) =>
        html`<span class="line-${i % 6}"
          ><svg width="18" height="10" aria-hidden="true"><line x1="0" x2="18" y1="5" y2="5" /></svg>${name}</span
        >`,
    )}
  </p>`;
}
