/** A list that can be searched: by label and by words. Without the page's script the list is whole and the search hidden. */
import { html, type Markup } from '../markup.js';

export interface Filterable {
  /** Names the search for those who do not see it, such as `errors`. */
  what: string;
  /** All labels of the task; those that items bear can be chosen. */
  labels: readonly string[];
  /** The labels of each item. */
  items: readonly (readonly string[])[];
  /** Puts the items in their place, a list or a table, each with the attribute that is its own. */
  place: (attributes: readonly Markup[]) => Markup;
}

/** Fewer than this are read faster than searched. */
const fewest = 8;

export function filterable({ what, labels, items, place }: Filterable): Markup {
  const numbers = new Map(labels.map((label, i) => [label, String(i)]));
  const used = new Set(items.flat());
  const choices = labels.filter((label) => used.has(label));
  const attributes = items.map((own) => html`data-item="${own.map((label) => numbers.get(label) ?? '').join(' ')}"`);
  if (items.length < fewest) return place(attributes);
  return html`<div data-filter>
    <div class="filter" role="group" aria-label="Search ${what}" hidden>
      ${
        choices.length > 1 &&
        html`<label
          >Label
          <select>
            <option value="">any</option>
            ${choices.map((label) => html`<option value="${numbers.get(label)}">${label}</option>`)}
          </select></label
        >`
      }
      <label>Words <input type="search" spellcheck="false" autocomplete="off" /></label>
      <span class="quiet" role="status"></span>
    </div>
    ${place(attributes)}
  </div>`;
}
