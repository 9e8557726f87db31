/** What a paper is called on the screen. */
import type { Paper } from '../src/papers.js';

export const nameOf = ({ title, text, id }: Paper): string =>
  title ?? (text.length > 90 ? `${text.slice(0, 90).trimEnd()}…` : text === '' ? id : text);
