/** Whether a training depends only on what is on this machine, or also on what the network gives it at that moment. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { namedPath } from './outside.js';
import { dataCache, hubCache, mirrorFolder, namesIn, ownData, type Surroundings } from './places.js';

interface Training extends Surroundings {
  /** The project's `src/vertical.ts`: Nx hashes before anything is built, so it is read as text. */
  vertical: string;
  options: Record<string, unknown>;
}

/**
 * True if base and data are all in the workspace, the mirror or a cache, or no network is to be asked. Otherwise a run downloads what it lacks, or falls back on
 * samples and an encoder from scratch: which of them, nobody knows beforehand.
 */
export function isAtHand({ root, env, vertical, options }: Training): boolean {
  if (env['HF_HUB_OFFLINE'] === '1') return true;
  const source = existsSync(vertical) ? readFileSync(vertical, 'utf8') : '';
  const declared = (field: string) => new RegExp(`\\b${field}: '([^']+)'`).exec(source)?.[1];
  const named = options['base'] ?? declared('base');
  const base = named === 'field' ? declared('fieldBase') : named;
  const folders = namesIn(join(root, 'data-cards'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => basename(file, '.md'))
    .filter((name) => source.includes(`'${name}'`))
    .map((name) => folderOf(join(root, 'data-cards', `${name}.md`)) ?? name);
  const here = { root, env };
  return typeof base === 'string' && hasModel(base, here) && folders.every((name) => hasData(name, here));
}

function hasModel(base: string, here: Surroundings): boolean {
  const mirror = mirrorFolder(here);
  const cached = join(hubCache(here), `models--${base.replaceAll('/', '--')}`);
  return [
    namedPath(here.root, base),
    ...(mirror === undefined ? [] : [join(mirror, 'models', base)]),
    ...namesIn(join(cached, 'refs'))
      .filter((ref) => ref === 'main')
      .map((ref) => join(cached, 'snapshots', readFileSync(join(cached, 'refs', ref), 'utf8').trim())),
  ].some((folder) => isModel(namesIn(folder)));
}

/** A config with weights in one file, or in all of the shards that their names speak of. */
function isModel(files: readonly string[]): boolean {
  if (!files.includes('config.json')) return false;
  if (files.some((name) => name === 'model.safetensors' || name === 'pytorch_model.bin')) return true;
  const shards = files.flatMap((name) => /-of-(\d+)\.(?:safetensors|bin)$/.exec(name)?.[1] ?? []);
  return shards.length > 0 && shards.length === Number(shards[0]);
}

/** The folder that a card names, where it is not its own name. */
function folderOf(card: string): string | undefined {
  return /^folder: (\S+)$/m.exec(readFileSync(card, 'utf8'))?.[1];
}

/** Datasets lie in a folder named after their field. */
function hasData(name: string, here: Surroundings): boolean {
  const mirror = mirrorFolder(here);
  return [ownData(here), dataCache(here), ...(mirror === undefined ? [] : [join(mirror, 'data')])].some((data) =>
    namesIn(data).some((field) => namesIn(join(data, field)).includes(name)),
  );
}
