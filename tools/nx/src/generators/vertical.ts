/** `nx g @fieldcraft/nx:vertical`: a field of one's own, which trains at once on a file of one's own. */
import { fileURLToPath } from 'node:url';
import { FieldcraftError } from '@fieldcraft/core';
import {
  formatFiles,
  generateFiles,
  getProjects,
  logger,
  readJson,
  updateJson,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { checkName, kebab } from './names.js';
import { stemOf } from './recognise.js';
import { describeTaskData, writeTask, type DataOptions } from './task.js';

export interface VerticalOptions extends DataOptions {
  name: string;
  taskName?: string;
  title?: string;
}

const templates = fileURLToPath(new URL('../../templates/vertical', import.meta.url));

/** @throws FieldcraftError before anything is written */
export async function vertical(tree: Tree, options: VerticalOptions): Promise<GeneratorCallback> {
  const { name, taskName, title, ...dataOptions } = options;
  checkName(name, 'the field’s name');
  const folder = `packages/${name}`;
  if (tree.exists(folder) || getProjects(tree).has(name)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `there is a project "${name}" already`,
      where: getProjects(tree).get(name)?.root ?? folder,
      fix: 'choose another name; npx nx g @fieldcraft/nx:task adds a task to a field that is there',
    });
  }
  const task = taskName ?? kebab(stemOf(options.data));
  checkName(task, taskName === undefined ? 'the name of the file; name the task with --task-name' : '--task-name');
  const own = await describeTaskData(tree, { vertical: name, name: task, options: dataOptions });
  const heading = title ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
  const { version } = readJson<{ version: string }>(tree, 'packages/core/package.json');
  generateFiles(tree, templates, folder, { name, task, title: quoted(heading), version });
  writeTask(tree, { vertical: name, name: task, own });
  addReference(tree, folder);
  addToLock(tree, name);
  await formatFiles(tree);
  // Data is copied as it is, and so after the formatting: its checksum stands in the card.
  tree.write(own.target, own.content);
  return () =>
    logger.info(
      `\nThe field ${name} learns ${own.summary} in its task ${task}.\n  npx nx train ${name} --profile quick`,
    );
}

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;

/** `tsc -b` in the root builds every project. The other lines of the file stay as they are. */
function addReference(tree: Tree, folder: string): void {
  const path = 'tsconfig.json';
  const { references = [] } = readJson<{ references?: { path: string }[] }>(tree, path);
  const paths = references.map((reference) => reference.path);
  // Behind core and cli the verticals stand in the order of their names, then the tools.
  const follows = paths.findIndex(
    (other) => !['packages/core', 'packages/cli'].includes(other) && (other > folder || !other.startsWith('packages/')),
  );
  paths.splice(follows < 0 ? paths.length : follows, 0, folder);
  const lines = paths.map((other) => `{ "path": ${JSON.stringify(other)} }`).join(',\n');
  const text = (tree.read(path, 'utf8') ?? '').replace(
    /"references":\s*\[[^\]]*\]/,
    () => `"references": [\n${lines}\n]`,
  );
  tree.write(path, text);
}

/** `npm ci` refuses a workspace that its lock does not know. */
function addToLock(tree: Tree, name: string): void {
  const path = 'package-lock.json';
  if (!tree.exists(path)) return;
  const folder = `packages/${name}`;
  const manifest = readJson<Record<string, unknown>>(tree, `${folder}/package.json`);
  updateJson<{ packages: Record<string, object> }>(tree, path, (lock) => {
    const { name: full, version, license, dependencies } = manifest;
    const packages = {
      ...lock.packages,
      [`node_modules/@fieldcraft/${name}`]: { resolved: folder, link: true },
      [folder]: { name: full, version, license, dependencies },
    };
    const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
    return { ...lock, packages: Object.fromEntries(sorted) };
  });
}
