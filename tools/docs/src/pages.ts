/** The pages that people read, and the parts of their Markdown that can be held against the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Folders of the repository; a path that begins otherwise (`runs/`, `dist/`) is made by a command. */
const folders = ['.ci', 'apps', 'data-cards', 'deploy', 'docs', 'packages', 'tools'];

/** README.md, CONTRIBUTING.md and all of docs, as paths below the root. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].sort();

export const readPage = (page: string): string => readFileSync(join(root, page), 'utf8');

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The fenced blocks of a language, in order. */
export const codeBlocks = (markdown: string, language: string): string[] =>
  [...markdown.matchAll(fence)].filter((match) => match[1] === language).map((match) => match[2] ?? '');

/** Paths below the root that a page names as code or links to and that do not exist. Of `packages/<name>/src`, `packages` must exist. */
export function missingPaths(page: string, markdown: string): string[] {
  const prose = markdown.replace(fence, '');
  const named = [...prose.matchAll(/`([^`\n]+)`/g)]
    .flatMap((match) => (match[1] ?? '').split(/[\s,]+/))
    .filter((word) => /^[\w.@*<>/-]+$/.test(word) && folders.includes(word.split('/')[0] ?? ''));
  const linked = [...prose.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(page), target));
  return [...new Set([...named, ...linked])].filter((path) => !existsSync(join(root, fixedPart(path))));
}

/** A path up to its first part with a placeholder or an asterisk. */
function fixedPart(path: string): string {
  const parts = path.split('/');
  const open = parts.findIndex((part) => /[<*]/.test(part));
  return (open < 0 ? parts : parts.slice(0, open)).join('/');
}
