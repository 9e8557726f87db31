/** Where weights and data may lie outside what git knows of the workspace. Core knows the same places, but is not built yet when Nx loads this plugin. */
import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Surroundings {
  /** Workspace root; relative paths start there. */
  root: string;
  env: NodeJS.ProcessEnv;
}

/** Folder with `models` and `data`, where one is named. */
export function mirrorFolder({ root, env }: Surroundings): string | undefined {
  const mirror = env['FIELDCRAFT_MIRROR'];
  return mirror === undefined || mirror === '' ? undefined : resolve(root, mirror);
}

/** Datasets of the people who work here, which git ignores, so that Nx does not hash them. */
export const ownData = ({ root }: Surroundings): string => join(root, 'data');

/** Datasets that Fieldcraft has downloaded. */
export function dataCache({ root, env }: Surroundings): string {
  return resolve(root, env['FIELDCRAFT_CACHE'] || join(homedir(), '.cache', 'fieldcraft'), 'data');
}

/** Models that Hugging Face's libraries have downloaded. */
export function hubCache({ root, env }: Surroundings): string {
  const caches = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return resolve(root, env['HF_HUB_CACHE'] || join(env['HF_HOME'] || join(caches, 'huggingface'), 'hub'));
}

/** The names in a folder, sorted; none where there is no folder. */
export function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder).sort() : [];
}
