/** Where the mirror is: a folder with `models/` and `data/` as published, for machines that reach no hub. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The mirror's absolute path, or undefined where none is set. `mirror` comes before `FIELDCRAFT_MIRROR`; a relative value counts from the
 * workspace root, not from wherever a command happens to run.
 */
export function mirrorFolder(mirror = process.env['FIELDCRAFT_MIRROR']): string | undefined {
  return mirror === undefined || mirror === '' ? undefined : resolve(workspaceRoot(), mirror);
}

/** The nearest folder, from the working folder upwards, that holds nx.json; the working folder itself where none does. */
function workspaceRoot(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (folder === dirname(folder)) return process.cwd();
  }
}
