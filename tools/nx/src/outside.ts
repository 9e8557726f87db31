/** Describes, quickly and without reading contents, all that a training takes from outside the workspace, and what git ignores inside it. */
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { dataCache, hubCache, mirrorFolder, namesIn, ownData, type Surroundings } from './places.js';

interface Outside extends Surroundings {
  /** The options of the training; those that name an existing file or folder are described too. */
  options: Record<string, unknown>;
}

/** Variables that change what is trained. Folders are described by what they hold, and some of ours only steer how a run goes. */
const counts = /^(FIELDCRAFT_(?!(MIRROR|CACHE|CHECKPOINT_SECONDS|PYTHON)$)|HF_ENDPOINT$|HF_HUB_OFFLINE$)/;

/** One line a file (path, size, time of change) and a variable; two equal descriptions mean the same weights and data. */
export function describeOutside({ root, env, options }: Outside): string {
  const lines: string[] = [];
  for (const name of Object.keys(env).sort()) {
    if (counts.test(name)) lines.push(`${name}=${env[name] ?? ''}`);
  }
  const mirror = mirrorFolder({ root, env });
  if (mirror !== undefined) {
    for (const part of ['models', 'data']) lines.push(...describeFiles(join(mirror, part), part));
  }
  lines.push(...describeFiles(ownData({ root, env }), 'own'));
  lines.push(...describeFiles(dataCache({ root, env }), 'cache'), ...describeHubCache(hubCache({ root, env })));
  for (const [option, value] of Object.entries(options)) {
    if (option.startsWith('_')) continue;
    for (const named of (Array.isArray(value) ? value : [value]) as unknown[])
      if (typeof named === 'string')
        for (const path of pathsOf(named)) lines.push(...describeFiles(namedPath(root, path), option));
  }
  return lines.join('\n');
}

/** What of an option's text may be paths: all of it, or the parts of a list, of `task=path` what follows. */
const pathsOf = (text: string): string[] =>
  [text, ...(/[,=]/.test(text) ? text.split(',').map((part) => part.slice(part.indexOf('=') + 1).trim()) : [])].filter(
    (path) => path !== '',
  );

/** What a person means by a path. */
export const namedPath = (root: string, path: string): string =>
  resolve(root, path.replace(/^~(?=[/\\]|$)/, homedir()));

/** Every file below `path` (or `path` itself), in a stable order; nothing where there is nothing. Links count as what they point at. */
function describeFiles(path: string, label: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [`${label} ${stats.size} ${stats.mtimeMs}`];
  return namesIn(path).flatMap((entry) => describeFiles(join(path, entry), `${label}/${entry}`));
}

/** The models in the hub's cache, each with the revisions it holds: a revision's files never change. */
function describeHubCache(cache: string): string[] {
  return namesIn(cache)
    .filter((name) => name.startsWith('models--'))
    .flatMap((model) => [
      ...namesIn(join(cache, model, 'refs')).map(
        (ref) => `${model} ${ref} ${readFileSync(join(cache, model, 'refs', ref), 'utf8')}`,
      ),
      ...namesIn(join(cache, model, 'snapshots')).map(
        (revision) => `${model} ${revision} ${namesIn(join(cache, model, 'snapshots', revision)).join(' ')}`,
      ),
    ]);
}
