/** Describes, quickly and without reading contents, all that a training takes from outside the workspace. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

interface Outside {
  /** Workspace root; relative paths start there. */
  root: string;
  env: NodeJS.ProcessEnv;
  /** The options of the training; those that name an existing file or folder are described too. */
  options: Record<string, unknown>;
}

/** One line a file (path, size, time of change) and a variable; two equal descriptions mean the same weights and data. */
export function describeOutside({ root, env, options }: Outside): string {
  const lines: string[] = [];
  for (const name of Object.keys(env).sort()) {
    if (/^(FIELDCRAFT_(?!MIRROR$)|HF_ENDPOINT$|HF_HUB_OFFLINE$)/.test(name)) lines.push(`${name}=${env[name] ?? ''}`);
  }
  const mirror = env['FIELDCRAFT_MIRROR'];
  if (mirror !== undefined && mirror !== '') {
    for (const part of ['models', 'data']) lines.push(...describeFiles(join(resolve(root, mirror), part), part));
  }
  lines.push(...describeHubCache(hubCache(env)));
  for (const [option, value] of Object.entries(options)) {
    if (option.startsWith('_')) continue;
    for (const path of (Array.isArray(value) ? value : [value]) as unknown[]) {
      if (typeof path === 'string' && path !== '') lines.push(...describeFiles(resolve(root, path), option));
    }
  }
  return lines.join('\n');
}

/** Every file below `path` (or `path` itself), in a stable order; nothing where there is nothing. Links count as what they point at. */
function describeFiles(path: string, label: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [`${label} ${stats.size} ${stats.mtimeMs}`];
  return readdirSync(path)
    .sort()
    .flatMap((entry) => describeFiles(join(path, entry), `${label}/${entry}`));
}

/** Where Hugging Face's libraries keep what they have downloaded. */
function hubCache(env: NodeJS.ProcessEnv): string {
  return env['HF_HUB_CACHE'] ?? join(env['HF_HOME'] ?? join(homedir(), '.cache', 'huggingface'), 'hub');
}

/** The models in the hub's cache, each with the revisions it holds: a revision's files never change. */
function describeHubCache(cache: string): string[] {
  return list(cache)
    .filter((name) => name.startsWith('models--'))
    .flatMap((model) => [
      ...list(join(cache, model, 'refs')).map(
        (ref) => `${model} ${ref} ${readFileSync(join(cache, model, 'refs', ref), 'utf8')}`,
      ),
      ...list(join(cache, model, 'snapshots')).map(
        (revision) => `${model} ${revision} ${list(join(cache, model, 'snapshots', revision)).join(' ')}`,
      ),
    ]);
}

function list(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder).sort() : [];
}
