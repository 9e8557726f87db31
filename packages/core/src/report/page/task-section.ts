/** Everything about one task, from its scores to its data. */
import { html, type Markup } from '../markup.js';
import { plural } from '../numbers.js';
import type { TaskReport } from '../task-schema.js';
import { kindName, title } from '../words.js';
import { confusion } from './confusion.js';
import { dataSection } from './data-section.js';
import { errorExamples } from './error-examples.js';
import { learningCurveSection } from './learning-curve.js';
import { drawPart, taskId, type Part } from './part.js';
import { crossValidationTable, falseAlarmsTable, labelBars, scoresTable } from './scores.js';
import { publishedTable } from './published.js';
import { robustnessSection } from './robustness.js';
import { splitsTable } from './splits.js';
import { training } from './training.js';

/** The parts of a task's section that there is something to say in. */
export function taskParts(task: TaskReport): Part[] {
  return [
    scoresTable(task),
    publishedTable(task),
    splitsTable(task),
    learningCurveSection(task),
    crossValidationTable(task),
    errorExamples(task),
    labelBars(task),
    confusion(task),
    falseAlarmsTable(task),
    robustnessSection(task),
    training(task),
    dataSection(task),
  ].filter((part) => part !== undefined);
}

export function taskSection(task: TaskReport, index: number, parts: readonly Part[]): Markup {
  return html`<section class="task" id="${taskId(index)}">
    <h2>${title(task.name)}</h2>
    <p class="quiet">
      ${kindName(task.kind)} ${task.labels.length > 0 && html` · ${plural(task.labels.length, 'label')}`} ·
      ${task.data.dataset}
    </p>
    ${parts.map((part) => drawPart(part, index))}
  </section>`;
}
