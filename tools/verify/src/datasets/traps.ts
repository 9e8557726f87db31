/** The traps of a dataset as its source words them, each with the test that shows its handling. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@fieldcraft/core';
import { trapTable } from './trap-table.js';

export interface Trap {
  /** The beginning of what the source says. */
  readonly trap: string;
  /** The spec file and the title of its test, or why there is nothing to show. */
  readonly shown: string;
}

/**
 * @param issues the `known_issues` of a SOURCE.json: sentences, or objects with figures
 * @throws Error for a trap without a row in the table, a row without a trap, and a test that is not there
 */
export function findTraps(dataset: string, issues: readonly unknown[]): Trap[] {
  const rows = Object.entries(trapTable[dataset] ?? {});
  const found = issues.map((issue) => {
    const text = typeof issue === 'string' ? issue : JSON.stringify(issue);
    const row = rows.find(([words]) => text.includes(words));
    if (row === undefined) throw new Error(`no test is named for this trap of its source: ${text.slice(0, 200)}`);
    const [words, shown] = row;
    const said = 'test' in shown ? placeOf(shown.test) : `no test: ${shown.limit}`;
    return { words, trap: text.length > 110 ? `${text.slice(0, 107)}...` : text, shown: said };
  });
  const unused = rows.find(([words]) => !found.some((trap) => trap.words === words));
  if (unused) throw new Error(`its source no longer speaks of "${unused[0]}"`);
  return found.map(({ trap, shown }) => ({ trap, shown }));
}

/** `file: title`. @throws Error where no spec has a test of that title */
export function placeOf(title: string): string {
  const spec = specs().find(({ text }) => text.includes(`'${title}'`) || text.includes(`\`${title}\``));
  if (spec === undefined) throw new Error(`there is no test "${title}"`);
  return `${spec.path}: ${title}`;
}

/** Where tests of datasets and of their reading stand. */
const folders = ['data', 'data/readers', 'tasks'];

let read: readonly { readonly path: string; readonly text: string }[] | undefined;

const specs = () =>
  (read ??= folders.flatMap((folder) => {
    const path = join('packages', 'core', 'src', folder);
    return readdirSync(join(workspaceRoot(), path))
      .filter((file) => file.endsWith('.spec.ts'))
      .map((file) => ({ path: join(path, file), text: readFileSync(join(workspaceRoot(), path, file), 'utf8') }));
  }));
