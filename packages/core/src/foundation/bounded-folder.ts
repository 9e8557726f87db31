/** Folders of files that can be made again: they are kept below a size, and what was used longest ago goes first. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Removes files of `extension` used longest ago (and what a killed process left half written) until the rest is small enough. */
export function dropOldest(folder: string, { extension, maxBytes }: { extension: string; maxBytes: number }): void {
  const files = readdirSync(folder)
    .filter((name) => name.includes(extension))
    .flatMap((name) => {
      const path = join(folder, name);
      // Another process may have removed it.
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ path, bytes: stat.size, used: stat.mtimeMs }];
    })
    .sort((a, b) => b.used - a.used);
  let kept = 0;
  for (const { path, bytes } of files) {
    kept += bytes;
    if (kept > maxBytes) rmSync(path, { force: true });
  }
}
