/** A run's report as one page: nothing is fetched, and it reads without its script. */
import { html } from './markup.js';
import { contents } from './page/contents.js';
import { curriculumSection } from './page/curriculum.js';
import { domainsSection } from './page/domains.js';
import { pageOf } from './page/frame.js';
import { glossary } from './page/glossary.js';
import { headline, pageTitle } from './page/headline.js';
import { runSection } from './page/run-section.js';
import { taskParts, taskSection } from './page/task-section.js';
import type { RunReport } from './schema.js';

/** One self-contained HTML page. Every text is escaped; what stands in the data cannot run or fetch. */
export function renderReport(report: RunReport): string {
  const { tasks } = report;
  const parts = tasks.map(taskParts);
  return pageOf({
    title: `${pageTitle(report)} · training report`,
    body: html`${contents(report, parts)}
      <main id="main" tabindex="-1">
        ${headline(report)} ${curriculumSection(report)} ${domainsSection(report)}
        ${tasks.map((task, i) => taskSection(task, i, parts[i] ?? []))} ${glossary(tasks)} ${runSection(report)}
      </main>`,
  });
}
