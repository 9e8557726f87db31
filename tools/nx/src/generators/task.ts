/** `nx g @fieldcraft/nx:task`: one more task of a vertical, learnt from a file of one's own. */
import { resolve } from 'node:path';
import { FieldcraftError, suggestNames } from '@fieldcraft/core';
import { formatFiles, logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { addTask } from './add-task.js';
import { checkName, helperOf } from './names.js';
import { describeOwnData, type OwnData } from './own-data.js';
import type { FileHints } from './recognise.js';

export interface DataOptions extends FileHints {
  /** Relative to where the person stands. */
  data: string;
  language?: string;
}

export interface TaskOptions extends DataOptions {
  name: string;
  vertical: string;
  /** The task is there: the file takes the place of its old one. */
  replace?: boolean;
}

/** @throws FieldcraftError before anything is written */
export async function task(tree: Tree, options: TaskOptions): Promise<GeneratorCallback> {
  const { name, vertical, replace = false, ...dataOptions } = options;
  checkName(name, 'the task’s name');
  const module = moduleOf(vertical);
  if (!tree.exists(module)) {
    const verticals = tree.children('packages').filter((folder) => tree.exists(moduleOf(folder)));
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `there is no vertical "${vertical}"`,
      where: '--vertical',
      fix: `${suggestNames(vertical, verticals)}; a new one is made by npx nx g @fieldcraft/nx:vertical`,
    });
  }
  const own = await describeTaskData(tree, { vertical, name, replace, options: dataOptions });
  if (replace) tree.write(cardOf(datasetOf({ vertical, name })), own.card);
  else writeTask(tree, { vertical, name, own });
  await formatFiles(tree);
  // Data is copied as it is, and so after the formatting: its checksum stands in the card.
  tree.write(own.target, own.content);
  return () =>
    logger.info(
      `\nThe task ${name} learns ${own.summary}.\n  npx nx train ${vertical} --tasks ${name} --profile quick`,
    );
}

const moduleOf = (vertical: string): string => `packages/${vertical}/src/vertical.ts`;
const cardOf = (dataset: string): string => `data-cards/${dataset}.md`;

interface TaskPlace {
  vertical: string;
  name: string;
}

/** Cards are of the whole workspace: a dataset is named after its field and its task. */
const datasetOf = ({ vertical, name }: TaskPlace): string => `${vertical}-${name}`;

export async function describeTaskData(
  tree: Tree,
  { vertical, name, replace = false, options }: TaskPlace & { replace?: boolean; options: DataOptions },
): Promise<OwnData> {
  const dataset = datasetOf({ vertical, name });
  const before = tree.read(cardOf(dataset), 'utf8') ?? undefined;
  if (replace !== (before !== undefined)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `there is ${replace ? 'no data card' : 'a data card'} "${dataset}" ${replace ? 'to replace' : 'already'}`,
      where: cardOf(dataset),
      fix: replace
        ? 'leave --replace out'
        : 'choose another name for the task, or put a new file in its place with --replace',
    });
  }
  const { data, ...hints } = options;
  return describeOwnData({
    ...hints,
    ...(before === undefined ? {} : { before }),
    ...{ path: resolve(placeOf(tree), data), name: dataset, field: vertical },
  });
}

/** Nx works in the workspace's root, wherever inside it the person stands. */
function placeOf(tree: Tree): string {
  const here = process.env['INIT_CWD'];
  return here?.startsWith(tree.root) === true ? here : process.cwd();
}

/** The card, and the task in its vertical. The data itself is written by the caller. */
export function writeTask(tree: Tree, { vertical, name, own }: TaskPlace & { own: OwnData }): void {
  const dataset = datasetOf({ vertical, name });
  const module = moduleOf(vertical);
  const source = tree.read(module, 'utf8') ?? '';
  const summary = `${own.summary.charAt(0).toUpperCase()}${own.summary.slice(1)}.`;
  tree.write(module, addTask(source, { name, helper: helperOf(own.kind), data: dataset, summary }, module));
  tree.write(cardOf(dataset), own.card);
}
