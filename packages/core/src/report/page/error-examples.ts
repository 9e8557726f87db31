/** Wrong predictions to read, worst first; entities are marked where they stand. */
import { html, type Content, type Markup } from '../markup.js';
import { formatPercent } from '../numbers.js';
import type { ErrorExample, TaskReport } from '../task-schema.js';

type Span = NonNullable<ErrorExample['goldEntities']>[number];

/** Shown at once; the others unfold. */
const firstShown = 4;
/** UTF-16 units of a text that are shown. */
const longestText = 900;

export function errorExamples({ errors = [], labels }: TaskReport): Markup | undefined {
  if (errors.length === 0) return undefined;
  const [first, rest] = [errors.slice(0, firstShown), errors.slice(firstShown)];
  return html`<h3>Where it goes wrong</h3>
    <p class="quiet">Wrong predictions on the test part, worst first.</p>
    ${first.map((error) => example(error, labels))}
    ${
      rest.length > 0 &&
      html`<details>
        <summary>${String(rest.length)} more</summary>
        ${rest.map((error) => example(error, labels))}
      </details>`
    }`;
}

function example(error: ErrorExample, labels: readonly string[]): Markup {
  const { text, gold, predicted, confidence, goldEntities, predictedEntities, id } = error;
  const withEntities = goldEntities !== undefined || predictedEntities !== undefined;
  const sure = confidence !== undefined && `confidence ${formatPercent(confidence)}`;
  const footer = id !== undefined && html`<p class="source">${id}</p>`;
  if (withEntities) {
    return html`<blockquote>
      <p class="side">true</p>
      <div class="text" dir="auto">${markEntities(text, goldEntities ?? [], labels)}</div>
      <p class="side">predicted${sure && html`, ${sure}`}</p>
      <div class="text" dir="auto">${markEntities(text, predictedEntities ?? [], labels)}</div>
      ${footer}
    </blockquote>`;
  }
  const chips = (names: readonly string[], tone: string) =>
    names.length === 0
      ? html`<span class="chip none">no label</span>`
      : names.map((name) => html`<span class="chip ${tone}">${name}</span> `);
  return html`<blockquote>
    <div class="text" dir="auto">${clip(text)}</div>
    <p class="answers">
      <span>true ${chips(gold, 'good')}</span> <span>predicted ${chips(predicted, 'bad')}</span> ${sure}
    </p>
    ${footer}
  </blockquote>`;
}

/** The text with each entity marked and named. Entities outside the text, or over an earlier one, are left out. */
export function markEntities(whole: string, spans: readonly Span[], labels: readonly string[]): Markup {
  const text = clip(whole);
  const pieces: Content[] = [];
  let at = 0;
  for (const { start, end, label } of [...spans].sort((a, b) => a.start - b.start)) {
    if (start < at || end <= start || end > text.length) continue;
    const colour = Math.max(0, labels.indexOf(label)) % 6;
    pieces.push(
      text.slice(at, start),
      html`<mark class="line-${colour}">${text.slice(start, end)}<span class="kind"> ${label}</span></mark>`,
    );
    at = end;
  }
  return html`${pieces}${text.slice(at)}`;
}

function clip(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)} …`;
}
