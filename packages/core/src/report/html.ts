/** A run's report as one page: nothing is fetched, and it reads without its script. */
import { html } from './markup.js';
import { pageOf } from './page/frame.js';
import { headline, pageTitle } from './page/headline.js';
import { runSection } from './page/run-section.js';
import { taskSection } from './page/task-section.js';
import type { RunReport } from './schema.js';
import { title } from './words.js';

/** One self-contained HTML page. Every text is escaped; what stands in the data cannot run or fetch. */
export function renderReport(report: RunReport): string {
  return pageOf({
    title: `${pageTitle(report)} · training report`,
    body: html`<nav aria-label="Sections">
        ${report.tasks.map((task, i) => html`<a href="#task-${i + 1}">${title(task.name)}</a> `)}
        <a href="#run">How it was made</a>
      </nav>
      <main>${headline(report)} ${report.tasks.map((task, i) => taskSection(task, i))} ${runSection(report)}</main>`,
  });
}
