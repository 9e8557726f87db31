/** A task's section is a row of parts, each with a heading of its own that the table of contents leads to. */
import { html, type Markup } from '../markup.js';

export interface Part {
  title: string;
  body: Markup;
}

export const taskId = (index: number): string => `task-${index + 1}`;

/** `By label` of the first task -> task-1-by-label */
export const partId = (index: number, { title }: Part): string =>
  `${taskId(index)}-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`;

export function drawPart(part: Part, index: number): Markup {
  return html`<section class="part" id="${partId(index, part)}">
    <h3>${part.title}</h3>
    ${part.body}
  </section>`;
}
