/** Finds verticals: packages of the workspace that have a vertical.ts, or installed packages named @fieldcraft/<name>. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suggestNames } from '../data/index.js';
import { FieldcraftError, workspaceRoot } from '../foundation/index.js';

export interface FoundVertical {
  readonly name: string;
  /** File URL of its compiled module. */
  readonly module: string;
}

/** Names of the workspace's verticals, sorted. */
export function listVerticals(root = workspaceRoot()): string[] {
  const packages = join(root, 'packages');
  if (!existsSync(packages)) return [];
  return readdirSync(packages)
    .filter((name) => ['src/vertical.ts', 'dist/vertical.js'].some((file) => existsSync(join(packages, name, file))))
    .sort();
}

/** @throws FieldcraftError FC_NOT_FOUND with the nearest names, or with how to build it */
export function findVertical(name: string, root = workspaceRoot()): FoundVertical {
  const names = listVerticals(root);
  if (!names.includes(name)) {
    const installed = findInstalled(name, root);
    if (installed !== undefined) return installed;
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `there is no vertical "${name}"`,
      where: join(root, 'packages'),
      fix:
        names.length === 0
          ? 'run this in a Fieldcraft workspace, or install @fieldcraft/<name>'
          : suggestNames(name, names),
    });
  }
  const module = join(root, 'packages', name, 'dist', 'vertical.js');
  if (existsSync(module)) return { name, module: pathToFileURL(module).href };
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: `the vertical "${name}" is not built`,
    where: module,
    fix: `npx nx build ${name}`,
  });
}

/** File URLs of the workspace's verticals that are built. */
export const builtVerticals = (root = workspaceRoot()): string[] =>
  listVerticals(root)
    .map((name) => join(root, 'packages', name, 'dist', 'vertical.js'))
    .filter((file) => existsSync(file))
    .map((file) => pathToFileURL(file).href);

function findInstalled(name: string, root: string): FoundVertical | undefined {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) return undefined;
  try {
    const file = createRequire(join(root, 'package.json')).resolve(`@fieldcraft/${name}`);
    if (basename(file) !== 'vertical.js') return undefined;
    return { name, module: pathToFileURL(file).href };
  } catch {
    return undefined;
  }
}
