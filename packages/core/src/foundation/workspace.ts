/** Where things are that are not given by name: the workspace, and the cache of this user. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The nearest folder, from `start` upwards, that holds nx.json; `start` itself where none does. */
export function workspaceRoot(start = process.cwd()): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (folder === dirname(folder)) return start;
  }
}

/** Downloaded data, tokenised texts and what frozen layers say of them: `FIELDCRAFT_CACHE`, or `~/.cache/fieldcraft`. */
export function userCacheFolder(): string {
  return resolve(process.env['FIELDCRAFT_CACHE'] || join(homedir(), '.cache', 'fieldcraft'));
}
