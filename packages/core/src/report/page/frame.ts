/** What every page has around its content: its head, its one style sheet and script, and a policy that nothing else may run or be fetched. */
import { createHash } from 'node:crypto';
import { html, rawText, toText, type Markup } from '../markup.js';
import { script } from './script.js';
import { styles } from './styles.js';

/** What is hashed must be what stands between the tags, to the last line break. */
const inlineStyles = rawText(`<style>${styles}</style>`);
const inlineScript = rawText(`<script>${script}</script>`);

/** A self-contained HTML page. A content security policy allows its own style and script alone, by their hashes. */
export function pageOf({ title, body }: { title: string; body: Markup }): string {
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
      <title>${title}</title>
      ${inlineStyles}
    </head>
    <body>
      ${body} ${inlineScript}
    </body>
  </html>`;
  return `<!doctype html>\n${toText(page)}\n`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
