/** Where the mirror is: a folder with `models/` and `data/` as published, for machines that reach no hub. */
import { resolve } from 'node:path';
import { workspaceRoot } from '../foundation/index.js';

/**
 * The mirror's absolute path, or undefined where none is set. `mirror` comes before `FIELDCRAFT_MIRROR`; a relative value counts from the
 * workspace root, not from wherever a command happens to run.
 */
export function mirrorFolder(mirror = process.env['FIELDCRAFT_MIRROR']): string | undefined {
  return mirror === undefined || mirror === '' ? undefined : resolve(workspaceRoot(), mirror);
}
