/** Tables with headers that a screen reader can follow; wide ones scroll inside their own frame. */
import { html, type Content, type Markup } from '../markup.js';

export interface Column<Row> {
  head: Content;
  cell: (row: Row) => Content;
  /** What the column is sorted by where it is not what the cell says. */
  sortBy?: (row: Row) => string | number;
  /** Figures stand right; `bar` columns take the room that is left. */
  kind?: 'number' | 'bar';
  /** Left out where the page is narrow. */
  wideOnly?: boolean;
}

export interface TableOptions<Row> {
  /** Says what the table holds; read out before it, and shown above it. */
  caption: Content;
  rows: readonly Row[];
  /** The first heads the row. */
  columns: readonly Column<Row>[];
  sortable?: boolean;
  /** The caption is for screen readers alone, as a heading already says it. */
  quietCaption?: boolean;
  /** What each row bears, for a search. */
  attributes?: readonly Markup[];
}

export function table<Row>({ caption, rows, columns, sortable, quietCaption, attributes }: TableOptions<Row>): Markup {
  const kind = ({ kind, wideOnly }: Column<Row>) =>
    (kind !== undefined || wideOnly) && html` class="${[kind, wideOnly && ' wide']}"`;
  const value = ({ sortBy }: Column<Row>, row: Row) =>
    sortable && sortBy !== undefined && html` data-value="${String(sortBy(row))}"`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table${sortable && html` data-sortable`}>
    <caption${quietCaption && html` class="hidden"`}><span>${caption}</span></caption>
    <thead><tr>${columns.map((column) => html`<th scope="col" ${kind(column)}>${column.head}</th>`)}</tr></thead>
    <tbody>${rows.map(
      (row, r) =>
        html` <tr ${attributes?.[r]}>
          ${columns.map((column, i) =>
            i === 0
              ? html`<th scope="row" ${kind(column)}${value(column, row)}>${column.cell(row)}</th>`
              : html`<td${kind(column)}${value(column, row)}>${column.cell(row)}</td>`,
          )}
        </tr>`,
    )}
    </tbody>
  </table></div>`;
}

/** Terms with their values. */
export function definitions(entries: readonly (readonly [term: Content, value: Content])[]): Markup {
  return html`<dl>
    ${entries.map(
      ([term, value]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Text with what stands between backticks as code. */
export function prose(text: string): Markup {
  return html`${text.split('`').map((piece, i, all) =>
    // An odd backtick at the end opens nothing.
    i % 2 === 1 && i < all.length - 1 ? html`<code>${piece}</code>` : i % 2 === 1 ? `\`${piece}` : piece,
  )}`;
}

export function bullets(sentences: readonly string[]): Markup {
  return html`<ul>
    ${sentences.map((sentence) => html`<li>${prose(sentence)}</li>`)}
  </ul>`;
}
