/** The table of contents: beside the page where there is room, above it where there is not; the parts of the task in view unfold. */
import { html, type Markup } from '../markup.js';
import type { RunReport } from '../schema.js';
import { title } from '../words.js';
import { curriculumId } from './curriculum.js';
import { glossaryId } from './glossary.js';
import { partId, taskId, type Part } from './part.js';

export function contents({ tasks, curriculum }: RunReport, parts: readonly (readonly Part[])[]): Markup {
  return html`<a class="skip" href="#main">Skip to the report</a>
    <nav aria-label="Contents">
      <ol>
        <li><a href="#main">Overview</a></li>
        ${curriculum !== undefined && html`<li><a href="#${curriculumId}">Before the tasks</a></li>`}
        ${tasks.map(
          (task, i) =>
            html`<li>
              <a href="#${taskId(i)}">${title(task.name)}</a>
              <ol>
                ${parts[i]?.map((part) => html`<li><a href="#${partId(i, part)}">${part.title}</a></li>`)}
              </ol>
            </li>`,
        )}
        <li><a href="#${glossaryId}">What the words mean</a></li>
        <li><a href="#run">How it was made</a></li>
      </ol>
    </nav>`;
}
