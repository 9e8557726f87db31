/** Everything about one task, from its scores to its data. */
import { html, type Markup } from '../markup.js';
import { plural } from '../numbers.js';
import type { TaskReport } from '../task-schema.js';
import { kindName, title } from '../words.js';
import { confusion } from './confusion.js';
import { dataSection } from './data-section.js';
import { errorExamples } from './error-examples.js';
import { learningCurveSection } from './learning-curve.js';
import { crossValidationTable, falseAlarmsTable, labelBars, scoresTable } from './scores.js';
import { publishedTable } from './published.js';
import { splitsTable } from './splits.js';
import { training } from './training.js';

export function taskSection(task: TaskReport, index: number): Markup {
  return html`<section class="task" id="task-${index + 1}">
    <h2>${title(task.name)}</h2>
    <p class="quiet">
      ${kindName(task.kind)} ${task.labels.length > 0 && html` · ${plural(task.labels.length, 'label')}`} ·
      ${task.data.dataset}
    </p>
    ${scoresTable(task)} ${publishedTable(task)} ${splitsTable(task)} ${learningCurveSection(task)}
    ${crossValidationTable(task)} ${training(task)} ${labelBars(task)} ${confusion(task)} ${falseAlarmsTable(task)}
    ${errorExamples(task)} ${dataSection(task)}
  </section>`;
}
