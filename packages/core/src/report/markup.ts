/** HTML and SVG by template: whatever is put in is escaped, unless it is markup itself. */
import { FieldcraftError } from '../foundation/index.js';

const source = Symbol('markup');

/** A well-formed piece of HTML or SVG. Made by `html`, so nothing unescaped becomes one by accident. */
export interface Markup {
  readonly [source]: string;
}

/** What a template takes. Numbers are coordinates: at most two decimals, always finite. Undefined and false vanish. */
export type Content = string | number | Markup | undefined | false | readonly Content[];

/** Joins a template with its values escaped; safe between tags and within quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  return { [source]: strings.map((text, i) => text + render(values[i])).join('') };
}

/** Our own constant text, taken as it is: a document type, a style sheet, a script. Never what came from outside. */
export function rawText(text: string): Markup {
  return { [source]: text };
}

/** The page as text. */
export function toText(markup: Markup): string {
  return markup[source];
}

function render(content: Content): string {
  if (content === undefined || content === false) return '';
  if (typeof content === 'string') return escape(content);
  if (typeof content === 'number') return coordinate(content);
  if (source in content) return content[source];
  return content.map(render).join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Characters that HTML forbids even when escaped: controls, half surrogate pairs and noncharacters. */
const forbidden =
  // eslint-disable-next-line no-control-regex -- controls are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufdd0-\ufdef\p{Cs}]|[\u{fffe}\u{ffff}\u{1fffe}\u{1ffff}\u{10fffe}\u{10ffff}]/gu;

function escape(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(forbidden, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function coordinate(value: number): string {
  if (!Number.isFinite(value)) {
    throw new FieldcraftError('FC_INTERNAL', {
      what: 'a chart has a coordinate that is no number',
      got: String(value),
    });
  }
  return String(Math.round(value * 100) / 100 + 0);
}
