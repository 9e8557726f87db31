/** Where the workspace is: the folder that relative settings count from. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest folder, from `start` upwards, that holds nx.json; `start` itself where none does. */
export function workspaceRoot(start = process.cwd()): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (folder === dirname(folder)) return start;
  }
}
