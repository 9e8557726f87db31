/** The words of this report and what they mean; scores lead here. */
import { glossaryOf, meaningOf } from '../glossary.js';
import { html, type Content, type Markup } from '../markup.js';
import type { TaskReport } from '../task-schema.js';
import { capitalise, metricName } from '../words.js';
import { definitions } from './table.js';

export const glossaryId = 'words';

const idOf = (metric: string): string => `word-${metric}`;

export function glossary(tasks: readonly TaskReport[]): Markup {
  const metrics = [...new Set(tasks.flatMap(({ summary }) => Object.keys(summary)))];
  const baselines = [...new Set(tasks.flatMap((task) => task.baselines.map(({ name }) => name)))];
  return html`<section id="${glossaryId}">
    <h2>What the words mean</h2>
    ${definitions(
      glossaryOf(metrics, baselines).map(({ term, meaning, metric }) => [
        metric === undefined ? capitalise(term) : html`<span id="${idOf(metric)}">${capitalise(term)}</span>`,
        `${capitalise(meaning)}.`,
      ]),
    )}
  </section>`;
}

/** A metric's name that says what it means where a pointer rests on it, and leads to the glossary. */
export function metricLink(metric: string): Content {
  const meaning = meaningOf(metric);
  if (meaning === undefined) return metricName(metric);
  return html`<a class="term" href="#${idOf(metric)}" title="${capitalise(meaning)}">${metricName(metric)}</a>`;
}
