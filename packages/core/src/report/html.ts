/** A run's report as one page: nothing is fetched, and it reads without its script. */
import { createHash } from 'node:crypto';
import { html, rawText, toText } from './markup.js';
import { headline, pageTitle } from './page/headline.js';
import { runSection } from './page/run-section.js';
import { script } from './page/script.js';
import { styles } from './page/styles.js';
import { taskSection } from './page/task-section.js';
import type { RunReport } from './schema.js';
import { title } from './words.js';

/** What is hashed must be what stands between the tags, to the last line break. */
const inlineStyles = rawText(`<style>${styles}</style>`);
const inlineScript = rawText(`<script>${script}</script>`);

/**
 * One self-contained HTML page. Every text is escaped, and a content security policy allows this page's own style and script
 * alone, by their hashes: what stands in the data cannot run or fetch.
 */
export function renderReport(report: RunReport): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(styles)}'`,
    `script-src '${hashOf(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${policy}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="referrer" content="no-referrer" />
      <title>${pageTitle(report)} · training report</title>
      ${inlineStyles}
    </head>
    <body>
      <nav aria-label="Sections">
        ${report.tasks.map((task, i) => html`<a href="#task-${i + 1}">${title(task.name)}</a> `)}
        <a href="#run">How it was made</a>
      </nav>
      <main>${headline(report)} ${report.tasks.map((task, i) => taskSection(task, i))} ${runSection(report)}</main>
      ${inlineScript}
    </body>
  </html>`;
  return `<!doctype html>\n${toText(page)}\n`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
